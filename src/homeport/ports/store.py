"""What is remembered: one repository per noun, all inside one transaction.

Everything a transaction writes becomes visible, and durable, at once or not at all. There is one writer at a time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from homeport.domain.account import Scope, Token, User
from homeport.domain.canonical import Plain
from homeport.domain.consent import Consent, StandingConsent
from homeport.domain.digests import Sha256
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind, Sealed
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.project import Project, Role
from homeport.domain.rehost import Item, NotTaken, Plan, Purpose, Rehost, Visit
from homeport.domain.release import ExternalLink, HostedFile
from homeport.formats.accept import Form
from homeport.ports.jobs import Jobs


class Users(Protocol):
    """Accounts, their sessions, and the one-time link of a new index."""

    def add(self, name: str, email: str, password_hash: str | None, *, is_admin: bool, at: datetime) -> User:
        """A new account; raises ``Conflict`` when the name or address is taken."""
        ...

    def by_name(self, name: str) -> User | None:
        """The account of that name."""
        ...

    def password_hash(self, user_id: int) -> str | None:
        """What is stored of the password, if one was set."""
        ...

    def count(self) -> int:
        """How many accounts there are."""
        ...

    def put_password(self, user_id: int, password_hash: str) -> None:
        """Set, or replace, a password."""
        ...

    def make_administrator(self, user_id: int) -> None:
        """Let a user administer the index."""
        ...

    def has_administrator(self) -> bool:
        """True when somebody administers the index."""
        ...

    def open_session(self, secret: Sha256, user_id: int, *, at: datetime, until: datetime) -> None:
        """Remember a signed-in browser by the digest of its secret."""
        ...

    def session(self, secret: Sha256, now: datetime) -> User | None:
        """Whose session this is, while it lasts."""
        ...

    def close_session(self, secret: Sha256) -> None:
        """Forget a session."""
        ...

    def put_setup_link(self, secret: Sha256, until: datetime) -> None:
        """Remember the link that makes the first administrator; it replaces an earlier one."""
        ...

    def take_setup_link(self, secret: Sha256, now: datetime) -> bool:
        """Use the link up; False when there is no such link, or it ended."""
        ...

    def has_setup_link(self, secret: Sha256, now: datetime) -> bool:
        """True while the link can be used."""
        ...


class Tokens(Protocol):
    """API tokens, by the digest of their text."""

    def add(
        self,
        digest: Sha256,
        user_id: int,
        *,
        scopes: frozenset[Scope],
        projects: frozenset[str],
        at: datetime,
        expires_at: datetime | None,
    ) -> None:
        """A new token."""
        ...

    def by_digest(self, digest: Sha256, now: datetime) -> tuple[Token, User] | None:
        """The token and its user, unless it expired."""
        ...


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


class Rehosts(Protocol):
    """Rehosts, their plans, and the consents to them."""

    def add(
        self,
        project_id: int,
        purpose: Purpose,
        version: str,
        *,
        by: str,
        at: datetime,
        metadata: CoreMetadata | None,
    ) -> Rehost:
        """A new rehost in ``planning``; ``metadata`` is what a registration will register."""
        ...

    def find(self, rehost_id: int) -> Rehost | None:
        """The rehost of that id."""
        ...

    def of_project(self, project_id: int) -> Sequence[Rehost]:
        """All rehosts of a project, newest first."""
        ...

    def put(self, rehost: Rehost) -> None:
        """Store state, tries, digest, problem and time of change."""
        ...

    def registration_metadata(self, rehost_id: int) -> CoreMetadata | None:
        """What a registration will register."""
        ...

    def put_findings(
        self, rehost_id: int, items: Sequence[Item], not_taken: Sequence[NotTaken], visits: Sequence[Visit]
    ) -> None:
        """Replace the plan by what a crawl found; items get their ids."""
        ...

    def put_item(self, rehost_id: int, item: Item) -> None:
        """Store what became known or decided about one item."""
        ...

    def item(self, rehost_id: int, item_id: int) -> Item | None:
        """One item of a rehost's plan."""
        ...

    def running(self) -> Sequence[Rehost]:
        """Every rehost that a worker is, or should be, at."""
        ...

    def plan(self, rehost: Rehost) -> Plan:
        """The plan as it stands."""
        ...

    def add_consent(self, consent: Consent) -> Consent:
        """Record a consent; its id is given here."""
        ...

    def consent(self, rehost_id: int) -> Consent | None:
        """The newest consent to a rehost."""
        ...

    def withdraw_consent(self, consent_id: int, at: datetime) -> None:
        """Take a consent back."""
        ...

    def use_consent(self, consent_id: int, item_id: int, at: datetime) -> None:
        """Use a consent up for one item; raises ``Conflict`` the second time (T-31)."""
        ...

    def put_standing(self, project_id: int, standing: StandingConsent) -> None:
        """Give, or replace, the standing consent of a project."""
        ...

    def standing(self, project_id: int) -> StandingConsent | None:
        """The standing consent of a project."""
        ...


class Ledger(Protocol):
    """The ledger: append and read, nothing else."""

    def append(
        self, kind: Kind, *, at: datetime, actor: str, project: str, details: Mapping[str, Plain]
    ) -> int:
        """Write the next entry; returns its ``seq``, the serial."""
        ...

    def entries(self, *, after: int = 0) -> Iterator[Sealed]:
        """Every entry with a greater ``seq``, in order."""
        ...


class Pages(Protocol):
    """Rendered pages of the simple API, compressed when they change, not when they are read."""

    def put(
        self, normalized: str, form: Form, *, body: bytes, gzipped: bytes, etag: str, serial: int
    ) -> None:
        """Store a project's page; ``""`` is the project list."""
        ...


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to a person about one thing; ``path`` is the page that shows it."""

    kind: str
    subject: str
    text: str
    path: str
    at: datetime


class Notices(Protocol):
    """What people are told."""

    def add(self, user_id: int, notice: Notice) -> None:
        """Put a notice into a person's inbox."""
        ...

    def of_user(self, user_id: int, *, limit: int) -> Sequence[Notice]:
        """A person's newest notices."""
        ...


class Transaction(Protocol):
    """One consistent view; everything written through it commits together."""

    @property
    def users(self) -> Users:
        """Accounts."""
        ...

    @property
    def tokens(self) -> Tokens:
        """API tokens."""
        ...

    @property
    def projects(self) -> Projects:
        """Projects and roles."""
        ...

    @property
    def releases(self) -> Releases:
        """Versions."""
        ...

    @property
    def files(self) -> Files:
        """Hosted files."""
        ...

    @property
    def outside(self) -> Outside:
        """Sources and external links."""
        ...

    @property
    def rehosts(self) -> Rehosts:
        """Rehosts, plans, consents."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        ...

    @property
    def pages(self) -> Pages:
        """Rendered pages."""
        ...

    @property
    def notices(self) -> Notices:
        """Notices."""
        ...

    @property
    def jobs(self) -> Jobs:
        """Work that starts when this commits."""
        ...


class Store(Protocol):
    """The database."""

    def write(self) -> AbstractContextManager[Transaction]:
        """A transaction that commits when the block ends, and rolls back when it raises.

        Raises ``Unavailable`` when the database cannot be reached or another writer takes too long.
        """
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """One consistent view for reading."""
        ...
