"""One webhook as the model knows it: whose it is, what it must be told, what it was told, and how often people may do things.

1. Entries are known by their serials, and of a person's webhook notices by their numbers; tests by the id of their message.
2. What a person wants told again is due anew, under the id that it had, and ends no rest.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from homeport.domain.webhook import Feed

_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))


@dataclass
class Hook:
    """What one webhook must be told: ``due`` are numbers, with the projects that are named there.

    ``of`` is the project or the person that it is of, ``by`` who answers for it. ``reach`` is the last number that it was ever
    fed, ``tried`` is when each was tried first, ``taken`` are those of which it is remembered that they were taken, ``excused``
    those that may be left out. ``again`` are those that people wanted told once more, ``trials`` the tests that they asked
    for. ``failing`` is since when it took nothing, however often.
    """

    id: int
    feed: Feed
    of: str
    by: str
    kinds: tuple[str, ...]
    cursor: int
    secrets: list[str]
    both_until: datetime
    is_disabled: bool = False
    is_stopped: bool = False
    reach: int = field(init=False)
    due: dict[int, set[str]] = field(default_factory=dict)
    tried: dict[int, datetime] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    excused: set[int] = field(default_factory=set)
    again: set[int] = field(default_factory=set)
    trials: set[str] = field(default_factory=set)
    failing: datetime | None = None
    failures: int = 0
    rests_until: datetime | None = None

    def __post_init__(self) -> None:
        """What was before it came it need not be told."""
        self.reach = self.cursor

    @property
    def hears(self) -> bool:
        """Whether it is told anything."""
        return not (self.is_disabled or self.is_stopped)

    def missing(self) -> list[int]:
        """What it was not told, and must be."""
        return sorted(self.due.keys() - self.taken - self.excused)

    def fed(self, news: Iterable[tuple[int, set[str]]], newest: int) -> None:
        """It is told of the ``news``; up to ``newest`` there is nothing else for it."""
        for number, names in news:
            self.due[number] = names
            if number <= self.reach:
                self.told_anew(number)
        self.cursor, self.reach = newest, max(newest, self.reach)

    def told_anew(self, number: int) -> None:
        """A person wants it told once more: that may come at any time, and has five days again."""
        self.again.add(number)
        self.taken.discard(number)
        self.excused.discard(number)
        self.tried.pop(number, None)

    def fares_well(self) -> None:
        """It took something, or begins anew."""
        self.failing, self.failures, self.rests_until = None, 0, None

    def fails(self, now: datetime) -> None:
        """It took nothing, and rests, longer each time: also from what people want told again."""
        self.failing, self.rests_until = (
            self.failing or now,
            now + _PAUSES[min(self.failures, len(_PAUSES) - 1)],
        )
        self.failures += 1

    def rests(self, now: datetime) -> bool:
        """Whether it is left alone."""
        return self.rests_until is not None and now < self.rests_until

    def is_out_of_turn(self, number: int) -> bool:
        """Whether something that follows was tried before it, and nobody asked for that."""
        if number in self.tried or number in self.again:
            return False
        return any(number < one for one in self.tried.keys() - self.again)

    def signatures(self, message_id: str, moment: str, body: bytes, now: datetime) -> set[str]:
        """What every secret that counts makes of a message."""
        counting = self.secrets if now < self.both_until else self.secrets[:1]
        keys = (base64.b64decode(secret.removeprefix("whsec_")) for secret in counting)
        signed = f"{message_id}.{moment}.".encode() + body
        return {"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys}


@dataclass
class Allowance:
    """How often somebody may do something: ``most`` times ``within`` a while."""

    most: int
    within: timedelta
    used: dict[str, list[datetime]] = field(default_factory=dict)

    def has_room(self, who: str, now: datetime) -> bool:
        """Whether they may do it once more."""
        return sum(now - at < self.within for at in self.used.get(who, ())) < self.most

    def use(self, who: str, now: datetime) -> None:
        """They did it."""
        self.used.setdefault(who, []).append(now)


def named_in(entry: Mapping[str, Any]) -> set[str]:
    """The projects that an entry names."""
    details = entry["details"]
    names = {entry["project"], details.get("project"), *(details.get("projects") or ())}
    return {name for name in names if name}


def mentions(text: str, name: str) -> bool:
    """Whether a text speaks of a project; what a site's name says is no word of the project."""
    return re.search(rf"\b{name}\b(?!\.test)", text) is not None
