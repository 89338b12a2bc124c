"""Receivers: addresses by which a forge tells of a release, so that its files come home without anybody asking.

1. A receiver belongs to one project and one kind of forge; ``by``, who made it, is who asks when it is told something.
2. Whoever tells must show that they know its secret: by a signature of the body (GitHub, Gitea, Forgejo), by the
   signature of Standard Webhooks, or by the secret itself (GitLab). All are compared in constant time.
3. What was acted upon is known by its id, and by its body: told again, it is answered, and nothing is done.
4. Failures are counted for each receiver; what is rightly signed passes, however much is tried in vain.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from homeport.domain.digests import Sha256
from homeport.domain.errors import Forbidden, Invalid
from homeport.domain.source import SourceKind
from homeport.domain.throttle import Bucket
from homeport.domain.webhook import HookState
from homeport.domain.webhook_signature import is_signed, same

KEY_BYTES: Final = 16
MOST_RECEIVERS: Final = 10
KEPT: Final = timedelta(days=30)
MAX_BODY_BYTES: Final = 1024 * 1024
_MOST_ACTED: Final = 30
_MOST_REFUSED: Final = 30
_MOST_NOTED: Final = 30
_LONGEST_ID: Final = 200

Headers = Mapping[str, str]
"""Header fields by their names in lower case."""


class Forge(StrEnum):
    """Who tells; Forgejo speaks as Gitea does."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITEA = "gitea"

    @classmethod
    def parse(cls, text: str) -> "Forge":
        """The forge of that name, or ``Invalid``."""
        try:
            return cls(text)
        except ValueError:
            raise Invalid(
                f"{text[:40]!r} is not a forge that tells of releases: use one of {', '.join(cls)}.",
                code="forge-unknown",
            ) from None

    @property
    def source(self) -> SourceKind:
        """The kind of source that its repositories are."""
        return SourceKind(self.value)


@dataclass(frozen=True, slots=True)
class Receiver:
    """One receiver; ``key`` is the end of its address, 128 bits that nobody can guess.

    ``stopped_by`` is the administrator who disabled it. ``both_until`` is until when the secret before the present one
    is taken, too.
    """

    id: int
    key: str
    project_id: int
    project: str
    forge: Forge
    by: str
    at: datetime
    stopped_at: datetime | None = None
    stopped_by: str = ""
    stopped_why: str = ""
    both_until: datetime | None = None

    @property
    def path(self) -> str:
        """Where the forge sends its events."""
        return f"/hooks/{self.key}"

    @property
    def page(self) -> str:
        """The page of the project that it is on."""
        return f"/manage/projects/{self.project}/webhooks/"

    def stopped(self, now: datetime, by: str, why: str) -> "Receiver":
        """The administrator ``by`` disabled it: what it is told is refused."""
        return replace(self, stopped_at=now, stopped_by=by, stopped_why=why)

    def let_go(self) -> "Receiver":
        """It takes what it is told again."""
        return replace(self, stopped_at=None, stopped_by="", stopped_why="")


@dataclass(frozen=True, slots=True)
class Reception:
    """One event that a forge told and could sign for; ``rehost_id`` is the run that began with it, or went on."""

    id: int
    receiver_id: int
    event: str
    at: datetime
    status: int
    said: str
    rehost_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiverStand:
    """A receiver as administrators see it; ``refused`` is how much of what it was told lately was refused."""

    receiver: Receiver
    refused: int

    @property
    def state(self) -> HookState:
        """How it stands."""
        if self.receiver.stopped_at is not None:
            return HookState.DISABLED
        return HookState.FAILING if self.refused else HookState.LIVE


def require_told(forge: Forge, secrets: Sequence[str], headers: Headers, body: bytes, now: datetime) -> None:
    """``Forbidden`` unless whoever sent ``body`` knows one of the secrets that count."""
    if not any(_is_told(forge, secret, headers, body, now) for secret in secrets):
        raise Forbidden(
            "The signature is not this receiver's: give the forge the secret that was shown when it was made.",
            code="signature-wrong",
        )


def _is_told(forge: Forge, secret: str, headers: Headers, body: bytes, now: datetime) -> bool:
    if forge is Forge.GITLAB:
        if signatures := headers.get("webhook-signature", ""):
            number, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
            return is_signed(secret, number, moment, body, signatures, int(now.timestamp()))
        return same(secret, headers.get("x-gitlab-token", ""))
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if forge is Forge.GITHUB:
        return same(f"sha256={digest}", headers.get("x-hub-signature-256", ""))
    given = headers.get("x-forgejo-signature") or headers.get("x-gitea-signature", "")
    return same(digest, given)


def marks_of(forge: Forge, headers: Headers, body: bytes) -> tuple[Sha256, ...]:
    """What a delivery is known by: its id, and its body, since most forges do not sign the id."""
    names = {
        Forge.GITHUB: ("x-github-delivery",),
        Forge.GITEA: ("x-forgejo-delivery", "x-gitea-delivery"),
        Forge.GITLAB: ("webhook-id", "idempotency-key", "x-gitlab-event-uuid"),
    }
    number = next((headers[name] for name in names[forge] if headers.get(name)), "")[:_LONGEST_ID]
    texts = [b"body:" + body, *([b"id:" + number.encode(errors="replace")] if number else [])]
    return tuple(Sha256.of(text) for text in texts)


def acting(receiver: Receiver) -> Bucket:
    """Where it counts that an event was acted upon."""
    return Bucket(f"receiver:{receiver.id}", _MOST_ACTED)


def noting(receiver: Receiver) -> Bucket:
    """Where it counts that an event was rightly signed, and refused."""
    return Bucket(f"receiver-noted:{receiver.id}", _MOST_NOTED)


def refusing(receiver: Receiver) -> Bucket:
    """Where it counts that somebody did not know the secret."""
    return Bucket(f"receiver-refused:{receiver.id}", _MOST_REFUSED)
