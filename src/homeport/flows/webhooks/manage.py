"""Webhooks are made, listed, enabled, disabled and removed; each change is one entry of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from homeport.domain.account import Caller
from homeport.domain.canonical import Plain
from homeport.domain.errors import Conflict, Invalid, Unavailable
from homeport.domain.ledger import Kind
from homeport.domain.urls import Url
from homeport.domain.webhook import MOST_HOOKS, Feed, Webhook, require_hook
from homeport.domain.webhook_signature import SECRET_BYTES, secret_text
from homeport.flows.attempts import count_trying
from homeport.flows.live_caller import require_live
from homeport.flows.notify import tell, write_notice
from homeport.flows.webhooks.rights import belongs_to, concerned, find_hook, require_may_have
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
        _note(tx, hook, Kind.WEBHOOK_ADDED, caller, now, {"events": list(events)})
        # Also who did it: by a stolen token, it was not they, and the webhook would outlive the token.
        facts = {"what": f"A webhook that tells {hook.host}", "of": belongs_to(hook), "by": caller.user.name}
        tell(tx, concerned(tx, hook), write_notice("webhook-added", facts, path=hook.page, at=now))
        if wish.feed is Feed.PERSON:
            hook = replace(hook, cursor=tx.notices.newest(caller.user.id))
            tx.webhooks.put(hook)
        return NewHook(hook, secret)


def _require_reachable(world: World, caller: Caller, url: Url) -> None:
    poster = poster_of(world)
    with world.store.write() as tx:
        count_trying(world, tx, caller.user)
    if objection := poster.objection(str(url)):
        raise Invalid(f"Nothing can be told there: {objection}", code="webhook-refused")


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
        hook = find_hook(tx, caller, hook_id)
        enabled = hook.enabled(caller.user.name)
        if enabled != hook:
            tx.webhooks.put(enabled)
            _note(tx, enabled, Kind.WEBHOOK_CHANGED, caller, now, {"enabled": True})
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
        _note(tx, disabled, Kind.WEBHOOK_CHANGED, caller, now, {"enabled": False})
        return disabled


def remove_hook(world: World, caller: Caller, hook_id: int) -> Webhook:
    """Forget a webhook, its secret, and what it was told."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        hook = find_hook(tx, caller, hook_id)
        tx.webhooks.remove(hook.id)
        _note(tx, hook, Kind.WEBHOOK_REMOVED, caller, now, {})
        return hook


def _note(
    tx: Transaction, hook: Webhook, kind: Kind, caller: Caller, at: datetime, more: Mapping[str, Plain]
) -> None:
    # The host, not the address: with many receivers, who knows the address may tell them things.
    told = {"webhook": hook.id, "feed": hook.feed.value, "host": hook.host, **more}
    tx.ledger.append(kind, at=at, actor=caller.user.name, project=hook.project, details=told)


def sealer_of(world: World) -> Sealer:
    """Who keeps secrets, or ``Unavailable``."""
    if world.sealer is None:
        raise Unavailable("This index has no place to keep secrets.", code="no-sealer")
    return world.sealer


def poster_of(world: World) -> Poster:
    """The way outside, or ``Unavailable``."""
    if world.poster is None:
        raise Unavailable("This index has no way to tell anybody anything.", code="no-poster")
    return world.poster
