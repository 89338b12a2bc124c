"""Forges that tell of releases: recorded events, signed as each of them signs."""

import hashlib
import hmac
from pathlib import Path

from homeport.domain.receiver import Forge
from homeport.domain.webhook_signature import sign

_RECORDED = Path(__file__).with_name("recorded") / "forges"
_NAMES = {
    "github_release": "release",
    "github_create": "create",
    "gitlab_release": "Release Hook",
    "gitlab_tag": "Tag Push Hook",
    "gitea_release": "release",
    "gitea_create": "create",
}
EVENTS = tuple(_NAMES)


def recorded(event: str) -> bytes:
    """The body of a recorded event."""
    return (_RECORDED / f"{event}.json").read_bytes()


def forge_of(event: str) -> Forge:
    """Who tells it."""
    return Forge(event.partition("_")[0])


def told(event: str, secret: str, body: bytes, delivery: str = "f6266f16-1bf3") -> dict[str, str]:
    """The headers that the forge sends with ``body``; GitLab with the secret as its token."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    name, headers = _NAMES[event], {"content-type": "application/json"}
    if event.startswith("github"):
        more = {"event": name, "delivery": delivery}
        return headers | _prefixed("x-github-", more) | {"x-hub-signature-256": f"sha256={digest}"}
    if event.startswith("gitea"):
        return headers | _prefixed("x-gitea-", {"event": name, "delivery": delivery, "signature": digest})
    return headers | {
        "x-gitlab-event": name,
        "x-gitlab-event-uuid": delivery,
        "x-gitlab-token": secret,
        "idempotency-key": delivery,
    }


def signed_as_standard(
    secret: str, body: bytes, moment: int, delivery: str = "f6266f16-1bf3"
) -> dict[str, str]:
    """The headers of a GitLab that signs, and sends no token."""
    return {
        "x-gitlab-event": "Release Hook",
        "webhook-id": delivery,
        "webhook-timestamp": str(moment),
        "webhook-signature": sign(secret, delivery, moment, body),
    }


def _prefixed(prefix: str, fields: dict[str, str]) -> dict[str, str]:
    return {f"{prefix}{name}": value for name, value in fields.items()}
