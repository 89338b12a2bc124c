"""What there is to install, as the database remembers it: projects, releases, files, and their outside."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from homeport.domain.account import User
from homeport.domain.digests import Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.index_page import ListedProject
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus, Role
from homeport.domain.release import ExternalLink, HostedFile
from homeport.domain.source import Source

SHORTEST_PART = 3


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's role in a project: the best that they hold.

    ``through`` is where it comes from, ``organisation acme`` or ``team acme/core``; empty when it is their own.
    """

    user: User
    role: Role
    through: str = ""


class Projects(Protocol):
    """Projects and roles."""

    def add(self, name: ProjectName, mode: HostingMode, at: datetime) -> Project:
        """A new project; raises ``Conflict`` when its PEP 503 form is taken."""
        ...

    def find(self, normalized: str) -> Project | None:
        """The project of that PEP 503 form."""
        ...

    def look_alike(self, name: ProjectName) -> Project | None:
        """A project of another PEP 503 form that a careless reader takes for ``name``; a listed one if there is one."""
        ...

    def newest(self, *, limit: int) -> Sequence[Project]:
        """The visible projects that were created last, newest first."""
        ...

    def search(self, text: str, *, limit: int) -> Sequence[Project]:
        """Listed projects whose PEP 503 form holds ``text``: the very name, then beginnings, then others.

        A text shorter than ``SHORTEST_PART`` is looked for at the beginning only. With more than ``limit`` others,
        which of them are found is not said: the answer costs the same however many projects there are.
        """
        ...

    def set_mode(self, project_id: int, mode: HostingMode) -> None:
        """Change the hosting mode."""
        ...

    def set_serial(self, project_id: int, serial: int) -> None:
        """Remember the ledger entry that last changed the project."""
        ...

    def set_status(self, project_id: int, status: ProjectStatus, reason: str) -> None:
        """Change the status marker, with its reason."""
        ...

    def set_private(self, project_id: int, *, is_private: bool) -> None:
        """Say whether only members may read the project."""
        ...

    def listed(self, first: str, before: str | None, *, limit: int) -> Sequence[ListedProject]:
        """The listed projects by PEP 503 form, from ``first`` on and ``before`` another, not more than ``limit``."""
        ...

    def named(self, normalized: Collection[str]) -> Mapping[str, Project]:
        """The projects of these PEP 503 forms, by form; those that there are."""
        ...

    def largest(self, *, limit: int) -> Sequence[tuple[str, int]]:
        """The display names of the listed projects with most bytes in files, and how many these are, largest first."""
        ...

    def every(self, *, after: int, limit: int) -> Sequence[Project]:
        """All projects whose id is greater, in order of their ids, not more than ``limit``."""
        ...

    def grant(self, project_id: int, user_id: int, role: Role) -> bool:
        """Give a role of their own; an earlier one is replaced. False when it is that one already."""
        ...

    def revoke(self, project_id: int, user_id: int) -> Role | None:
        """Take the role of their own away, and say which it was; what they hold through others stays."""
        ...

    def role_of(self, project_id: int, user_id: int) -> Role | None:
        """The best role that the user holds: by themselves, through its organisation, through teams.

        A disabled account has none, for as long as it is disabled.
        """
        ...

    def members(self, project_id: int) -> Sequence[Membership]:
        """Everyone with a role, owners first, then by name; of equal roles one's own counts, then an organisation's."""
        ...

    def of_user(self, user_id: int) -> Sequence[Project]:
        """Projects the user maintains, by name."""
        ...


@dataclass(frozen=True, slots=True)
class Release:
    """A version and the metadata it was registered or first uploaded with.

    ``yanked`` is ``None``, or the reason that also files to come will be yanked for. Readers are told nothing of one
    that is frozen.
    """

    version: ReleaseVersion
    metadata: CoreMetadata
    yanked: str | None = None
    is_frozen: bool = False


@dataclass(frozen=True, slots=True)
class NewRelease:
    """A release in a list of what came last; ``version`` is normalized."""

    project: ProjectName
    version: str
    summary: str
    at: datetime


