"""Webhooks are told what is due, one message at a time, at least once.

1. A delivery is a row before it is sent, and marked when it was taken: whoever is killed in between sends it again, with
   the same id.
2. Whether the webhook still counts is asked before every try (T-32), and where it leads is looked up and checked anew.
3. Nothing is sent within a transaction: nobody waits here for who is slow.
4. Who took nothing for five days, or says that it is gone for good, is disabled, and people are told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from homeport.domain.errors import Refusal
from homeport.domain.webhook import LOST_AFTER, TEST, Feed, Webhook
from homeport.domain.webhook_delivery import (
    KEPT,
    LONGEST_ANSWER,
    Answer,
    Delivery,
    entry_body,
    notice_body,
    trial_body,
)
from homeport.domain.webhook_signature import sign_with_each
from homeport.flows.notify import tell, write_notice
from homeport.flows.webhooks.feed import entry_of
from homeport.flows.webhooks.manage import open_secrets, poster_of
from homeport.flows.webhooks.rights import belongs_to, concerned, why_void
from homeport.observe.events import accident, event
from homeport.ports.post import Posted
from homeport.ports.store import Transaction
from homeport.ports.world import World

HOOKS_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is sent: the body, and the secrets that sign it; ``problem`` says why nothing can be."""

    hook: Webhook
    delivery: Delivery
    body: bytes | None
    sealed_secrets: Sequence[bytes] = field(default=(), repr=False)
    problem: str = ""


def hooks_ready(world: World) -> Sequence[int]:
    """The webhooks that something is due for, the longest due first."""
    with world.store.read() as tx:
        return tx.webhooks.ready(world.clock.now(), limit=HOOKS_AT_ONCE)


def deliver_next(world: World, hook_id: int) -> bool:
    """Tell a webhook what is longest due; True when that was taken, so that there may be more."""
    now = world.clock.now()
    with world.store.read() as tx:
        hook = tx.webhooks.find(hook_id)
        delivery = tx.webhooks.next_due(hook_id, now)
        if hook is None or delivery is None or hook.is_disabled:
            return False
        void = why_void(tx, hook)
        ready = _ready(world, tx, hook, delivery)
    if void:
        _void(world, hook_id, now)
        return False
    if ready.body is None:
        with world.store.write() as tx:
            tx.webhooks.put_delivery(delivery.given_up(now, "There is nothing to tell any more."))
        return True
    posted = _send(world, ready)
    return _settle(world, ready, posted).answer.is_success


def _void(world: World, hook_id: int, now: datetime) -> None:
    with world.store.write() as tx:
        hook = tx.webhooks.find(hook_id)
        if hook is not None and not hook.is_disabled and (why := why_void(tx, hook)):
            _disable(tx, hook, why, now)


def deliver_test(world: World, hook: Webhook, delivery: Delivery) -> Delivery:
    """Tell a webhook the test that somebody asked for, at once; how it went."""
    with world.store.read() as tx:
        ready = _ready(world, tx, hook, delivery)
    return _settle(world, ready, _send(world, ready))


def body_of(world: World, tx: Transaction, hook: Webhook, delivery: Delivery) -> bytes | None:
    """What is told; ``None`` when it is not to be told any more."""
    if delivery.event == TEST:
        return trial_body(hook.id, delivery.at)
    if hook.feed is not Feed.PERSON:
        sealed = entry_of(tx, hook, delivery.serial)
        return entry_body(sealed) if sealed else None
    found = tx.notices.after(hook.user_id or 0, delivery.serial - 1, limit=1)
    if not found or found[0][0] != delivery.serial:
        return None
    number, notice = found[0]
    url = f"{world.base_url}{notice.path}" if notice.path else world.base_url
    return notice_body(number, notice.kind, notice.subject, notice.text, url, notice.at)


def _ready(world: World, tx: Transaction, hook: Webhook, delivery: Delivery) -> _Ready:
    frozen = tx.hosts.find(hook.host).frozen
    problem = f"{hook.host} is frozen: nothing is asked there. {frozen.reason}" if frozen else ""
    body = body_of(world, tx, hook, delivery)
    return _Ready(hook, delivery, body, tx.webhooks.sealed_secrets(hook.id, world.clock.now()), problem)


