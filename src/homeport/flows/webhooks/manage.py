"""Webhooks are made, listed, enabled, disabled, given another secret and removed; each change is one entry of the ledger."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from homeport.domain.account import Caller
from homeport.domain.canonical import Plain
from homeport.domain.errors import Conflict, Forbidden, Invalid, Unavailable
from homeport.domain.ledger import Kind
from homeport.domain.rights import is_admin_in_person
from homeport.domain.urls import Url
from homeport.domain.webhook import MOST_HOOKS, Feed, Webhook, require_hook
from homeport.domain.webhook_signature import BOTH_COUNT_FOR, SECRET_BYTES, secret_text
from homeport.flows.attempts import count_renewing, count_trying
from homeport.flows.live_caller import require_live
from homeport.flows.notify import tell, write_notice
from homeport.flows.webhooks.rights import belongs_to, concerned, find_hook, require_may_have
from homeport.ports.notices import Notice
from homeport.ports.post import Poster
from homeport.ports.sealer import Sealer
from homeport.ports.store import Transaction
from homeport.ports.world import World


@dataclass(frozen=True, slots=True)
class HookWish:
    """What a new webhook shall be; ``events`` are kinds of entries, none named means all."""

    feed: Feed
    url: str
    events: tuple[str, ...] = ()
    project: str = ""


@dataclass(frozen=True, slots=True)
class NewHook:
    """A webhook that was just made; its ``secret`` is shown now and never again."""

    hook: Webhook
    secret: str = field(repr=False)


def add_hook(world: World, caller: Caller, wish: HookWish) -> NewHook:
    """Tell somebody outside what happens from now on; ``Invalid`` when nothing may be told there."""
    with world.store.read() as tx:
        require_may_have(tx, caller, wish.feed, wish.project)
    url, events = require_hook(wish.feed, wish.url, wish.events)
    sealer, secret = sealer_of(world), secret_text(world.clock.random_bytes(SECRET_BYTES))
    _require_reachable(world, caller, url)
    sealed, now = sealer.seal(secret), world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        project = require_may_have(tx, caller, wish.feed, wish.project)
        owner_id = project.id if project else caller.user.id
        if len(tx.webhooks.of(wish.feed, owner_id)) >= MOST_HOOKS:
            raise Conflict(
                f"There are {MOST_HOOKS} webhooks already: remove one first.", code="webhooks-full"
            )
        hook = tx.webhooks.add(
            Webhook(
                id=0,
                feed=wish.feed,
                url=str(url),
                events=events,
                by=caller.user.name,
                at=now,
                project_id=project.id if project else None,
                user_id=caller.user.id if wish.feed is Feed.PERSON else None,
                cursor=tx.notices.newest(caller.user.id) if wish.feed is Feed.PERSON else tx.ledger.last(),
            ),
            sealed,
        )
        note(tx, hook, Kind.WEBHOOK_ADDED, caller, now, {"events": list(events)})
        # Also who did it: by a stolen token, it was not they, and the webhook would outlive the token.
        facts = {
            "what": f"A webhook that tells {hook.host}",
            "of": belongs_to(tx, hook),
            "by": caller.user.name,
        }
        tell(tx, concerned(tx, hook), write_notice("webhook-added", facts, path=hook.page, at=now))
        if wish.feed is Feed.PERSON:
            hook = replace(hook, cursor=tx.notices.newest(caller.user.id))
            tx.webhooks.put(hook)
        return NewHook(hook, secret)


def _require_reachable(world: World, caller: Caller, url: Url) -> None:
    poster = poster_of(world)
    with world.store.write() as tx:
        count_trying(world, tx, caller.user)
    if (refused := poster.objection(str(url))) is not None:
        is_told = is_admin_in_person(caller) or not refused.is_inner
        # What a name means in the operator's network is for administrators (T-01).
        reason = refused.reason if is_told else f"{url.host} has an inner address, which nothing is told at."
        raise Invalid(f"Nothing can be told there: {reason}", code="webhook-refused")


def list_hooks(world: World, caller: Caller, feed: Feed, project: str = "") -> Sequence[Webhook]:
    """The webhooks of the index, of a project, or of the caller."""
    with world.store.read() as tx:
        found = require_may_have(tx, caller, feed, project)
        return tx.webhooks.of(feed, found.id if found else caller.user.id)


def enable_hook(world: World, caller: Caller, hook_id: int) -> Webhook:
    """Tell a webhook what happened since it was disabled, and what happens; the caller answers for it from now on."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        hook = require_unstopped(find_hook(tx, caller, hook_id))
        enabled = hook.enabled(caller.user.name)
        if enabled != hook:
            tx.webhooks.put(enabled)
            note(tx, enabled, Kind.WEBHOOK_CHANGED, caller, now, {"enabled": True})
        return enabled


