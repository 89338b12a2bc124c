"""What an installer sees: project pages and the project list, as frozen values.

A page knows nothing of HTML or JSON. Which links it may hold depends on the hosting mode (standards D.2):
hosted files always; external links and the homepage and download anchors in ``pypi-ext`` only.

1. A quarantined project offers nothing (PEP 792).
2. A file name is offered once, and a hosted file is preferred to a link (PEP 470, I-06).
3. A link leads to http or https; other schemes are somebody's trick (T-21).
4. The order is that of versions, then file names, so that an unchanged page has unchanged bytes.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from packaging.version import InvalidVersion, Version

from homeport.domain.project import ProjectStatus
from homeport.domain.release import ExternalLink, HostedFile

_NO_VERSION = Version("0")


@dataclass(frozen=True)
class MetadataLink:
    """An anchor for crawling clients (PEP 438): a release's home page or download URL."""

    rel: Literal["homepage", "download"]
    version: str
    url: str


@dataclass(frozen=True)
class ProjectPage:
    """Everything ``/simple/<name>/`` says. ``name`` is in PEP 503 form; ``serial`` is its last change.

    ``versions`` holds every version, also those without files, each once (PEP 700).
    """

    name: str
    serial: int
    versions: tuple[str, ...]
    files: tuple[HostedFile, ...]
    external: tuple[ExternalLink, ...] = ()
    links: tuple[MetadataLink, ...] = ()
    status: ProjectStatus = ProjectStatus.ACTIVE
    status_reason: str = ""

    @property
    def offers_files(self) -> bool:
        """False while the project is quarantined."""
        return self.status is not ProjectStatus.QUARANTINED

    def shown_versions(self) -> tuple[str, ...]:
        """Every version, oldest first."""
        return tuple(sorted(self.versions, key=_version_order))

    def shown_files(self) -> tuple[HostedFile, ...]:
        """The hosted files that installers are given, in order."""
        if not self.offers_files:
            return ()
        return tuple(
            sorted(self.files, key=lambda file: (*_version_order(file.version.normalized), file.filename))
        )

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
                by_name.values(), key=lambda link: (*_version_order(link.version.normalized), link.filename)
            )
        )

    def shown_links(self) -> tuple[MetadataLink, ...]:
        """The homepage and download anchors that crawling clients are given, in order."""
        if not self.offers_files:
            return ()
        web = (link for link in self.links if _leads_to_the_web(link.url))
        return tuple(sorted(web, key=lambda link: (*_version_order(link.version), link.rel, link.url)))


@dataclass(frozen=True)
class ProjectList:
    """Everything ``/simple/`` says: the visible projects' display names, and the index's serial."""

    serial: int
    names: tuple[str, ...]


def file_url(file: HostedFile) -> str:
    """Where this index serves ``file``: a path, so that it holds under every host name of the index."""
    # "+" and "!" (local versions, epochs) may stand in a path, and then the text is the URL's last segment.
    return f"/files/{file.digests.sha256}/{quote(file.filename, safe='+!')}"


def _version_order(version: str) -> tuple[bool, Version, str]:
    try:
        return True, Version(version), version
    except InvalidVersion:
        return False, _NO_VERSION, version


def _leads_to_the_web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))
