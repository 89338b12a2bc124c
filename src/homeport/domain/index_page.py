"""What an installer sees: project pages and lines of the project list, as frozen values.

A page knows nothing of HTML or JSON. Which links it may hold depends on the hosting mode (standards D.2):
hosted files always; external links and the homepage and download anchors in ``pypi-ext`` only.

1. A quarantined project offers nothing (PEP 792).
2. A file name is offered once, and a hosted file is preferred to a link (PEP 470, I-06).
3. A link leads to http or https by a URL that can be read; other schemes are somebody's trick (T-21).
4. The order is that of versions, then file names, so that an unchanged page has unchanged bytes.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple
from urllib.parse import quote, urlsplit

from homeport.domain.names import version_order
from homeport.domain.project import ProjectStatus
from homeport.domain.release import ExternalLink, HostedFile

# Grows with every change of how pages are written: what was rendered by another version is rendered anew.
RENDERING = 3


@dataclass(frozen=True)
class MetadataLink:
    """An anchor for crawling clients (PEP 438): a release's home page or download URL."""

    rel: Literal["homepage", "download"]
    version: str
    url: str


@dataclass(frozen=True)
class ProjectPage:
    """Everything ``/simple/<name>/`` says. ``name`` is in PEP 503 form; ``serial`` is its last change.

    ``versions`` holds every version, also those without files, each once (PEP 700). ``root`` is the path below which
    its files are served, empty for the index itself.
    """

    name: str
    serial: int
    versions: tuple[str, ...]
    files: tuple[HostedFile, ...]
    external: tuple[ExternalLink, ...] = ()
    links: tuple[MetadataLink, ...] = ()
    status: ProjectStatus = ProjectStatus.ACTIVE
    status_reason: str = ""
    root: str = ""

    @property
    def offers_files(self) -> bool:
        """False while the project is quarantined."""
        return self.status is not ProjectStatus.QUARANTINED

    @cached_property
    def shown_versions(self) -> tuple[str, ...]:
        """Every version, oldest first."""
        return tuple(sorted(self.versions, key=version_order))

    @cached_property
    def shown_files(self) -> tuple[HostedFile, ...]:
        """The hosted files that installers are given, in order."""
        if not self.offers_files:
            return ()
        return tuple(
            sorted(self.files, key=lambda file: (*version_order(file.version.normalized), file.filename))
        )

    @cached_property
    def shown_external(self) -> tuple[ExternalLink, ...]:
        """The external links that installers are given, in order; of several with one name the first URL."""
        if not self.offers_files:
            return ()
        hosted = {file.filename for file in self.files}
        by_name: dict[str, ExternalLink] = {}
        for link in sorted(self.external, key=lambda link: link.url):
            if link.filename not in hosted and _leads_to_the_web(link.url):
                by_name.setdefault(link.filename, link)
        return tuple(
            sorted(
                by_name.values(), key=lambda link: (*version_order(link.version.normalized), link.filename)
            )
        )

    @cached_property
    def shown_links(self) -> tuple[MetadataLink, ...]:
        """The homepage and download anchors that crawling clients are given, in order."""
        if not self.offers_files:
            return ()
        web = (link for link in self.links if _leads_to_the_web(link.url))
        return tuple(sorted(web, key=lambda link: (*version_order(link.version), link.rel, link.url)))


class ListedProject(NamedTuple):
    """One line of ``/simple/``: the display name, its PEP 503 form, and the project's last change."""

    name: str
    normalized: str
    serial: int


def file_url(file: HostedFile, root: str = "") -> str:
    """Where this index serves ``file``: a path, so that it holds under every host name of the index."""
    # "+" and "!" (local versions, epochs) may stand in a path, and then the text is the URL's last segment.
    return f"{root}/files/{file.digests.sha256}/{quote(file.filename, safe='+!')}"


def _leads_to_the_web(url: str) -> bool:
    try:
        urlsplit(url)
    except ValueError:
        # Clients split every URL of a page, and for one that cannot be split they give the page up.
        return False
    return url.lower().startswith(("http://", "https://"))