def disable_hook(world: World, caller: Caller, hook_id: int) -> Webhook:
    """Tell a webhook nothing until it is enabled again."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        hook = find_hook(tx, caller, hook_id)
        if hook.disabled_at is not None:
            return hook
        disabled = hook.disabled(now, f"By {caller.user.name}.")
        tx.webhooks.put(disabled)
        note(tx, disabled, Kind.WEBHOOK_CHANGED, caller, now, {"enabled": False})
        return disabled


def remove_hook(world: World, caller: Caller, hook_id: int) -> Webhook:
    """Forget a webhook, its secret, and what it was told."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        hook = find_hook(tx, caller, hook_id)
        tx.webhooks.remove(hook.id)
        note(tx, hook, Kind.WEBHOOK_REMOVED, caller, now, {})
        return hook


def renew_secret(world: World, caller: Caller, hook_id: int) -> NewHook:
    """Another secret for a webhook: for a day the present one signs beside it, and then no more."""
    now, secret = world.clock.now(), secret_text(world.clock.random_bytes(SECRET_BYTES))
    sealed, until = sealer_of(world).seal(secret), now + BOTH_COUNT_FOR
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        hook = find_hook(tx, caller, hook_id)
        count_renewing(world, tx, caller.user)
        tx.webhooks.renew(hook.id, sealed, until)
        note(tx, hook, Kind.WEBHOOK_CHANGED, caller, now, {"secret": "renewed"})
        what = f"The webhook that tells {hook.host}"
        tell(tx, concerned(tx, hook), renewed_notice(what, belongs_to(tx, hook), hook.page, caller, now))
        return NewHook(replace(hook, both_until=until), secret)


def renewed_notice(what: str, of: str, page: str, caller: Caller, now: datetime) -> Notice:
    """What people are told of a new secret; also who made it: by a stolen token, it was not they."""
    facts = {
        "what": what,
        "of": of,
        "by": caller.user.name,
        "until": f"{now + BOTH_COUNT_FOR:%Y-%m-%d %H:%M} UTC",
    }
    return write_notice("webhook-renewed", facts, path=page, at=now)


def require_unstopped(hook: Webhook) -> Webhook:
    """The webhook, or ``Forbidden`` when an administrator stopped it."""
    if hook.stopped_at is not None:
        raise Forbidden(
            f"An administrator stopped this webhook: {hook.stopped_why} Ask them to let it go.",
            code="webhook-stopped",
        )
    return hook


def note(
    tx: Transaction, hook: Webhook, kind: Kind, caller: Caller, at: datetime, more: Mapping[str, Plain]
) -> None:
    """Write a change of a webhook into the ledger."""
    # The host, not the address: with many receivers, who knows the address may tell them things.
    told = {"webhook": hook.id, "feed": hook.feed.value, "host": hook.host, **more}
    tx.ledger.append(kind, at=at, actor=caller.user.name, project=hook.project, details=told)


def sealer_of(world: World) -> Sealer:
    """Who keeps secrets, or ``Unavailable``."""
    if world.sealer is None:
        raise Unavailable("This index has no place to keep secrets.", code="no-sealer")
    return world.sealer


def open_secrets(world: World, sealed: Sequence[bytes]) -> list[str]:
    """The secrets that count, the present one first; an older one that cannot be opened any more counts no more."""
    sealer, (present, *older) = sealer_of(world), sealed
    opened = [sealer.open(present)]
    for one in older:
        # A new secret is what helps where the key was lost: it must not wait for the end of the old one.
        with suppress(Conflict):
            opened.append(sealer.open(one))
    return opened


def poster_of(world: World) -> Poster:
    """The way outside, or ``Unavailable``."""
    if world.poster is None:
        raise Unavailable("This index has no way to tell anybody anything.", code="no-poster")
    return world.poster
