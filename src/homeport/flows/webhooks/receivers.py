"""Receivers are made, listed, given another secret and removed, by owners; each change is one entry of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from homeport.domain.account import Caller
from homeport.domain.canonical import Plain
from homeport.domain.errors import Conflict, NotFound
from homeport.domain.ledger import Kind
from homeport.domain.receiver import KEY_BYTES, MOST_RECEIVERS, Forge, Receiver, Reception
from homeport.domain.webhook_signature import BOTH_COUNT_FOR, SECRET_BYTES, secret_text
from homeport.flows.attempts import count_renewing
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell, write_notice
from homeport.flows.webhooks.manage import renewed_notice, sealer_of
from homeport.flows.webhooks.rights import owners, require_owned
from homeport.ports.store import Transaction
from homeport.ports.world import World

_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class NewReceiver:
    """A receiver that was just made; its ``secret`` is shown now and never again."""

    receiver: Receiver
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReceiverView:
    """A receiver, and what it was told lately, newest first."""

    receiver: Receiver
    receptions: Sequence[Reception]


def add_receiver(world: World, caller: Caller, name: str, forge: Forge) -> NewReceiver:
    """An address by which a forge tells of the project's releases."""
    now, random = world.clock.now(), world.clock.random_bytes
    key, secret = random(KEY_BYTES).hex(), secret_text(random(SECRET_BYTES))
    sealed = sealer_of(world).seal(secret)
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        project = require_owned(tx, caller, name)
        if len(tx.receivers.of_project(project.id)) >= MOST_RECEIVERS:
            raise Conflict(
                f"{project.name} has {MOST_RECEIVERS} receivers: remove one first.", code="receivers-full"
            )
        normalized = project.name.normalized
        receiver = tx.receivers.add(
            Receiver(0, key, project.id, normalized, forge, caller.user.name, now), sealed
        )
        note_receiver(tx, receiver, Kind.RECEIVER_ADDED, caller, now, {})
        facts = {"what": f"A receiver of {forge} events", "of": project.name.display, "by": caller.user.name}
        notice = write_notice("webhook-added", facts, path=receiver.page, at=now)
        tell(tx, owners(tx, project.id), notice)
        return NewReceiver(receiver, secret)


def list_receivers(world: World, caller: Caller, name: str) -> Sequence[ReceiverView]:
    """A project's receivers, and what they were told."""
    with world.store.read() as tx:
        found = tx.receivers.of_project(require_owned(tx, caller, name).id)
        return [ReceiverView(one, tx.receivers.receptions(one.id, limit=_SHOWN)) for one in found]


def renew_receiver_secret(world: World, caller: Caller, receiver_id: int) -> NewReceiver:
    """Another secret for a receiver: for a day what is signed with the present one is taken, too."""
    now, secret = world.clock.now(), secret_text(world.clock.random_bytes(SECRET_BYTES))
    sealed, until = sealer_of(world).seal(secret), now + BOTH_COUNT_FOR
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        receiver = _find(tx, caller, receiver_id)
        count_renewing(world, tx, caller.user)
        tx.receivers.renew(receiver.id, sealed, until)
        note_receiver(tx, receiver, Kind.RECEIVER_CHANGED, caller, now, {"secret": "renewed"})
        what, of = f"The receiver of {receiver.forge} events", find_project(tx, receiver.project).name.display
        notice = renewed_notice(what, of, receiver.page, caller, now)
        tell(tx, owners(tx, receiver.project_id), notice)
        return NewReceiver(replace(receiver, both_until=until), secret)


def remove_receiver(world: World, caller: Caller, receiver_id: int) -> Receiver:
    """Forget a receiver: its address is nobody's from now on."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        receiver = _find(tx, caller, receiver_id)
        tx.receivers.remove(receiver.id)
        note_receiver(tx, receiver, Kind.RECEIVER_REMOVED, caller, now, {})
        return receiver


def note_receiver(
    tx: Transaction, receiver: Receiver, kind: Kind, caller: Caller, at: datetime, more: Mapping[str, Plain]
) -> None:
    """Write a change of a receiver into the ledger."""
    told = {"receiver": receiver.id, "forge": receiver.forge.value, **more}
    tx.ledger.append(kind, at=at, actor=caller.user.name, project=receiver.project, details=told)


def _find(tx: Transaction, caller: Caller, receiver_id: int) -> Receiver:
    receiver = tx.receivers.find(receiver_id)
    if receiver is None or tx.projects.role_of(receiver.project_id, caller.user.id) is None:
        raise NotFound(f"There is no receiver {receiver_id} here.", code="receiver-unknown")
    require_owned(tx, caller, receiver.project)
    return receiver
