"""Manners towards other people's servers: when a host is asked next, how long it rests, how much is taken in a day.

1. One request at a time goes to a host, and it starts at least the pace after the start of the one before; the host's
   own Crawl-delay, of a minute at most, counts when it is longer (T-25).
2. A host that failed three times in a row rests for a minute, then for two, four and so on, six hours at most. One answer
   ends that; ``4xx`` are answers. With ``429`` and ``503`` it rests as long as its Retry-After asks, six hours at most;
   so it does with a ``403`` that says how long: that is how forges answer who asked too often.
3. A frozen host is not asked at all.
4. What is taken counts by day (UTC) for the host and for its registrable domain. The request that reaches a budget is
   the last one of its day.
5. A turn is held on a lease, which is renewed while bytes come: who was killed with one holds it for less than a minute.
6. Times are those of the wall clock, which all processes share. When it goes back, all that is known of a host goes
   back with it, as if its last request had been just now: no pause gets shorter, and none lasts for years (T-41).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from email.utils import parsedate_to_datetime
from enum import StrEnum

from homeport.domain.errors import Invalid
from homeport.domain.robots import UNREAD, Robots, RobotsStatus
from homeport.domain.urls import Url

LONGEST_CRAWL_DELAY = 60.0
LONGEST_REST = timedelta(hours=6)
FIRST_REST = timedelta(minutes=1)
FAILURES_BEFORE_REST = 3
# Problems that show nothing of the host: our rules ended the request, or the answer was whole and not to our liking.
_NOT_ITS_FAULT = frozenset(
    {"", "abandoned", "answer-encoded", "changed-while-fetched", "http-error", "not-modified", "too-large"}
)
_FORBIDDEN, _TOO_MANY_REQUESTS, _UNAVAILABLE = 403, 429, 503
_FIRST_SERVER_ERROR = 500
_MOST_DIGITS = 9
_HTTPS_PORT = 443


class HostState(StrEnum):
    """How a host stands at a moment."""

    READY = "ready"  # it may be asked at once
    PACED = "paced"  # somebody asks it, or did a moment ago
    RESTING = "resting"  # it failed, or asked for a pause
    FROZEN = "frozen"  # a person, or the drift watch, must look at it first

    @classmethod
    def parse(cls, text: str) -> "HostState":
        """The state of that name, or ``Invalid``."""
        try:
            return cls(text)
        except ValueError:
            raise Invalid(
                f"{text[:40]!r} is not how a host stands: use {', '.join(cls)}.", code="host-state-unknown"
            ) from None


@dataclass(frozen=True, slots=True)
class Politeness:
    """What the index's operator decided. ``None`` is no budget; a pace of 0 is none."""

    pace_seconds: float = 1.0
    host_bytes: int | None = None
    domain_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The bytes that were taken today, from a host and from all hosts of its registrable domain."""

    host_bytes: int = 0
    domain_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Frozen:
    """Why a host is not asked at all, since when, and who said so."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Host:
    """What is known of a host (``Url.authority``). ``asked_at`` is the start of the last request.

    ``holder`` has the turn until ``held_until``, the end of its lease. ``failures`` are those in a row; ``problem`` is
    the last one.
    """

    name: str
    asked_at: datetime | None = None
    next_at: datetime | None = None
    holder: str = ""
    held_until: datetime | None = None
    failures: int = 0
    resting_until: datetime | None = None
    problem: str = ""
    robots: Robots = UNREAD
    frozen: Frozen | None = None

    def state(self, now: datetime) -> HostState:
        """How it stands."""
        if self.frozen is not None:
            return HostState.FROZEN
        if self.is_resting(now):
            return HostState.RESTING
        if _is_before(now, self.next_at) or _is_before(now, self.held_until):
            return HostState.PACED
        return HostState.READY

    def is_resting(self, now: datetime) -> bool:
        """True until its rest has ended."""
        return _is_before(now, self.resting_until)

    def gap(self, politeness: Politeness) -> timedelta:
        """How far apart two requests begin."""
        return timedelta(seconds=max(politeness.pace_seconds, self.robots.crawl_delay_seconds))


