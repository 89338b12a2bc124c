"""What is remembered: one repository per noun, all inside one transaction.

Everything a transaction writes becomes visible, and durable, at once or not at all. There is one writer at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from homeport.domain.canonical import Plain
from homeport.domain.consent import Consent, StandingConsent
from homeport.domain.ledger import Kind, Sealed
from homeport.domain.metadata import CoreMetadata
from homeport.domain.progress import ItemStand
from homeport.domain.rehost import Item, NotTaken, Plan, Purpose, Rehost, Visit
from homeport.formats.accept import Form
from homeport.formats.codings import Coding
from homeport.ports.catalogue import Files, Outside, Projects, Releases
from homeport.ports.hosting import Exemptions, HostingLog
from homeport.ports.hosts import Hosts
from homeport.ports.identity import AccountLinks, Tokens, Users
from homeport.ports.jobs import Jobs
from homeport.ports.mail import Mails
from homeport.ports.membership import Invitations
from homeport.ports.organisations import OrganisationInvitations, Organisations, Teams
from homeport.ports.progress import Fetches
from homeport.ports.proofs import Proofs
from homeport.ports.quotas import Quotas
from homeport.ports.sessions import Attempts, SecondFactors, Sessions
from homeport.ports.staging import Stages
from homeport.ports.surveys import Surveys
from homeport.ports.watches import Watches


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

    def want(self, rehost_id: int, item_ids: Sequence[int]) -> None:
        """The bytes of these items are wanted from now on."""
        ...

    def wanted(self, rehost_id: int) -> Sequence[tuple[int, str]]:
        """Id and URL of every item whose bytes are wanted, in the plan's order."""
        ...

    def is_wanting(self, rehost_id: int) -> bool:
        """True while the bytes of any item are wanted."""
        ...

    def stands(self, rehost_id: int) -> Sequence[ItemStand]:
        """How far every item is, in the plan's order; much less to read than the plan."""
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

    def standing_naming(self, hostname: str) -> Sequence[tuple[int, StandingConsent]]:
        """Every project, by its id, whose standing consent names this host, with that consent."""
        ...


class Ledger(Protocol):
    """The ledger: append and read, nothing else."""

    def append(
        self, kind: Kind, *, at: datetime, actor: str, project: str, details: Mapping[str, Plain]
    ) -> int:
        """Write the next entry; returns its ``seq``, the serial."""
        ...

    def entries(self, *, after: int = 0, limit: int | None = None) -> Iterator[Sealed]:
        """Every entry with a greater ``seq``, in order; not more than ``limit``."""
        ...

    def last(self) -> int:
        """The ``seq`` of the newest entry; 0 before there is any."""
        ...


@dataclass(frozen=True, slots=True)
class Rendered:
    """One form of a project's page: its bytes in every coding, the tag that names them, and who may read them.

    ``etag`` is printable ASCII without quotes and commas.
    """

    bodies: Mapping[Coding, bytes]
    etag: str
    serial: int
    is_private: bool


class Pages(Protocol):
    """What the simple API says, rendered and compressed when it changes, not when it is read.

    The list of projects lies in segments by name, so that a change writes one of them, however many there are.
    A segment holds the listed projects from its ``first`` name on, up to the next one's.
    """

    def put(self, normalized: str, form: Form, page: Rendered) -> None:
        """Store one form of a project's page, in the place of the one before."""
        ...

    def segment_around(self, normalized: str) -> tuple[str, str | None]:
        """The bounds of the segment that a name belongs to: its first name (``""`` is before all), and the next one's."""
        ...

    def put_segment(self, first: str, form: Form, deflated: bytes) -> None:
        """Store one form of a segment."""
        ...

    def forget_segments(self) -> None:
        """Forget the list, before all of it is written anew."""
        ...

    def rendering(self) -> int:
        """The version of the rendering that every stored page was made by; 0 before there is any."""
        ...

    def set_rendering(self, version: int) -> None:
        """Every page is made by that version now."""
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

    def count(self, user_id: int, kind: str, since: datetime) -> int:
        """How many notices of that kind a person got after ``since``."""
        ...


class Transaction(Protocol):
    """One consistent view; everything written through it commits together."""

    @property
    def users(self) -> Users:
        """Accounts."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Signed-in browsers."""
        ...

    @property
    def account_links(self) -> AccountLinks:
        """One-time links."""
        ...

    @property
    def mails(self) -> Mails:
        """The outbox."""
        ...

    @property
    def second_factors(self) -> SecondFactors:
        """What people show besides their password."""
        ...

    @property
    def attempts(self) -> Attempts:
        """What was tried in vain."""
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
    def invitations(self) -> Invitations:
        """Roles that were offered."""
        ...

    @property
    def organisations(self) -> Organisations:
        """Organisations, their people and projects."""
        ...

    @property
    def organisation_invitations(self) -> OrganisationInvitations:
        """Who is invited to organisations."""
        ...

    @property
    def teams(self) -> Teams:
        """Teams of organisations."""
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
    def quotas(self) -> Quotas:
        """How much is stored, and may be."""
        ...

    @property
    def outside(self) -> Outside:
        """Sources and external links."""
        ...

    @property
    def stages(self) -> Stages:
        """Releases that are put together before they are public."""
        ...

    @property
    def rehosts(self) -> Rehosts:
        """Rehosts, plans, consents."""
        ...

    @property
    def fetches(self) -> Fetches:
        """What is being fetched at this moment."""
        ...

    @property
    def surveys(self) -> Surveys:
        """What was seen outside, of how many projects."""
        ...

    @property
    def watches(self) -> Watches:
        """Looks at the places that files came from."""
        ...

    @property
    def hosts(self) -> Hosts:
        """Other people's servers."""
        ...

    @property
    def exemptions(self) -> Exemptions:
        """Permissions to stay in ``pypi-ext``."""
        ...

    @property
    def hosting_log(self) -> HostingLog:
        """Who moved which project to which mode."""
        ...

    @property
    def proofs(self) -> Proofs:
        """Sightings, who may sign, origin records."""
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

    def write_lightly(self) -> AbstractContextManager[Transaction]:
        """As :meth:`write`, for what may be forgotten when the power fails before the next :meth:`write`.

        It costs a small part of a write, because nobody waits for the disk; everybody sees it at once.
        """
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """One consistent view for reading."""
        ...
