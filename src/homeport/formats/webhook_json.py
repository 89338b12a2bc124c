"""Webhooks and receivers as programs are told of them; never their secrets."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from homeport.domain.receiver import Receiver, ReceiverStand, Reception
from homeport.domain.webhook import Webhook
from homeport.domain.webhook_delivery import Delivery
from homeport.formats.csv_lines import csv_lines
from homeport.formats.management_json import moment

HOOK_COLUMNS = (
    "id",
    "owner",
    "feed",
    "host",
    "events",
    "by",
    "created",
    "state",
    "failures",
    "failing_since",
    "rests_until",
    "disabled",
    "why",
    "stopped_by",
)
RECEIVER_COLUMNS = (
    "id",
    "owner",
    "forge",
    "by",
    "created",
    "state",
    "failures",
    "stopped",
    "stopped_by",
    "why",
)


def webhook_json(hook: Webhook) -> dict[str, Any]:
    """How a webhook stands."""
    return {
        "id": hook.id,
        "feed": hook.feed.value,
        "project": hook.project or None,
        "url": hook.url,
        "events": list(hook.events),
        "by": hook.by,
        "created": moment(hook.at),
        "state": hook.state.value,
        "told_up_to": hook.cursor,
        "failures": hook.failures,
        "failing_since": _moment(hook.failing_since),
        "rests_until": _moment(hook.rests_until),
        "disabled": _moment(hook.disabled_since),
        "why": hook.why or None,
        "stopped_by": hook.stopped_by or None,
        "both_secrets_until": _moment(hook.both_until),
    }


def overseen_hook_json(hook: Webhook) -> dict[str, Any]:
    """A webhook as who looks after the index is told of it: whose it is and how it fares, and its host only."""
    return {
        "id": hook.id,
        "owner": hook.owner,
        "feed": hook.feed.value,
        "host": hook.host,
        "events": list(hook.events),
        "by": hook.by,
        "created": moment(hook.at),
        "state": hook.state.value,
        "failures": hook.failures,
        "failing_since": _moment(hook.failing_since),
        "rests_until": _moment(hook.rests_until),
        "disabled": _moment(hook.disabled_since),
        "why": hook.why or None,
        "stopped_by": hook.stopped_by or None,
    }


def hooks_csv(pieces: Iterable[Iterable[Webhook]]) -> Iterator[str]:
    """Webhooks, a line each, below the names of the columns (RFC 4180); piece by piece."""
    return csv_lines(HOOK_COLUMNS, (map(overseen_hook_json, piece) for piece in pieces))


def delivery_json(delivery: Delivery, body: str = "") -> dict[str, Any]:
    """One delivery; ``body`` is what it tells."""
    answer = delivery.answer
    return {
        "id": delivery.id,
        "message_id": delivery.message_id,
        "event": delivery.event,
        "serial": delivery.serial or None,
        "created": moment(delivery.at),
        "due": _moment(delivery.due_at),
        "tries": delivery.tries,
        "tried": _moment(delivery.tried_at),
        "taken": _moment(delivery.taken_at),
        "status": answer.status or None,
        "answer": answer.text,
        "inner": answer.is_inner,
        "problem": answer.problem or None,
        "took_ms": answer.took_ms,
        "body": body or None,
    }


def receiver_json(receiver: Receiver, base_url: str) -> dict[str, Any]:
    """A receiver, and where the forge sends its events."""
    return {
        "id": receiver.id,
        "project": receiver.project,
        "forge": receiver.forge.value,
        "url": f"{base_url}{receiver.path}",
        "by": receiver.by,
        "created": moment(receiver.at),
        "stopped": _moment(receiver.stopped_at),
        "stopped_by": receiver.stopped_by or None,
        "why": receiver.stopped_why or None,
        "both_secrets_until": _moment(receiver.both_until),
    }


def overseen_receiver_json(stand: ReceiverStand) -> dict[str, Any]:
    """A receiver as who looks after the index is told of it: not its address, which nobody can guess."""
    receiver = stand.receiver
    return {
        "id": receiver.id,
        "owner": receiver.project,
        "forge": receiver.forge.value,
        "by": receiver.by,
        "created": moment(receiver.at),
        "state": stand.state.value,
        "failures": stand.refused,
        "stopped": _moment(receiver.stopped_at),
        "stopped_by": receiver.stopped_by or None,
        "why": receiver.stopped_why or None,
    }


def receivers_csv(pieces: Iterable[Iterable[ReceiverStand]]) -> Iterator[str]:
    """Receivers, a line each, piece by piece."""
    return csv_lines(RECEIVER_COLUMNS, (map(overseen_receiver_json, piece) for piece in pieces))


def reception_json(reception: Reception) -> dict[str, Any]:
    """One event that was told."""
    return {
        "event": reception.event,
        "at": moment(reception.at),
        "status": reception.status,
        "said": reception.said,
        "rehost": reception.rehost_id,
    }


def _moment(at: datetime | None) -> str | None:
    return moment(at) if at else None