@dataclass(frozen=True, slots=True)
class Away:
    """Why a host must not be asked now. ``is_final``: waiting does not help."""

    code: str
    sentence: str
    retry_after_seconds: int | None = None
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How a request ended: ``status`` is 0 when nothing was answered, ``problem`` the code of what went wrong."""

    status: int
    problem: str = ""
    retry_after_seconds: int | None = None

    @property
    def is_failure(self) -> bool:
        """True when the host, or the way to it, failed."""
        is_limit = self.status == _FORBIDDEN and self.retry_after_seconds is not None
        if is_limit or self.status == _TOO_MANY_REQUESTS or self.status >= _FIRST_SERVER_ERROR:
            return True
        return self.problem not in _NOT_ITS_FAULT and not self.problem.endswith("-refused")

    @property
    def is_answer(self) -> bool:
        """True when the host answered as a host in order does."""
        return self.status > 0 and not self.is_failure

    @property
    def wanted_rest(self) -> timedelta:
        """How long the host asks to be left alone."""
        may_ask = self.status in {_FORBIDDEN, _TOO_MANY_REQUESTS, _UNAVAILABLE}
        asked = self.retry_after_seconds if may_ask else None
        return min(timedelta(seconds=asked or 0), LONGEST_REST)


def host_name(text: str) -> str:
    """The name that a host is known by, or ``Invalid``; a URL there names it, too."""
    if not text:
        raise Invalid("Name a host: write example.org or example.org:8080.", code="host-invalid")
    url = Url.parse(text if "://" in text else f"http://{text}/")
    if "://" not in text and url.target != "/":
        raise Invalid(
            f"{text[:80]!r} is not a host: write example.org or example.org:8080.", code="host-invalid"
        )
    # Under either scheme, a host whose port is the scheme's own is known without it.
    return replace(url, scheme="https").authority if url.port == _HTTPS_PORT else url.authority


def parse_moment(text: str) -> datetime:
    """The point in time that ISO 8601 writes so, in UTC where it names no zone; or ``Invalid``."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(
            f"{text[:40]!r} is not a point in time: write one like 2030-01-31 or 2030-01-31T18:00 (UTC).",
            code="moment-invalid",
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def on_this_clock(host: Host, now: datetime) -> Host:
    """The host as the clock has it now: where it went back, every moment went back with it (rule 6)."""
    if host.asked_at is None or host.asked_at <= now:
        return host
    back = host.asked_at - now
    until = host.robots.until
    return replace(
        host,
        asked_at=now,
        next_at=_moved(host.next_at, back),
        held_until=_moved(host.held_until, back),
        resting_until=_moved(host.resting_until, back),
        robots=replace(host.robots, until=_moved(until, back)),
    )


def objection(host: Host, taken: Taken, politeness: Politeness, now: datetime) -> Away | None:
    """Why ``host`` must not be asked, however long its turn is waited for."""
    if host.frozen is not None:
        sentence = f"{host.name} is frozen since {_told(host.frozen.at)}: {host.frozen.reason}"
        return Away("host-frozen", sentence, is_final=True)
    if host.resting_until is not None and host.is_resting(now):
        why = f" ({host.problem})" if host.problem else ""
        sentence = f"{host.name} rests until {_told(host.resting_until)}{why}."
        return Away("host-resting", sentence, _whole_seconds(host.resting_until - now))
    for what, used, budget in (
        (host.name, taken.host_bytes, politeness.host_bytes),
        (f"the domain of {host.name}", taken.domain_bytes, politeness.domain_bytes),
    ):
        if budget is not None and used >= budget:
            sentence = f"Enough was taken from {what} for today: {used:,} bytes of {budget:,}."
            return Away("host-budget-spent", sentence, _whole_seconds(_next_day(now) - now))
    return None


def pause(host: Host, now: datetime) -> float | None:
    """The seconds until the turn is free, 0 when it is; ``None`` while somebody holds it."""
    if _is_before(now, host.held_until):
        return None
    return max(0.0, (host.next_at - now).total_seconds()) if host.next_at is not None else 0.0


def with_turn(host: Host, holder: str, lease: timedelta, politeness: Politeness, now: datetime) -> Host:
    """``host`` with its turn given to ``holder``."""
    return replace(
        host, holder=holder, asked_at=now, held_until=now + lease, next_at=now + host.gap(politeness)
    )


