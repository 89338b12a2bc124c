"""Where a forge's API lists the releases of a repository, from the address that people paste.

1. GitHub, GitLab and Gitea (Forgejo, Codeberg) are read, on their public hosts and on anybody's own; the kind of the
   source says the dialect, never the host.
2. A page of the repository, whatever stands behind its name, becomes the API's address on the same host
   (``api.github.com`` for ``github.com``). An address of the API is taken as it is, on any host and port.
3. A server that lives below a folder of its host is named by its API's address, for its pages do not tell.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from homeport.domain.errors import Invalid
from homeport.domain.source import Source, SourceKind
from homeport.domain.urls import Url

RELEASES_PER_PAGE = 30
_GITHUB = "github.com"
_API_PATHS: Mapping[SourceKind, re.Pattern[str]] = {
    SourceKind.GITHUB: re.compile(r"(/.*)?/repos/([^/]+/[^/]+)(?:/.*)?"),
    SourceKind.GITLAB: re.compile(r"(/.*)?/api/v4/projects/([^/]+)(?:/.*)?"),
    SourceKind.GITEA: re.compile(r"(/.*)?/api/v1/repos/([^/]+/[^/]+)(?:/.*)?"),
}
_MIDDLE: Mapping[SourceKind, str] = {
    SourceKind.GITHUB: "/repos/",
    SourceKind.GITLAB: "/api/v4/projects/",
    SourceKind.GITEA: "/api/v1/repos/",
}
_PER_PAGE: Mapping[SourceKind, str] = {
    SourceKind.GITHUB: "per_page",
    SourceKind.GITLAB: "per_page",
    SourceKind.GITEA: "limit",
}
_EXAMPLES: Mapping[SourceKind, str] = {
    SourceKind.GITHUB: "https://github.com/OWNER/REPOSITORY",
    SourceKind.GITLAB: "https://gitlab.com/GROUP/PROJECT",
    SourceKind.GITEA: "https://codeberg.org/OWNER/REPOSITORY",
}


def releases_api(kind: SourceKind, url: Url) -> Url:
    """The first page of the API's list of releases, or ``Invalid`` when ``url`` names no repository."""
    path = url.target.partition("?")[0]
    is_pasted_page = kind is SourceKind.GITHUB and url.host in {_GITHUB, f"www.{_GITHUB}"}
    if not is_pasted_page and (api := _API_PATHS[kind].fullmatch(path)):
        return _releases(kind, url.origin, api[1] or "", api[2])
    segments = [segment for segment in path.split("/") if segment]
    if kind is SourceKind.GITLAB:
        # Everything from "-" on is a page of the project; what is before it are groups and the project.
        segments = segments[: segments.index("-")] if "-" in segments else segments
        repository = quote(unquote("/".join(segments).removesuffix(".git")), safe="")
    else:
        repository = "/".join(segments[:2]).removesuffix(".git")
    if len(segments) < 2:  # noqa: PLR2004 - an owner and what they own
        raise Invalid(
            f"{str(url)[:200]!r} names no repository: an address like {_EXAMPLES[kind]} is wanted, or that of its API.",
            code="source-no-repository",
        )
    if is_pasted_page:
        return _releases(kind, "https://api.github.com", "", repository)
    return _releases(kind, url.origin, "/api/v3" if kind is SourceKind.GITHUB else "", repository)


def _releases(kind: SourceKind, origin: str, folder: str, repository: str) -> Url:
    query = f"?{_PER_PAGE[kind]}={RELEASES_PER_PAGE}"
    return Url.parse(f"{origin}{folder}{_MIDDLE[kind]}{repository}/releases{query}")


def asked_address(source: Source) -> str:
    """The URL that is asked first for ``source``; empty for what nobody asks for (``links``)."""
    if source.kind.is_forge:
        return str(releases_api(source.kind, Url.parse(source.url)))
    return source.url
