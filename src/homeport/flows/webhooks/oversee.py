"""Administrators look after the webhooks and receivers of everybody: they see whom the index tells, and stop what does harm.

1. Of an address its host is seen, of a receiver its forge: what follows may be a secret by itself. No secret is.
2. What an administrator stopped only administrators let go; its owners are told why, and may remove it. Let go, it
   stands as it did before: what its owner had disabled, its owner enables.
3. Each of these is one entry of the ledger.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from homeport.domain.account import Caller
from homeport.domain.canonical import Plain
from homeport.domain.errors import Invalid, NotFound
from homeport.domain.ledger import Kind
from homeport.domain.project import require_reason
from homeport.domain.receiver import Receiver, ReceiverStand
from homeport.domain.rights import require_admin
from homeport.domain.webhook import Webhook
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell, write_notice
from homeport.flows.pieces import AT_ONCE, pieces
from homeport.flows.webhooks.manage import note
from homeport.flows.webhooks.receivers import note_receiver
from homeport.flows.webhooks.rights import belongs_to, concerned, owners
from homeport.ports.store import Transaction
from homeport.ports.webhooks import HookFilter
from homeport.ports.world import World

PAGE_LENGTH: Final = 50


@dataclass(frozen=True, slots=True)
class ListedHooks:
    """Some webhooks, newest first; ``before`` asks for those that follow, and is 0 when there are none."""

    hooks: Sequence[Webhook]
    before: int


@dataclass(frozen=True, slots=True)
class ListedReceivers:
    """Some receivers, in the same way."""

    stands: Sequence[ReceiverStand]
    before: int


def list_hooks_of_all(world: World, caller: Caller, wanted: HookFilter) -> ListedHooks:
    """The webhooks of the index, of every project and of every person, a page at a time."""
    require_admin(caller)
    with world.store.read() as tx:
        found = _hooks(tx, wanted, PAGE_LENGTH + 1)
    shown = found[:PAGE_LENGTH]
    return ListedHooks(shown, shown[-1].id if len(found) > PAGE_LENGTH else 0)


def every_hook(world: World, caller: Caller, wanted: HookFilter) -> Iterator[Sequence[Webhook]]:
    """All of them, piece by piece."""
    require_admin(caller)
    return pieces(
        world,
        lambda tx, before: _hooks(tx, replace(wanted, before=before), AT_ONCE),
        lambda hook: hook.id,
        0,
    )


def list_receivers_of_all(world: World, caller: Caller, wanted: HookFilter) -> ListedReceivers:
    """The receivers of every project, a page at a time."""
    require_admin(caller)
    with world.store.read() as tx:
        found = tx.receivers.every(wanted, limit=PAGE_LENGTH + 1)
    shown = found[:PAGE_LENGTH]
    return ListedReceivers(shown, shown[-1].receiver.id if len(found) > PAGE_LENGTH else 0)


def every_receiver(world: World, caller: Caller, wanted: HookFilter) -> Iterator[Sequence[ReceiverStand]]:
    """All of them, piece by piece."""
    require_admin(caller)
    return pieces(
        world,
        lambda tx, before: tx.receivers.every(replace(wanted, before=before), limit=AT_ONCE),
        lambda stand: stand.receiver.id,
        0,
    )


def stop_hook(world: World, caller: Caller, hook_id: int, reason: str) -> Webhook:
    """Tell a webhook nothing until an administrator lets it go."""
    why = _reason(reason)
    return _change_hook(
        world, caller, hook_id, why, lambda hook, now: hook.stopped(now, caller.user.name, why)
    )


def let_hook_go(world: World, caller: Caller, hook_id: int, reason: str) -> Webhook:
    """Tell a webhook what it missed, and what happens, unless its owner had disabled it."""
    return _change_hook(world, caller, hook_id, _reason(reason), lambda hook, _: hook.let_go())


def stop_receiver(world: World, caller: Caller, receiver_id: int, reason: str) -> ReceiverStand:
    """Refuse what a receiver is told until an administrator lets it go."""
    why = _reason(reason)
    return _change_receiver(
        world, caller, receiver_id, why, lambda one, now: one.stopped(now, caller.user.name, why)
    )


def let_receiver_go(world: World, caller: Caller, receiver_id: int, reason: str) -> ReceiverStand:
    """Take what a receiver is told again."""
    return _change_receiver(world, caller, receiver_id, _reason(reason), lambda one, _: one.let_go())


def _hooks(tx: Transaction, wanted: HookFilter, limit: int) -> Sequence[Webhook]:
    return [hook.without_path() for hook in tx.webhooks.every(wanted, limit=limit)]


def _change_hook(
    world: World, caller: Caller, hook_id: int, why: str, change: Callable[[Webhook, datetime], Webhook]
) -> Webhook:
    require_admin(caller)
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        require_admin(caller)
        hook = tx.webhooks.find(hook_id)
        if hook is None:
            raise NotFound(f"There is no webhook {hook_id} here.", code="webhook-unknown")
        changed = change(hook, now)
        if bool(changed.stopped_by) is bool(hook.stopped_by):
            return hook.without_path()
        tx.webhooks.put(changed)
        note(
            tx,
            changed,
            Kind.WEBHOOK_CHANGED,
            caller,
            now,
            _told(is_stopped=bool(changed.stopped_by), why=why),
        )
        what = f"The webhook at {changed.host}"
        facts = {"what": what, "of": belongs_to(tx, changed), "is_disabled": changed.disabled_at is not None}
        facts |= {"is_stopped": bool(changed.stopped_by), "why": why, "by": caller.user.name}
        tell(tx, concerned(tx, changed), write_notice("webhook-stopped", facts, path=changed.page, at=now))
        return changed.without_path()


def _change_receiver(
    world: World, caller: Caller, receiver_id: int, why: str, change: Callable[[Receiver, datetime], Receiver]
) -> ReceiverStand:
    require_admin(caller)
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        require_admin(caller)
        receiver = tx.receivers.find(receiver_id)
        if receiver is None:
            raise NotFound(f"There is no receiver {receiver_id} here.", code="receiver-unknown")
        (stand,) = tx.receivers.every(HookFilter(before=receiver_id + 1), limit=1)
        changed = change(receiver, now)
        if bool(changed.stopped_by) is bool(receiver.stopped_by):
            return stand
        tx.receivers.put(changed)
        told = _told(is_stopped=bool(changed.stopped_by), why=why)
        note_receiver(tx, changed, Kind.RECEIVER_CHANGED, caller, now, told)
        facts = {
            "what": f"The receiver of {changed.forge} events",
            "of": find_project(tx, changed.project).name.display,
            "is_disabled": False,
        }
        facts |= {"is_stopped": bool(changed.stopped_by), "why": why, "by": caller.user.name}
        notice = write_notice("webhook-stopped", facts, path=changed.page, at=now)
        tell(tx, owners(tx, changed.project_id), notice)
        return replace(stand, receiver=changed)


def _told(*, is_stopped: bool, why: str) -> Mapping[str, Plain]:
    return {"enabled": not is_stopped, "by_administrator": True, "reason": why}


def _reason(text: str) -> str:
    reason = require_reason(text)
    if not reason:
        raise Invalid("Say why: whoever it belongs to is told (--reason).", code="reason-missing")
    return reason