def kept(host: Host, holder: str, lease: timedelta, now: datetime) -> Host:
    """``host`` with the lease of ``holder`` renewed; as it was when the turn is somebody else's by now."""
    return replace(host, held_until=now + lease) if host.holder == holder else host


def given_back(
    host: Host, holder: str, began: datetime, ending: Ending, politeness: Politeness, now: datetime
) -> Host:
    """``host`` after the request that ``holder`` made, which set out at ``began``."""
    after = _after(host, ending, now)
    if host.holder != holder:
        return after  # its lease had ended, and the turn is somebody else's
    due = began + host.gap(politeness)
    next_at = due if host.next_at is None else max(host.next_at, due)
    return replace(after, holder="", held_until=None, next_at=next_at)


def _after(host: Host, ending: Ending, now: datetime) -> Host:
    if ending.is_answer:
        # A rest without failures was ordered, while this request was on its way.
        return replace(host, failures=0, resting_until=None, problem="") if host.failures else host
    if not ending.is_failure:
        return host
    failures = host.failures + 1
    rest = max(ending.wanted_rest, rest_after(failures))
    until = now + rest if rest else host.resting_until
    return replace(
        host,
        failures=failures,
        resting_until=host.resting_until if until and _is_before(until, host.resting_until) else until,
        problem=f"status {ending.status}" if ending.status else ending.problem,
    )


def rest_after(failures: int) -> timedelta:
    """How long a host rests that failed so often in a row."""
    beyond = failures - FAILURES_BEFORE_REST
    if beyond < 0:
        return timedelta(0)
    # No power of two is needed that lasts longer than the longest rest.
    return min(FIRST_REST * (1 << min(beyond, 16)), LONGEST_REST)


def with_robots(host: Host, robots: Robots) -> Host:
    """``host`` with what its robots.txt says; a Crawl-delay counts from the request that read it."""
    told = replace(
        host, robots=replace(robots, crawl_delay_seconds=min(robots.crawl_delay_seconds, LONGEST_CRAWL_DELAY))
    )
    if host.asked_at is None or host.next_at is None or robots.status is not RobotsStatus.READ:
        return told
    due = host.asked_at + timedelta(seconds=told.robots.crawl_delay_seconds)
    return replace(told, next_at=max(host.next_at, due))


def retry_after_seconds(headers: Mapping[str, str]) -> int | None:
    """The seconds that ``retry-after`` of ``headers`` asks for, as a number or as a date; ``None`` when for nothing.

    Forges say instead that no request remains (``x-ratelimit-remaining``), and when there are some again, in seconds
    since 1970 (``x-ratelimit-reset``). A date is read by the host's own clock, its ``date``: it may differ from ours
    (T-41). Who has no clock sends no dates.
    """
    value, sent = headers.get("retry-after", "").strip(), _http_date(headers.get("date", ""))
    if _is_number(value):
        return int(value) if len(value) <= _MOST_DIGITS else None
    until = _http_date(value) if value else _reset(headers)
    return max(0, _whole_seconds(until - sent)) if until and sent else None


def _reset(headers: Mapping[str, str]) -> datetime | None:
    reset = headers.get("x-ratelimit-reset", "").strip()
    is_spent = headers.get("x-ratelimit-remaining", "").strip() == "0"
    if not is_spent or not _is_number(reset) or len(reset) > _MOST_DIGITS + 1:
        return None
    return datetime.fromtimestamp(int(reset), UTC)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def day_of(now: datetime) -> date:
    """The day that bytes are counted for."""
    return now.astimezone(UTC).date()


def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a year, an hour or a zone may have as many digits as a header holds
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _is_before(now: datetime, moment: datetime | None) -> bool:
    return moment is not None and now < moment


def _moved(moment: datetime | None, back: timedelta) -> datetime | None:
    return None if moment is None else moment - back


def _next_day(now: datetime) -> datetime:
    return datetime.combine(day_of(now) + timedelta(days=1), time_of_day(), UTC)


def _whole_seconds(left: timedelta) -> int:
    return math.ceil(left.total_seconds())


def _told(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%d %b %Y, %H:%M:%S} UTC"
