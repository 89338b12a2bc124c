"""Hosting modes, and the one table of the moves between them; what it does not say cannot happen.

1. New projects are ``pypi-only`` unless their owner chooses ``pypi-cache``.
2. Owners move towards hosting; only an administrator, with an exemption, moves back to ``pypi-ext``.
3. What the table allows, the policy of the index may still forbid (``domain/hosting_policy``).
4. The clock moves projects to ``pypi-only``, those of an announced campaign and those whose exemption has ended, and
   never re-hosts anything.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from homeport.domain.errors import Forbidden, IllegalMove, Invalid, NeedsConsent, Refusal
from homeport.domain.name_policy import ReservedNames
from homeport.domain.quota import Quotas


class HostingMode(StrEnum):
    """Who holds a project's release files."""

    EXT = "pypi-ext"
    CACHE = "pypi-cache"
    ONLY = "pypi-only"

    @classmethod
    def parse(cls, text: str) -> "HostingMode":
        """The mode of that name, or ``Invalid`` with the three there are."""
        try:
            return cls(text)
        except ValueError:
            raise Invalid(
                f"{text[:40]!r} is not a hosting mode: use pypi-ext, pypi-cache or pypi-only.",
                code="mode-unknown",
            ) from None

    @property
    def lists_external(self) -> bool:
        """True when installers are given external links."""
        return self is HostingMode.EXT

    @property
    def takes_crawled_files(self) -> bool:
        """True when registering a release brings its files home first."""
        return self is HostingMode.CACHE


class Mover(StrEnum):
    """Who asks for a move."""

    OWNER = "owner"
    ADMIN = "admin"
    CLOCK = "clock"


class Need(StrEnum):
    """What a move needs besides the right person."""

    NOTHING = "nothing"
    REVIEWED_PLAN = "reviewed-plan"  # a plan of all historic files, consented to, every accepted item hosted
    ACKNOWLEDGED_LOSS = "acknowledged-loss"  # the list of files that stop being installable
    STANDING_CONSENT = "standing-consent"
    EXEMPTION = "exemption"  # reason and date, mailed to owners, in the ledger, listed publicly
    EXEMPTION_ENDED = "exemption-ended"  # its day has come, or an administrator ends it with a reason
    NOTICE_30_DAYS = "notice-30-days"
    NOTICE_30_DAYS_NO_LOSS = "notice-30-days-no-loss"  # and on the day it still has no external files
    NOTICES_90_30_7_DAYS = "notices-90-30-7-days"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table. ``one_way`` moves cannot be undone by the same person."""

    source: HostingMode
    target: HostingMode
    mover: Mover
    need: Need
    one_way: bool = False


MOVES: tuple[Move, ...] = (
    Move(HostingMode.EXT, HostingMode.CACHE, Mover.OWNER, Need.REVIEWED_PLAN),
    Move(HostingMode.EXT, HostingMode.ONLY, Mover.OWNER, Need.ACKNOWLEDGED_LOSS, one_way=True),
    Move(HostingMode.CACHE, HostingMode.ONLY, Mover.OWNER, Need.NOTHING, one_way=True),
    Move(HostingMode.ONLY, HostingMode.CACHE, Mover.OWNER, Need.STANDING_CONSENT),
    Move(HostingMode.CACHE, HostingMode.EXT, Mover.ADMIN, Need.EXEMPTION),
    Move(HostingMode.ONLY, HostingMode.EXT, Mover.ADMIN, Need.EXEMPTION),
    # An exemption is for a while: without it, the project is as every other one that nobody brought home. Its links are
    # recorded still, so that a later opt-in can bring them home.
    Move(HostingMode.EXT, HostingMode.ONLY, Mover.CLOCK, Need.EXEMPTION_ENDED),
    Move(HostingMode.EXT, HostingMode.ONLY, Mover.ADMIN, Need.EXEMPTION_ENDED),
    # Group A of a campaign has no external files, group B has some; the phase-out ends pypi-cache.
    Move(HostingMode.EXT, HostingMode.ONLY, Mover.CLOCK, Need.NOTICE_30_DAYS_NO_LOSS),
    Move(HostingMode.EXT, HostingMode.ONLY, Mover.CLOCK, Need.NOTICES_90_30_7_DAYS),
    Move(HostingMode.CACHE, HostingMode.ONLY, Mover.CLOCK, Need.NOTICE_30_DAYS),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the settings decide for the index; what administrators decide on its pages is ``HostingPolicy``.

    ``must_sign_in`` asks everyone who reads for an account or a token. A release that was registered more than
    ``releases_close_after`` ago takes no new files but by a plan that a person reviewed (T-38). ``takes_stages`` opens
    the addresses of Upload 2.0.
    """

    must_sign_in: bool = False
    reserved_names: ReservedNames = field(default_factory=ReservedNames)
    releases_close_after: timedelta | None = None
    quotas: Quotas = field(default_factory=Quotas)
    takes_stages: bool = False


