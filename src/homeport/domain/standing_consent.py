"""Standing consent: the places whose files may come home when a maintainer registers a release.

1. It names hosts, and patterns for the path of a page and for the name of a file; all three must let a file through.
   The registration call of a maintainer is then the consent to the files of exactly that version.
2. In a pattern ``*`` stands for anything, slashes too. A path is compared as it is after dot segments are resolved and
   needless percent-encoding is undone; one that servers may read otherwise than it is written is covered by no pattern
   but that for every path (T-06).
3. It holds until the day that it names begins, in UTC, 365 days at most; whoever maintains the project is told 30 and 7
   days before, and when it is over, each once. What was told is remembered, for the time may jump (T-41).
4. It is an owner's, and void when who gave it owns the project no longer (T-32). Withdrawn, it covers nothing, and nothing
   but an owner's consent gives it anew.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import unquote

from homeport.domain.errors import Invalid, together
from homeport.domain.ledger import Kind
from homeport.domain.project import Role
from homeport.domain.source import MAX_PATTERN, MAX_PATTERNS
from homeport.domain.urls import Url

STANDING_LIMIT: Final = timedelta(days=365)
REMINDERS: Final = (30, 7, 0)
EVERY_PATH: Final = ("/*",)
_ALL: Final = frozenset({"*", *EVERY_PATH})
EVERY_FILE: Final = ("*",)
MAX_HOSTS: Final = 100
_ESCAPE: Final = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]")
# A backslash, a percent sign or a control character that hides: servers differ about what it means.
_HIDDEN: Final = re.compile("%(?:5C|25|[01][0-9A-F]|7F)")
_DOTS: Final = re.compile(r"[ .]*\.[ .]*")
_NO_UTF8: Final = "\N{REPLACEMENT CHARACTER}"
_HTTPS: Final = 443


class Condition(StrEnum):
    """How a standing consent is."""

    LIVE = "live"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    VOID = "void"  # who gave it owns the project no longer
    IDLE = "idle"  # the project is not pypi-cache, so nobody asks for it


@dataclass(frozen=True)
class StandingConsent:
    """Consent for releases yet to be registered: pages on ``hosts`` at ``paths``, files whose names match ``patterns``.

    ``reminded`` is how many days before the end people were last told of it.
    """

    project: str
    given_by: str
    hosts: tuple[str, ...]
    patterns: tuple[str, ...]
    given_at: datetime
    expires_at: datetime
    paths: tuple[str, ...] = EVERY_PATH
    reminded: int | None = None
    withdrawn_at: datetime | None = None

    @property
    def ends_on(self) -> date:
        """The day on which it ends, or in which, when it was given by the hour."""
        return self.expires_at.astimezone(UTC).date()

    @property
    def due_on(self) -> date | None:
        """The day on which the clock has somebody to tell of its end, ``None`` when there is none."""
        to_come = [days for days in REMINDERS if self.reminded is None or days < self.reminded]
        if self.withdrawn_at is not None or not to_come:
            return None
        return self.ends_on - timedelta(days=max(to_come))

    def is_void(self, giver: Role | None) -> bool:
        """True when who gave it, and has the role ``giver`` now, does not own the project."""
        return giver is not Role.OWNER

    def condition(self, giver: Role | None, now: datetime, *, is_asked: bool) -> Condition:
        """How it is; ``is_asked`` says whether the project's mode asks for it at all."""
        if self.withdrawn_at is not None:
            return Condition.WITHDRAWN
        if not is_asked:
            return Condition.IDLE
        if self.is_void(giver):
            return Condition.VOID
        return Condition.LIVE if now < self.expires_at else Condition.EXPIRED

    def covers(self, page_url: str, filename: str, now: datetime) -> bool:
        """True when a file of that name, found on that page, may come home at registration."""
        if self.withdrawn_at is not None or now >= self.expires_at:
            return False
        try:
            url = Url.parse(page_url)
        except Invalid:
            return False
        return (
            url.host in self.hosts
            and any(fnmatchcase(filename, pattern) for pattern in self.patterns)
            and self._covers_path(url)
        )

    def _covers_path(self, url: Url) -> bool:
        if not _ALL.isdisjoint(self.paths):
            return True
        path = plain_path(url)
        return path is not None and any(fnmatchcase(path, pattern) for pattern in self.paths)


