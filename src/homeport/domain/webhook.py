"""Webhooks: who is told of what happens here by a POST, and what becomes of one that does not take it.

1. A webhook is the index's (an administrator made it), a project's (an owner did), or a person's own (their notices).
2. The index's are told of what happens to the index and its public projects; of a private project its own are told only.
3. It counts while who answers for it may still have it: an owner who is none any more hears no more (T-32).
4. After a failure it rests, a minute at first, and a day at most; after five days without a success it is disabled.
5. What an administrator stopped is told nothing until an administrator lets it go; what its owner had disabled stays so.
   Enabled or let go, it goes on where it was.
6. Its address is https, unless it is an address that the operator opened to us. It may be a secret by itself, so the ledger
   names its host.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from homeport.domain.errors import Refusal, together
from homeport.domain.ledger import Kind
from homeport.domain.urls import Url

PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
LOST_AFTER: Final = timedelta(days=5)
MOST_HOOKS: Final = 20
INDEX_OWNER: Final = "index"
NOTICE: Final = "notice"
TEST: Final = "test"


class Feed(StrEnum):
    """What a webhook is fed from."""

    INDEX = "index"
    PROJECT = "project"
    PERSON = "person"


class HookState(StrEnum):
    """How a webhook stands."""

    LIVE = "live"
    FAILING = "failing"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook; ``by`` answers for it.

    ``events`` are the kinds of entries it is told of, empty for all. ``cursor`` is the last entry, of a person's the
    last notice, that it was fed. ``failures`` count since the last success, ``failing_since`` is the first of them.
    ``stopped_by`` is the administrator who stopped it. ``both_until`` is until when the secret before the present one
    signs, too.
    """

    id: int
    feed: Feed
    url: str
    events: tuple[str, ...]
    by: str
    at: datetime
    project_id: int | None = None
    project: str = ""
    user_id: int | None = None
    cursor: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    disabled_at: datetime | None = None
    disabled_why: str = ""
    stopped_at: datetime | None = None
    stopped_by: str = ""
    stopped_why: str = ""
    both_until: datetime | None = None

    @property
    def owner(self) -> str:
        """Whose it is: a project, a person, or ``index``."""
        if self.feed is Feed.PROJECT:
            return self.project
        return INDEX_OWNER if self.feed is Feed.INDEX else self.by

    @property
    def state(self) -> HookState:
        """How it stands."""
        if self.is_disabled:
            return HookState.DISABLED
        return HookState.FAILING if self.failures else HookState.LIVE

    @property
    def is_disabled(self) -> bool:
        """True while it is told nothing: it was disabled, or an administrator stopped it."""
        return self.disabled_since is not None

    @property
    def disabled_since(self) -> datetime | None:
        """Since when it is told nothing."""
        return self.stopped_at or self.disabled_at

    @property
    def why(self) -> str:
        """Why it is told nothing."""
        return f"An administrator stopped it: {self.stopped_why}" if self.stopped_at else self.disabled_why

    @property
    def host(self) -> str:
        """The host that is asked, as a URL names it."""
        return Url.parse(self.url).authority

    @property
    def path(self) -> str:
        """What follows the host: by it, those who may see it tell webhooks at one host apart."""
        return Url.parse(self.url).target

    @property
    def page(self) -> str:
        """The page of all webhooks beside it."""
        if self.feed is Feed.PROJECT:
            return f"/manage/projects/{self.project}/webhooks/"
        return "/admin/webhooks/" if self.feed is Feed.INDEX else "/account/webhooks/"

    def wants(self, kind: str) -> bool:
        """True when it is told of entries of that kind."""
        return not self.events or kind in self.events

    def succeeded(self) -> "Webhook":
        """It took what it was told."""
        return replace(self, failures=0, failing_since=None, rests_until=None)

    def failed(self, now: datetime, asked_for: timedelta = timedelta(0)) -> "Webhook":
        """It did not, and may have asked to be left alone for so long."""
        pause = max(PAUSES[min(self.failures, len(PAUSES) - 1)], min(asked_for, PAUSES[-1]))
        return replace(
            self,
            failures=self.failures + 1,
            failing_since=self.failing_since or now,
            rests_until=now + pause,
        )

    def is_lost(self, now: datetime) -> bool:
        """True when nothing was taken for so long that nobody is there."""
        return self.failing_since is not None and now - self.failing_since >= LOST_AFTER

    def disabled(self, now: datetime, why: str) -> "Webhook":
        """It is told of nothing any more."""
        return replace(self, disabled_at=now, disabled_why=why, rests_until=None)

    def enabled(self, by: str) -> "Webhook":
        """It is told of what happens again, from where it was; ``by`` answers for it."""
        return replace(self.succeeded(), by=by, disabled_at=None, disabled_why="")

    def stopped(self, now: datetime, by: str, why: str) -> "Webhook":
        """The administrator ``by`` stopped it: its owner cannot enable it."""
        return replace(self, stopped_at=now, stopped_by=by, stopped_why=why, rests_until=None)

    def let_go(self) -> "Webhook":
        """It stands as it did before it was stopped, and goes on from where it was."""
        return replace(self.succeeded(), stopped_at=None, stopped_by="", stopped_why="")

    def without_path(self) -> "Webhook":
        """It, as it is shown to who looks after the index: what follows the host may be a secret by itself."""
        return replace(self, url=f"{Url.parse(self.url).origin}/")


def require_hook(feed: Feed, url: str, events: Collection[str]) -> tuple[Url, tuple[str, ...]]:
    """Where a new webhook leads and what it is told of, or ``Invalid`` with everything that is wrong."""
    problems, parsed = list[str](), None
    try:
        parsed = Url.parse(url.strip())
    except Refusal as refusal:
        problems.append(refusal.sentence)
    else:
        if not parsed.is_tls and parsed.address is None:
            problems.append(f"{parsed.origin} is not protected: an https:// address is wanted.")
    chosen = tuple(sorted(set(events)))
    if feed is Feed.PERSON and chosen:
        problems.append("Your own webhook is told of every notice: it takes no events.")
    elif unknown := [event for event in chosen if event not in set(Kind)]:
        problems.append(f"There is no event {', '.join(repr(event[:40]) for event in unknown[:5])}.")
    if problems or parsed is None:
        raise together("The webhook", problems, code="webhook-invalid")
    return parsed.without_fragment(), chosen