class MovePolicy(Protocol):
    """What the table asks of ``HostingPolicy``."""

    def refusal(
        self, source: HostingMode, target: HostingMode, mover: Mover, today: date, *, by_admin: bool = False
    ) -> Refusal | None:
        """Why the index does not allow this move, or ``None``."""
        ...

    def allows_cache_again(self, today: date) -> bool:
        """True when who gives ``pypi-cache`` up may choose it again."""
        ...


def move(
    source: HostingMode,
    target: HostingMode,
    mover: Mover,
    met: frozenset[Need],
    policy: MovePolicy,
    today: date,
    *,
    by_admin: bool = False,
) -> Move:
    """The row that allows ``source`` to become ``target`` for ``mover`` with the needs ``met``.

    ``by_admin`` says that the owner who moves is an administrator in person. Raises ``IllegalMove`` when the table has
    no such row or the policy forbids it, ``Forbidden`` when it is somebody else's to do, ``NeedsConsent`` when it lacks
    consent, and ``Invalid`` when it lacks anything else.
    """
    rows = [row for row in MOVES if row.source is source and row.target is target]
    if not rows:
        raise IllegalMove(f"A project cannot move from {source} to {target}.", code="mode-move-unknown")
    mine = [row for row in rows if row.mover is mover]
    if not mine:
        who = " or ".join(sorted({f"the {row.mover}" for row in rows if row.mover is not Mover.CLOCK}))
        raise Forbidden(
            f"Only {who} can move a project from {source} to {target}.", code="mode-move-forbidden"
        )
    if refusal := policy.refusal(source, target, mover, today, by_admin=by_admin):
        raise refusal
    allowed = next((row for row in mine if row.need is Need.NOTHING or row.need in met), None)
    if allowed is None:
        raise _unmet(mine[-1])
    return allowed


def is_one_way(row: Move, policy: MovePolicy, today: date) -> bool:
    """True when the person who makes this move cannot undo it, as the index's policy is now."""
    back_to_cache = row.source is HostingMode.CACHE and policy.allows_cache_again(today)
    return row.one_way and not back_to_cache


_UNMET = {
    Need.REVIEWED_PLAN: "Bring its files home first: make a plan (“Look for files” on its page, or homeport plan NAME), "
    "review it and accept it; the mode changes when every accepted file is hosted.",
    Need.STANDING_CONSENT: "Say that release files found at this project's sources may be hosted here (--consent).",
    Need.ACKNOWLEDGED_LOSS: "Read the list of files that would stop being installable and acknowledge it (--acknowledge-loss).",
    Need.EXEMPTION: "An exemption needs a reason and a date to come, until which it holds (--reason, --until).",
    Need.EXEMPTION_ENDED: "Its exemption must have ended: its day has come, or an administrator says why it ends now.",
    Need.NOTICE_30_DAYS_NO_LOSS: "The maintainers must have had notice for 30 days, and the project no external files.",
    Need.NOTICE_30_DAYS: "The maintainers must have had notice for 30 days.",
    Need.NOTICES_90_30_7_DAYS: "The maintainers must have had notices 90, 30 and 7 days before.",
}


def _unmet(row: Move) -> NeedsConsent | Invalid:
    sentence = f"Moving from {row.source} to {row.target} needs more. {_UNMET[row.need]}"
    if row.need in {Need.REVIEWED_PLAN, Need.STANDING_CONSENT}:
        return NeedsConsent(sentence, code=f"needs-{row.need}")
    return Invalid(sentence, code=f"needs-{row.need}")