def plain_path(url: Url) -> str | None:
    """The path in the one spelling that patterns are compared with; ``None`` when servers may read it in two ways."""
    path = _ESCAPE.sub(_plainly, url.target.partition("?")[0])
    # Some servers take %2F for a slash, and cut off what stands behind a semicolon, or blanks, before they look for dots.
    told = unquote(path)
    segments = (segment.partition(";")[0] for segment in told.split("/"))
    # What is no UTF-8 may be a dot that is written too long.
    if _HIDDEN.search(path) or _NO_UTF8 in told or any(map(_DOTS.fullmatch, segments)):
        return None
    return path


def _plainly(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()


def reminder(end: date, today: date) -> int | None:
    """The reminder that telling people ``today`` stands for, ``None`` while the end is farther away than any."""
    return min((days for days in REMINDERS if (end - today).days <= days), default=None)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an owner consents to: where, which files, and until which day."""

    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    patterns: tuple[str, ...]
    until: date

    @property
    def expires_at(self) -> datetime:
        """The moment in which that day begins."""
        return datetime.combine(self.until, time(), UTC)


def read_terms(
    hosts: Sequence[str], paths: Sequence[str], patterns: Sequence[str], until: date, today: date
) -> Terms:
    """The terms that were asked for, or ``Invalid`` with everything that is wrong; no path or file pattern means every one."""
    problems = [] if hosts else ["Name a host at least: files of nowhere are covered by no consent."]
    named = [host for text in hosts if (host := _host(text, problems))]
    problems += _pattern_problems("path", paths) + _pattern_problems("file", patterns)
    problems += [
        f"The path pattern {path[:80]!r} must begin with / or *."
        for path in paths
        if path[:1] not in {"/", "*"}
    ]
    if len(hosts) > MAX_HOSTS:
        problems.append(f"{len(hosts)} hosts are named: at most {MAX_HOSTS} can be.")
    if not today < until <= today + STANDING_LIMIT:
        problems.append(
            f"It must end after {today}, and on {today + STANDING_LIMIT} at the latest; {until} does not do."
        )
    if problems:
        raise together("The standing consent", problems, code="standing-consent-invalid")
    return Terms(
        tuple(dict.fromkeys(named)), _once(paths) or EVERY_PATH, _once(patterns) or EVERY_FILE, until
    )


def _once(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _host(text: str, problems: list[str]) -> str:
    """The host as URLs name it; its problem is added to ``problems``."""
    bare = f"[{text}]" if ":" in text and not text.startswith("[") else text
    try:
        url = Url.parse(f"https://{bare}/")
    except Invalid:
        url = None
    if url is None or url.target != "/" or url.port != _HTTPS or url.fragment:
        problems.append(
            f"{text[:80]!r} is not a host: write it like files.example.org, without https:// and port."
        )
        return ""
    return url.host


def _pattern_problems(what: str, patterns: Sequence[str]) -> list[str]:
    problems = [
        f"The {what} pattern {pattern[:80]!r} is longer than {MAX_PATTERN} characters."
        for pattern in patterns
        if len(pattern) > MAX_PATTERN
    ]
    problems += [
        f"The {what} pattern {pattern[:80]!r} holds characters that are not printable ASCII."
        for pattern in patterns
        if not (pattern.isascii() and pattern.isprintable() and pattern)
    ]
    if len(patterns) > MAX_PATTERNS:
        problems.append(f"{len(patterns)} {what} patterns are given: at most {MAX_PATTERNS} are compared.")
    return problems


@dataclass(frozen=True, slots=True)
class StandingLine:
    """One change of a project's standing consent, with the serial of its entry in the ledger.

    ``kind`` is the kind of the entry; ``reason`` is told of what was withdrawn or voided.
    """

    serial: int
    at: datetime
    kind: Kind
    by: str
    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    patterns: tuple[str, ...]
    until: date
    reason: str = ""
