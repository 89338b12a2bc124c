"""What a webhook was told and answered, as people see it; and telling it again, or to try it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Invalid, NotFound
from homeport.domain.rights import is_admin_in_person
from homeport.domain.webhook import TEST, Feed, Webhook
from homeport.domain.webhook_delivery import Delivery
from homeport.flows.attempts import count_trying
from homeport.flows.live_caller import require_live
from homeport.flows.webhooks.deliver import body_of, deliver_test
from homeport.flows.webhooks.manage import require_unstopped
from homeport.flows.webhooks.rights import belongs_to, find_hook, find_seen
from homeport.ports.store import Transaction
from homeport.ports.world import World

PAGE_LENGTH: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery, and what it tells; ``body`` is empty when that is not told any more."""

    delivery: Delivery
    body: str


@dataclass(frozen=True, slots=True)
class Log:
    """Some deliveries of a webhook, newest first; ``before`` asks for those that follow, and is 0 when there are none.

    ``newest`` is the serial of the newest entry, or the number of the newest notice, that there is. ``is_overseen`` says
    that an administrator looks who may not have it, and ``of`` what it is of.
    """

    hook: Webhook
    lines: Sequence[Line]
    waiting: int
    newest: int
    before: int
    is_overseen: bool = False
    of: str = ""


def show_log(world: World, caller: Caller, hook_id: int, *, before: int = 0) -> Log:
    """A webhook and its log, a page at a time."""
    with world.store.read() as tx:
        hook, is_overseen = find_seen(tx, caller, hook_id)
        found = tx.webhooks.deliveries(hook.id, before=before, limit=PAGE_LENGTH + 1)
        shown = found[:PAGE_LENGTH]
        lines = [
            Line(_seen(caller, one), "" if is_overseen else (body_of(world, tx, hook, one) or b"").decode())
            for one in shown
        ]
        following = shown[-1].id if len(found) > PAGE_LENGTH else 0
        waiting, newest = tx.webhooks.waiting(hook.id), _newest(tx, hook)
        return Log(hook, lines, waiting, newest, following, is_overseen, belongs_to(tx, hook))


def _seen(caller: Caller, delivery: Delivery) -> Delivery:
    return delivery if is_admin_in_person(caller) else delivery.bare


def try_hook(world: World, caller: Caller, hook_id: int) -> Delivery:
    """Tell a webhook a test, at once, whether it is disabled or rests, but not when it was stopped; how it went."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        hook = require_unstopped(find_hook(tx, caller, hook_id))
        count_trying(world, tx, caller.user)
        # Nobody else shall send it.
        delivery = replace(tx.webhooks.add_delivery(hook.id, TEST, 0, now), due_at=None)
        tx.webhooks.put_delivery(delivery)
    return _seen(caller, deliver_test(world, hook, delivery))


def replay_delivery(world: World, caller: Caller, hook_id: int, delivery_id: int) -> Delivery:
    """Tell one thing once more, with the same id, when the webhook rests no more."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        hook = _enabled(find_hook(tx, caller, hook_id))
        delivery = tx.webhooks.delivery(delivery_id)
        if delivery is None or delivery.webhook_id != hook.id:
            raise NotFound(f"The webhook has no delivery {delivery_id}.", code="delivery-unknown")
        count_trying(world, tx, caller.user)
        again = delivery.again(now)
        tx.webhooks.put_delivery(again)
        return _seen(caller, again)


def replay_from(world: World, caller: Caller, hook_id: int, serial: int) -> Webhook:
    """Tell everything once more from the entry ``serial`` on, of a person's webhook from that notice on."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        hook = _enabled(find_hook(tx, caller, hook_id))
        newest = _newest(tx, hook)
        if not 1 <= serial <= newest:
            raise Invalid(f"There is no {serial} to begin with: say 1 to {newest}.", code="serial-unknown")
        count_trying(world, tx, caller.user)
        rewound = replace(hook, cursor=min(hook.cursor, serial - 1))
        tx.webhooks.put(rewound)
        return rewound


def _enabled(hook: Webhook) -> Webhook:
    if hook.is_disabled:
        raise Conflict("The webhook is disabled: enable it first.", code="webhook-disabled")
    return hook


def _newest(tx: Transaction, hook: Webhook) -> int:
    return tx.notices.newest(hook.user_id or 0) if hook.feed is Feed.PERSON else tx.ledger.last()