def _send(world: World, ready: _Ready) -> Posted:
    if ready.problem or ready.body is None:
        return Posted(0, code="host-frozen", reason=ready.problem)
    try:
        secrets = open_secrets(world, ready.sealed_secrets)
    except Refusal:
        reason = "Its secret cannot be opened: give it another one."
        return Posted(0, code="secret-key-lost", reason=reason)
    moment = int(world.clock.now().timestamp())
    headers = request_headers(ready.delivery, moment)
    message_id = ready.delivery.message_id
    headers |= {"webhook-signature": sign_with_each(secrets, message_id, moment, ready.body)}
    try:
        return poster_of(world).post(ready.hook.url, ready.body, headers)
    except Exception as error:  # noqa: BLE001 - told here; the row must not be due at once, for ever
        said, random_bytes = "a webhook met what nobody expected", world.clock.random_bytes
        error_id = accident(said, error=error, random_bytes=random_bytes, webhook=ready.hook.id)
        return Posted(
            0, code="unexpected", reason=f"Nobody expected this: the log of this index has it as {error_id}."
        )


def request_headers(delivery: Delivery, moment: int) -> dict[str, str]:
    """The headers of a try at that moment, but for its signature."""
    return {"webhook-id": delivery.message_id, "webhook-timestamp": str(moment)}


def _settle(world: World, ready: _Ready, posted: Posted) -> Delivery:
    now, answer = world.clock.now(), _answer(posted)
    asked_for = timedelta(seconds=min(posted.retry_after_seconds or 0, int(LOST_AFTER.total_seconds())))
    with world.store.write() as tx:
        tx.webhooks.forget_old(now - KEPT)
        tx.webhooks.forget_secrets(now)
        hook, delivery = tx.webhooks.find(ready.hook.id), tx.webhooks.delivery(ready.delivery.id)
        if hook is None or delivery is None:
            return ready.delivery.tried(now, answer, asked_for)
        tried = delivery.tried(now, answer, asked_for)
        if answer.is_success:
            tx.webhooks.put(hook.succeeded())
        elif tried.event != TEST and _fail(tx, hook, answer, asked_for, now):
            # It is told what it missed when somebody enables it.
            tried = replace(tried, due_at=now)
        tx.webhooks.put_delivery(tried)
    return tried


def _fail(tx: Transaction, hook: Webhook, answer: Answer, asked_for: timedelta, now: datetime) -> bool:
    """Let a webhook rest; True when it was disabled instead."""
    failed = hook.failed(now, asked_for)
    if hook.is_disabled:
        return False
    if answer.status == HTTPStatus.GONE:
        _disable(tx, failed, "It answered that it is gone for good (410).", now)
    elif failed.is_lost(now):
        days = LOST_AFTER.days
        _disable(tx, failed, f"It took nothing for {days} days. The last problem: {answer.bare.problem}", now)
    else:
        tx.webhooks.put(failed)
        return False
    return True


def _answer(posted: Posted) -> Answer:
    problem = posted.reason
    if not problem and not HTTPStatus.OK <= posted.status < HTTPStatus.MULTIPLE_CHOICES:
        is_redirect = HTTPStatus.MULTIPLE_CHOICES <= posted.status < HTTPStatus.BAD_REQUEST
        more = "; redirects are not followed" if is_redirect else ""
        problem = f"It answered with status {posted.status}{more}."
    return Answer(posted.status, posted.text[:LONGEST_ANSWER], problem, posted.took_ms, posted.is_inner)


def _disable(tx: Transaction, hook: Webhook, why: str, now: datetime) -> None:
    tx.webhooks.put(hook.disabled(now, why))
    facts: Mapping[str, object] = {
        "host": hook.host,
        "of": belongs_to(tx, hook),
        "why": why,
    }
    tell(tx, concerned(tx, hook), write_notice("webhook-disabled", facts, path=hook.page, at=now))
    event("a webhook was disabled", webhook=hook.id, why=why)
