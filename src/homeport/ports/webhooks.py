"""What is remembered of webhooks: whom we tell what, and what forges told us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from homeport.domain.digests import Sha256
from homeport.domain.names import ProjectName
from homeport.domain.receiver import Receiver, ReceiverStand, Reception
from homeport.domain.webhook import Feed, HookState, Webhook
from homeport.domain.webhook_delivery import Delivery


@dataclass(frozen=True, slots=True)
class HookFilter:
    """Which webhooks, or receivers, are asked for; what is empty leaves nothing out.

    ``owner`` is a project, spelled in any way, or a person; of a ``feed`` only one of them. ``failures`` is how many there
    are at least, of a receiver how much it refused; ``before`` is an id: those that are older follow.
    """

    owner: str = ""
    state: HookState | None = None
    failures: int = 0
    before: int = 0
    feed: Feed | None = None

    @property
    def project(self) -> str:
        """``owner`` as the name of a project is looked up."""
        return ProjectName(self.owner).normalized


class Webhooks(Protocol):
    """Webhooks with their sealed secrets, and what they were told."""

    def add(self, hook: Webhook, sealed_secret: bytes) -> Webhook:
        """A new one; its id is given here."""
        ...

    def find(self, hook_id: int) -> Webhook | None:
        """The webhook of that id."""
        ...

    def put(self, hook: Webhook) -> None:
        """Store who answers for it, its cursor, and how it fares."""
        ...

    def advance(self, hook_ids: Sequence[int], cursor: int) -> None:
        """Move the cursors of these webhooks on to ``cursor``; one that is beyond it stays."""
        ...

    def remove(self, hook_id: int) -> None:
        """Forget a webhook, its secret, and what it was told."""
        ...

    def sealed_secrets(self, hook_id: int, now: datetime) -> Sequence[bytes]:
        """Its secret, as it was sealed, and after it the one before while both count."""
        ...

    def renew(self, hook_id: int, sealed_secret: bytes, both_until: datetime) -> None:
        """Give it another secret; the present one counts until then, too, and none that was before."""
        ...

    def every(self, wanted: HookFilter, *, limit: int) -> Sequence[Webhook]:
        """The webhooks of everybody that are asked for, newest first."""
        ...

    def of(self, feed: Feed, owner_id: int = 0) -> Sequence[Webhook]:
        """The index's webhooks, or those of the project or person of that id, oldest first."""
        ...

    def behind(self, serial: int, *, most_waiting: int, limit: int) -> Sequence[Webhook]:
        """Webhooks that were not fed the entry ``serial``, the farthest behind first; whoever has much waiting waits."""
        ...

    def behind_notices(self, *, most_waiting: int, limit: int) -> Sequence[Webhook]:
        """Webhooks whose person has a notice that they were not fed."""
        ...

    def ready(self, now: datetime, *, limit: int) -> Sequence[int]:
        """The ids of webhooks that rest no more and have something due, the longest due first."""
        ...

    def add_delivery(self, hook_id: int, event: str, serial: int, at: datetime) -> Delivery:
        """A delivery that is due; the one of the same entry, when there is one, is due again."""
        ...

    def delivery(self, delivery_id: int) -> Delivery | None:
        """The delivery of that id."""
        ...

    def put_delivery(self, delivery: Delivery) -> None:
        """Store what came of a try."""
        ...

    def next_due(self, hook_id: int, now: datetime) -> Delivery | None:
        """What a webhook is to be told now; the longest due."""
        ...

    def waiting(self, hook_id: int) -> int:
        """How much it is to be told, now or later."""
        ...

    def deliveries(self, hook_id: int, *, before: int = 0, limit: int) -> Sequence[Delivery]:
        """What it was told, and is to be, newest first; ``before`` is the id of a delivery, 0 for the newest."""
        ...

    def forget_old(self, before: datetime) -> None:
        """Drop deliveries that were taken or given up, and were made before then."""
        ...

    def forget_secrets(self, now: datetime) -> None:
        """Drop every older secret that does not count any more."""
        ...


class Receivers(Protocol):
    """Receivers with their sealed secrets, and what they were told."""

    def add(self, receiver: Receiver, sealed_secret: bytes) -> Receiver:
        """A new one; its id is given here."""
        ...

    def find(self, receiver_id: int) -> Receiver | None:
        """The receiver of that id."""
        ...

    def by_key(self, key: str) -> Receiver | None:
        """The receiver whose address ends so."""
        ...

    def of_project(self, project_id: int) -> Sequence[Receiver]:
        """A project's receivers, oldest first."""
        ...

    def remove(self, receiver_id: int) -> None:
        """Forget a receiver, its secret, and what it was told."""
        ...

    def put(self, receiver: Receiver) -> None:
        """Store who stopped it, or that nobody does."""
        ...

    def sealed_secrets(self, receiver_id: int, now: datetime) -> Sequence[bytes]:
        """Its secret, as it was sealed, and after it the one before while both count."""
        ...

    def renew(self, receiver_id: int, sealed_secret: bytes, both_until: datetime) -> None:
        """Give it another secret; the present one counts until then, too, and none that was before."""
        ...

    def every(self, wanted: HookFilter, *, limit: int) -> Sequence[ReceiverStand]:
        """The receivers of all projects that are asked for, newest first."""
        ...

    def is_known(self, receiver_id: int, marks: Sequence[Sha256]) -> bool:
        """True when something that is known by one of ``marks`` was acted upon."""
        ...

    def remember(self, receiver_id: int, marks: Sequence[Sha256], at: datetime) -> None:
        """What is known by ``marks`` is acted upon."""
        ...

    def add_reception(self, reception: Reception) -> Reception:
        """Remember what was told; its id is given here."""
        ...

    def receptions(self, receiver_id: int, *, limit: int) -> Sequence[Reception]:
        """What a receiver was told, newest first."""
        ...

    def forget_old(self, before: datetime) -> None:
        """Drop marks and receptions from before then."""
        ...

    def forget_secrets(self, now: datetime) -> None:
        """Drop every older secret that does not count any more."""
        ...