class Releases(Protocol):
    """Versions of projects: a version is meant in any spelling of it, and shown in the one that came first."""

    def put(
        self, project_id: int, version: ReleaseVersion, metadata: CoreMetadata, *, replace: bool, at: datetime
    ) -> bool:
        """Register a version; ``replace`` updates the metadata of one that exists. True when something changed.

        What changed has no rendered description. A release that was removed comes back as a new one, registered when
        it was first.
        """
        ...

    def of_project(self, project_id: int) -> Sequence[Release]:
        """All versions, in the order they were registered."""
        ...

    def heads(self, project_id: int) -> Sequence[CoreMetadata]:
        """What their metadata say but for the long descriptions, in the same order."""
        ...

    def versions(self, project_id: int) -> Sequence[str]:
        """All versions but frozen ones, normalized, in the order they were registered."""
        ...

    def find(self, project_id: int, version: str) -> Release | None:
        """The release of that version."""
        ...

    def registered_at(self, project_id: int, version: str) -> datetime | None:
        """When the version was registered first, also when it was removed since."""
        ...

    def set_description(self, project_id: int, version: str, html: str) -> None:
        """Remember the long description of a release as HTML that is safe to show."""
        ...

    def description_html(self, project_id: int, version: str) -> str:
        """What was remembered by ``set_description``; empty when nothing was."""
        ...

    def set_yanked(self, project_id: int, version: str, reason: str | None) -> None:
        """Yank the release, or take that back with ``None``."""
        ...

    def remove(self, project_id: int, version: str, at: datetime) -> None:
        """The release is there no more; nothing remembers it but ``registered_at``."""
        ...

    def newest(self, project_id: int) -> Release | None:
        """The release that was registered last, of those that are not frozen."""
        ...

    def yanks(self, project_id: int) -> Mapping[str, str]:
        """The reasons of the releases that are yanked, by normalized version; a reason may be empty."""
        ...

    def latest(self, *, limit: int) -> Sequence[NewRelease]:
        """The releases that came last to listed projects, newest first, without frozen ones.

        Not more than twenty times ``limit`` of all releases are looked at, however many are not listed.
        """
        ...

    def latest_of(self, project_id: int, *, limit: int) -> Sequence[NewRelease]:
        """The releases that came last to one project, newest first, without frozen ones."""
        ...


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a file came from: who published it, and for a rehost the URL and the page that named it."""

    published_by: str
    rehost_id: int | None = None
    url: str = ""
    found_on: str = ""


@dataclass(frozen=True, slots=True)
class Removal:
    """What is remembered of a file that was removed: no other bytes than these ever get its name (I-04)."""

    sha256: Sha256
    at: datetime
    by: str
    reason: str


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

    def set_yanked(self, project_id: int, filenames: Iterable[str], reason: str | None) -> None:
        """Yank these files, or take that back with ``None``."""
        ...

    def remove(self, project_id: int, filename: str, *, by: str, reason: str, at: datetime) -> None:
        """The file is hosted no more, counts no more, and leaves its tombstone."""
        ...

    def names(self, project_id: int) -> Sequence[str]:
        """The name of every file that the project has, or had."""
        ...

    def removal(self, project_id: int, filename: str) -> Removal | None:
        """The last removal of a file of that name, whether or not the same bytes are hosted again."""
        ...

    def removed_sha256(self) -> Iterator[Sha256]:
        """The digest of every file of the index that was removed; one may come more than once."""
        ...

    def is_hosted(self, sha256: Sha256) -> bool:
        """True when a hosted file of any project has these bytes."""
        ...

    def total_bytes(self) -> int:
        """How many bytes all files of the index have; it is kept as files come and go, not counted."""
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


class Outside(Protocol):
    """What is known of a project's outside: its sources, and the external links that are listed."""

    def add_source(
        self, project_id: int, source: Source, *, by: str, at: datetime, sealed_token: bytes | None = None
    ) -> bool:
        """Remember a source; False when its kind and URL were known, whatever its filters."""
        ...

    def change_source(self, project_id: int, source: Source, *, sealed_token: bytes | None) -> None:
        """Give a known source these filters, and this token or none."""
        ...

    def remove_source(self, project_id: int, source: Source) -> None:
        """Forget the source of that kind and URL, and its token."""
        ...

    def sealed_token(self, project_id: int, source: Source) -> bytes | None:
        """The read token of the source, as it was sealed."""
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
