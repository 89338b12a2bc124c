"""What is remembered of rehosts: their plans, and the consents to them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from homeport.domain.consent import Consent, Withdrawal
from homeport.domain.metadata import CoreMetadata
from homeport.domain.progress import ItemStand
from homeport.domain.rehost import Item, NotTaken, Plan, Purpose, Rehost, State, Visit
from homeport.domain.said_before import Answer


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

    def open_of(self, project_ids: Collection[int]) -> Sequence[Rehost]:
        """The rehosts of these projects of which something is still to come, newest first."""
        ...

    def put(self, rehost: Rehost) -> None:
        """Store state, tries, digest, problem, time of change, and what was told of its end."""
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

    def listed(
        self, project: str = "", state: State | None = None, *, before: int = 0, limit: int
    ) -> Sequence[Rehost]:
        """Rehosts of all projects or of one, in any state or in one, newest first; those before ``before``."""
        ...

    def answers(self, project_id: int, filenames: Collection[str]) -> Sequence[Answer]:
        """How people answered plans of a project, oldest rehost first, with the files of these names that are not hosted.

        A run that nobody looks at is answered only where somebody ended it.
        """
        ...

    def due(self, now: datetime, *, limit: int) -> Sequence[Rehost]:
        """Rehosts whose plans are to be warned of, or have expired, longest due first."""
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

    def consents(self, rehost_id: int) -> Sequence[Consent]:
        """Every consent to a rehost, newest first."""
        ...

    def withdraw_consent(self, consent_id: int, withdrawal: Withdrawal) -> None:
        """Take a consent back."""
        ...

    def use_consent(self, consent_id: int, item_id: int, at: datetime) -> None:
        """Use a consent up for one item; raises ``Conflict`` the second time (T-31)."""
        ...
