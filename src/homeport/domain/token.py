"""What an API token may be made for, and when it has ended.

1. Who asks by a token gets none that reaches farther: not in what it is for, not in projects, not in time (I-15).
2. A token ends when it is revoked or when its time has come, whatever comes first; it is listed for 90 days more.
3. That it is used is noted once an hour.
"""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from homeport.domain.account import Caller, Scope, Token
from homeport.domain.errors import Forbidden, Invalid, all_problems

LONGEST_LABEL = 64
MOST_PROJECTS = 100
MOST_FOUND = 100
LISTED_FOR = timedelta(days=90)
NOTED_EVERY = timedelta(hours=1)
_DURATION = re.compile(r"([0-9]{1,5})([hdw])", re.ASCII)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class TokenState(StrEnum):
    """How a token stands."""

    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"


def token_state(token: Token, now: datetime) -> TokenState:
    """How ``token`` stands at this moment."""
    if token.revoked_at is not None:
        return TokenState.REVOKED
    is_over = token.expires_at is not None and token.expires_at <= now
    return TokenState.EXPIRED if is_over else TokenState.LIVE


def is_use_news(token: Token, now: datetime) -> bool:
    """True when a use of ``token`` is to be noted."""
    return token.last_used_at is None or now - token.last_used_at >= NOTED_EVERY


class Reach(NamedTuple):
    """How far a token reaches: what it is for, in which projects (none named: all), and until when."""

    scopes: frozenset[Scope]
    projects: frozenset[str]
    until: datetime | None

    @classmethod
    def of(cls, token: Token) -> "Reach":
        """How far ``token`` reaches."""
        return cls(token.scopes, token.projects, token.expires_at)

    def beyond(self, other: "Reach") -> tuple[str, ...]:
        """Every way in which this reaches farther than ``other``, in words."""
        farther = []
        if more := self.scopes - other.scopes:
            farther.append(f"It may not {' or '.join(sorted(more))} itself.")
        if other.projects and not self.projects:
            farther.append(f"It is for {', '.join(sorted(other.projects))} only, not for all projects.")
        elif other.projects and (more_projects := self.projects - other.projects):
            farther.append(f"It is not for {', '.join(sorted(more_projects))}.")
        if other.until is not None and (self.until is None or self.until > other.until):
            farther.append(f"It ends by itself at {other.until:%Y-%m-%d %H:%M} UTC.")
        return tuple(farther)


def require_may_make(caller: Caller, reach: Reach) -> None:
    """``Forbidden`` when the caller asks by a token that cannot manage, or that does not reach as far as ``reach``."""
    if caller.token is None:
        return
    if Scope.MANAGE not in caller.token.scopes:
        raise Forbidden("This needs a token to manage, or a password.", code="token-scope")
    if farther := reach.beyond(Reach.of(caller.token)):
        raise Forbidden(
            f"The token that asks cannot make one that reaches farther. {' '.join(farther)}",
            code="token-beyond",
            problems=farther,
        )


def keeps(caller: Caller, token: Token) -> bool:
    """True when the caller may see and revoke ``token``: it is their own, and none that reaches farther than theirs."""
    if token.user != caller.user.name:
        return False
    if caller.token is None or caller.token.id == token.id:
        return True
    return Scope.MANAGE in caller.token.scopes and not Reach.of(token).beyond(Reach.of(caller.token))


def require_sense(
    label: str, scopes: Collection[Scope], projects: Collection[str], lasts: timedelta | None
) -> None:
    """``Invalid`` with everything that is wrong about a token that is asked for; its ``label`` may be empty."""
    problems = []
    if len(label) > LONGEST_LABEL or not label.isprintable():
        problems.append(f"The label must be plain text of at most {LONGEST_LABEL} characters.")
    if not scopes:
        problems.append("Say what the token is for: upload, manage or read.")
    if len(projects) > MOST_PROJECTS:
        problems.append(
            f"{len(projects)} projects are named: name {MOST_PROJECTS} at most, or none to mean all."
        )
    if lasts is not None and lasts <= timedelta(0):
        problems.append("A token must last for some time: for example 90d.")
    all_problems("The token", problems, code="token-invalid")


def parse_duration(text: str) -> timedelta:
    """How long ``12h``, ``90d`` or ``52w`` are, or ``Invalid``."""
    match = _DURATION.fullmatch(text)
    if not match or int(match[1]) == 0:
        raise Invalid(
            f"{text[:40]!r} is not a duration: write for example 12h, 90d or 52w.", code="duration-invalid"
        )
    return int(match[1]) * _UNITS[match[2]]
