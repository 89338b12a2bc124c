"""robots.txt (RFC 9309): what a site allows this crawler, and which lines of the file say so.

1. The group of our own name counts, else the group of ``*``; groups of one name are one group.
2. The longest matching rule decides, and ``Allow`` where two are as long. What no rule matches may be asked.
3. At most 500 KiB are read. There is no file where the answer is ``4xx``, and everything may be asked; where the answer is
   another one, or none, nothing may be, for now.
4. What was read counts for a day, what could not be read for ten minutes.
5. Only the lines that concern us are kept, and given to the matcher: its work grows with the product of names and rules in
   a group, so that a hostile file could keep it busy for hours (T-26).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from protego import Protego

from homeport.domain.urls import Url

AGENT = "Homeport"
MAX_ROBOTS_BYTES = 500 * 1024
READ_LASTS = timedelta(hours=24)
TROUBLE_LASTS = timedelta(minutes=10)
# The ways in which people write the fields, those that other crawlers understand too: a slip is still a wish.
_LINE = re.compile(
    r"\s*(?:(?P<agent>user[ -]?agent)|(?P<allow>allow)|(?P<delay>crawl[ -]delay)"
    r"|(?P<disallow>disallow|dissallow|dissalow|disalow|diasllow|disallaw))(?:\s*:|\s|$)(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
_FIELDS = {"allow": "Allow", "disallow": "Disallow", "delay": "Crawl-delay"}
_PRODUCT = re.compile(r"\*(?!\S)|[A-Za-z_-]+")
_ENDS_LINE = re.compile(r"\r\n|\r|\n")
_WHO_COUNTS = frozenset({AGENT.lower(), "*"})
_TOO_MANY_REQUESTS = 429
# Also answers without a body, and redirects that lead nowhere: there is nothing to read.
_WITHOUT_FILE = range(201, 500)


class RobotsStatus(StrEnum):
    """What became of a host's robots.txt."""

    UNKNOWN = ""  # it was not asked for yet
    READ = "read"
    NONE = "none"  # there is none: everything may be asked
    TROUBLE = "trouble"  # it could not be read: nothing may be asked, for now


@dataclass(frozen=True, slots=True)
class Robots:
    """What a robots.txt says to this crawler, and until when that counts."""

    status: RobotsStatus = RobotsStatus.UNKNOWN
    rules: str = ""
    until: datetime | None = None
    crawl_delay_seconds: float = 0.0
    problem: str = ""

    def is_known(self, now: datetime) -> bool:
        """True while it need not be asked for again."""
        # Never longer than a day, whatever the clock did meanwhile.
        return self.until is not None and now < self.until <= now + READ_LASTS

    def allows(self, url: Url) -> bool:
        """True when ``url`` may be asked."""
        if self.status is RobotsStatus.TROUBLE:
            return False
        return _matcher(self.rules).can_fetch(str(url.without_fragment()), AGENT)


UNREAD: Final = Robots()


def read_robots(body: bytes, now: datetime) -> Robots:
    """What the file ``body`` says."""
    rules = own_lines(body[:MAX_ROBOTS_BYTES].decode("utf-8-sig", errors="replace"))
    delay = _matcher(rules).crawl_delay(AGENT) or 0.0
    return Robots(RobotsStatus.READ, rules, now + READ_LASTS, delay)


def no_robots(now: datetime) -> Robots:
    """There is no such file."""
    return Robots(RobotsStatus.NONE, until=now + READ_LASTS)


def robots_trouble(problem: str, now: datetime) -> Robots:
    """It could not be read."""
    return Robots(RobotsStatus.TROUBLE, until=now + TROUBLE_LASTS, problem=problem)


# To read the rules of a large file costs ten times what asking them does, and they are asked for every page of a host.
@lru_cache(maxsize=4)
def _matcher(rules: str) -> Protego:
    return Protego.parse(rules)


def is_absent(status: int) -> bool:
    """True when an answer of that status says that there is no robots.txt (RFC 9309, 2.3.1.3)."""
    # 429 speaks of us, and not of the file.
    return status in _WITHOUT_FILE and status != _TOO_MANY_REQUESTS


def own_lines(text: str) -> str:
    """The groups of ``text`` that are for this crawler or for all, in canonical form."""
    kept: list[str] = []
    is_ours, is_opening = False, False
    for line in _ENDS_LINE.split(text):
        found = _LINE.fullmatch(line.partition("#")[0])
        if found is None:
            continue
        value = found["value"].strip()
        if found["agent"]:
            product = _PRODUCT.match(value)
            is_named = product is not None and product[0].lower() in _WHO_COUNTS
            if product is not None and is_named:
                kept.append(f"User-agent: {product[0]}")
            # Names that follow each other open one group.
            is_ours = is_named or (is_opening and is_ours)
        elif is_ours:
            # Also a rule without a value: it says nothing, and ends the names of its group.
            field = next(field for name, field in _FIELDS.items() if found[name])
            kept.append(f"{field}: {value}")
        is_opening = bool(found["agent"])
    return "\n".join(kept)
