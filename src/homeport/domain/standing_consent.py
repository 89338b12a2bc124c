"""Standing consent: the places whose files may come home when a maintainer registers a release.

1. It names hosts, and patterns for the path of a page and for the name of a file; all three must let a file through.
   The registration call of a maintainer is then the consent to the files of exactly that version.
2. A host by itself means https on port 443. Another port, and plain http, count when they are written: ``host:8443``,
   ``http://host``; whoever trusts plain http there trusts https there. What was recorded before schemes and ports were
   counted is read by the same rule, however its sources were named (T-09).
3. In a pattern ``*`` stands for anything, slashes too. A path is compared as it is after dot segments are resolved and
   needless percent-encoding is undone; one that servers may read otherwise than it is written is covered by no pattern
   but that for every path (T-06).
4. It holds until the day that it names begins, in UTC, 365 days at most; whoever maintains the project is told 30 and 7
   days before, and when it is over, each once. What was told is remembered, for the time may jump (T-41).
5. It is an owner's, and void when who gave it owns the project no longer (T-32). It is widened by its giver only: another
   owner replaces it with their own, and who owns nothing widens nothing. Withdrawn, it covers nothing, and nothing but an
   owner's consent gives it anew.
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
_MOST_TOLD: Final = 10


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

    ``hosts`` are places as :func:`place_of` names them.

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

    def names(self, url: Url) -> bool:
        """True when the place is named where ``url`` leads."""
        return place_of(url) in self.hosts or f"http://{url.authority}" in self.hosts

    def objections(self, page_url: str, filename: str) -> tuple[str, ...]:
        """Which parts of the terms keep a file of that name, found on that page, outside, and what each of them allows."""
        try:
            url = Url.parse(page_url)
        except Invalid:
            return (f"{page_url[:200]!r} is no address that could be named",)
        objections = (
            self._objection_to_place(url),
            self._objection_to_path(url),
            ""
            if any(fnmatchcase(filename, pattern) for pattern in self.patterns)
            else f"its name matches none of the file patterns ({_some(self.patterns)})",
        )
        return tuple(filter(None, objections))

    def _objection_to_place(self, url: Url) -> str:
        if self.names(url):
            return ""
        told = f"{place_of(url)} is none of the named hosts ({_some(self.hosts)})"
        is_near = any(host_of(named) == url.host for named in self.hosts)
        return f"{told}, where a host alone means https on port {_HTTPS}" if is_near else told

    def _objection_to_path(self, url: Url) -> str:
        if not _ALL.isdisjoint(self.paths):
            return ""
        path = plain_path(url)
        if path is None:
            return "servers may read the path of its page in two ways, and then no pattern but /* covers it"
        if any(fnmatchcase(path, pattern) for pattern in self.paths):
            return ""
        return f"the path of its page, {path[:200]}, matches none of the path patterns ({_some(self.paths)})"


def _some(texts: Sequence[str]) -> str:
    """What is allowed, in a sentence."""
    more = len(texts) - _MOST_TOLD
    told = [*texts[:_MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]
    return ", ".join(told) or "none is"


def place_of(url: Url) -> str:
    """How a standing consent names where ``url`` leads: the host alone for https on its own port."""
    if not url.is_tls:
        return url.origin
    return url.host if url.port == _HTTPS else url.authority


def host_of(place: str) -> str:
    """The host of a place that a standing consent names."""
    return _root_of(place).host


def _root_of(place: str) -> Url:
    if "://" in place:
        return Url.parse(place)
    # An IPv6 address stands without brackets unless a port follows.
    is_bare_address = place.count(":") > 1 and not place.startswith("[")
    return Url.parse(f"https://[{place}]/" if is_bare_address else f"https://{place}/")


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
    # What is too many is not looked at: nobody else can write meanwhile.
    named = [host for text in hosts[:MAX_HOSTS] if (host := _place(text, problems))]
    problems += _pattern_problems("path", paths) + _pattern_problems("file", patterns)
    problems += [
        f"The path pattern {path[:80]!r} must begin with / or *."
        for path in paths[:MAX_PATTERNS]
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


def _place(text: str, problems: list[str]) -> str:
    """The place as :func:`place_of` names it; its problem is added to ``problems``."""
    try:
        url = _root_of(text)
    except Invalid:
        url = None
    if url is None or url.target != "/" or url.fragment:
        problems.append(
            f"{text[:80]!r} is not a host: write it like files.example.org, which means https on port {_HTTPS}, like "
            "files.example.org:8443, or like http://files.example.org where there is no https."
        )
        return ""
    return place_of(url)


def _pattern_problems(what: str, patterns: Sequence[str]) -> list[str]:
    looked_at = patterns[:MAX_PATTERNS]
    problems = [
        f"The {what} pattern {pattern[:80]!r} is longer than {MAX_PATTERN} characters."
        for pattern in looked_at
        if len(pattern) > MAX_PATTERN
    ]
    problems += [
        f"The {what} pattern {pattern[:80]!r} holds characters that are not printable ASCII."
        for pattern in looked_at
        if not (pattern.isascii() and pattern.isprintable() and pattern)
    ]
    if len(patterns) > MAX_PATTERNS:
        problems.append(f"{len(patterns)} {what} patterns are given: at most {MAX_PATTERNS} are compared.")
    return problems


@dataclass(frozen=True, slots=True)
class StandingLine:
    """One change of a project's standing consent, with the serial of its entry in the ledger.

    ``kind`` is the kind of the entry; ``reason`` is told of what was withdrawn or voided, and of one that replaced another
    owner's.
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
