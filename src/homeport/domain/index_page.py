"""What an installer sees: project pages and the project list, as frozen values.

A page knows nothing of HTML or JSON. Which links it may hold depends on the hosting mode (standards D.2):
hosted files always; external links and the homepage and download anchors in ``pypi-ext`` only.
"""

from dataclasses import dataclass
from typing import Literal

from homeport.domain.project import ProjectStatus
from homeport.domain.release import ExternalLink, HostedFile


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


@dataclass(frozen=True)
class ProjectList:
    """Everything ``/simple/`` says: the visible projects' display names, and the index's serial."""

    serial: int
    names: tuple[str, ...]
