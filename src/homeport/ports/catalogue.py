"""What there is to install, as the database remembers it: projects, releases, files, and their outside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from homeport.domain.account import User
from homeport.domain.digests import Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import Project, Role
from homeport.domain.release import ExternalLink, HostedFile


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's role in a project."""

    user: User
    role: Role


class Projects(Protocol):
    """Projects and roles."""

    def add(self, name: ProjectName, mode: HostingMode, at: datetime) -> Project:
        """A new project; raises ``Conflict`` when its PEP 503 form is taken."""
        ...

    def find(self, normalized: str) -> Project | None:
        """The project of that PEP 503 form."""
        ...

    def names(self) -> Sequence[str]:
        """The display names of all visible projects, ordered by their PEP 503 form."""
        ...

    def newest(self, *, limit: int) -> Sequence[Project]:
        """The visible projects that were created last, newest first."""
        ...

    def search(self, text: str, *, limit: int) -> Sequence[Project]:
        """Visible projects whose PEP 503 form holds ``text``: the very name, then beginnings, then the rest."""
        ...

    def set_mode(self, project_id: int, mode: HostingMode) -> None:
        """Change the hosting mode."""
        ...

    def set_serial(self, project_id: int, serial: int) -> None:
        """Remember the ledger entry that last changed the project."""
        ...

    def grant(self, project_id: int, user_id: int, role: Role) -> None:
        """Give a role; an earlier one is replaced."""
        ...

    def role_of(self, project_id: int, user_id: int) -> Role | None:
        """The user's role."""
        ...

    def members(self, project_id: int) -> Sequence[Membership]:
        """Everyone with a role, owners first."""
        ...

    def of_user(self, user_id: int) -> Sequence[Project]:
        """Projects the user has a role in, by name."""
        ...


@dataclass(frozen=True, slots=True)
class Release:
    """A version and the metadata it was registered or first uploaded with."""

    version: ReleaseVersion
    metadata: CoreMetadata


class Releases(Protocol):
    """Versions of projects."""

    def put(
        self, project_id: int, version: ReleaseVersion, metadata: CoreMetadata, *, replace: bool, at: datetime
    ) -> bool:
        """Register a version; ``replace`` updates the metadata of one that exists. True when something changed."""
        ...

    def of_project(self, project_id: int) -> Sequence[Release]:
        """All versions, in the order they were registered."""
        ...

    def find(self, project_id: int, normalized_version: str) -> Release | None:
        """The release of that version."""
        ...

    def newest(self, project_id: int) -> Release | None:
        """The release that was registered last."""
        ...


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a file came from: who published it, and for a rehost the URL and the page that named it."""

    published_by: str
    rehost_id: int | None = None
    url: str = ""
    found_on: str = ""


class Files(Protocol):
    """Hosted files. A name is never given to other bytes (I-04)."""

    def add(
        self, project_id: int, file: HostedFile, provenance: Provenance, metadata_file: bytes | None
    ) -> None:
        """A new file; raises ``Conflict`` when the project has one of that name."""
        ...

    def find(self, project_id: int, filename: str) -> HostedFile | None:
        """The file of that name."""
        ...

    def of_project(self, project_id: int) -> Sequence[HostedFile]:
        """All files of a project."""
        ...

    def provenance(self, project_id: int, filename: str) -> Provenance | None:
        """Where a file came from."""
        ...

    def provenances(self, project_id: int) -> Mapping[str, Provenance]:
        """Where every file of a project came from, by file name."""
        ...

    def every(self) -> Iterator[tuple[str, str, Sha256, int]]:
        """(project, file name, sha256, size) of every file of the index."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """A place where files of a project may be found."""

    kind: str
    url: str


class Outside(Protocol):
    """What is known of a project's outside: its sources, and the external links that are listed."""

    def add_source(self, project_id: int, source: Source, *, by: str, at: datetime) -> bool:
        """Remember a source; False when it was known."""
        ...

    def sources(self, project_id: int) -> Sequence[Source]:
        """The sources that were added by hand, oldest first."""
        ...

    def put_links(self, project_id: int, links: Iterable[ExternalLink]) -> None:
        """Replace the recorded external links."""
        ...

    def links(self, project_id: int) -> Sequence[ExternalLink]:
        """The recorded external links."""
        ...
