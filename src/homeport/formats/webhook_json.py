"""Webhooks and receivers as programs are told of them; never their secrets."""

from datetime import datetime
from typing import Any

from homeport.domain.receiver import Receiver, Reception
from homeport.domain.webhook import Webhook
from homeport.domain.webhook_delivery import Delivery
from homeport.formats.management_json import moment


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
        "disabled": _moment(hook.disabled_at),
        "why": hook.disabled_why or None,
    }


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
    }


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
