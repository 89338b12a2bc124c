"""robots.txt is asked for before the first page of a host, and remembered for a day (RFC 9309)."""

from dataclasses import replace

from homeport.domain.manners import Politeness, with_robots
from homeport.domain.robots import (
    MAX_ROBOTS_BYTES,
    TROUBLE_LASTS,
    Robots,
    RobotsStatus,
    is_absent,
    no_robots,
    read_robots,
    robots_trouble,
)
from homeport.domain.urls import Url
from homeport.flows.manners.turns import ROBOTS_KNOWN, ROBOTS_PATH, TURNED_AWAY, Turns
from homeport.ports.clock import Clock
from homeport.ports.fetch import Ask, Errand, Fetched, FetchLimits, Outcome, RawFetcher, TurnedAway
from homeport.ports.store import Store

DISALLOWED, UNREADABLE = "robots-disallowed", "robots-unreadable"
# What lies behind the bytes that are read is let pass, up to here: a length that was announced ends a fetch at once.
_LARGEST_ANSWER = 8 * MAX_ROBOTS_BYTES
_TOTAL_SECONDS = 30.0


class RobotsReader:
    """Knows what robots.txt says about a URL, and reads it when nobody has lately."""

    def __init__(self, raw: RawFetcher, store: Store, clock: Clock, politeness: Politeness) -> None:
        self._raw = raw
        self._store = store
        self._clock = clock
        self._politeness = politeness

    def objection(self, url: Url, turn_seconds: float) -> TurnedAway | None:
        """Why a crawler must not ask for ``url``."""
        robots = self._known(url.authority) or self._read(url, turn_seconds)
        if isinstance(robots, TurnedAway):
            return robots
        if robots.allows(url):
            return None
        if robots.status is RobotsStatus.TROUBLE:
            reason = f"The robots.txt of {url.authority} cannot be read, so nothing is looked for there now: {robots.problem}"
            return TurnedAway(Outcome.UNREACHABLE, UNREADABLE, reason, int(TROUBLE_LASTS.total_seconds()))
        reason = (
            f"The robots.txt of {url.authority} asks crawlers to stay away from {url.without_fragment()}."
        )
        return TurnedAway(Outcome.REFUSED, DISALLOWED, reason)

    def _known(self, name: str) -> Robots | None:
        with self._store.read() as tx:
            robots = tx.hosts.find(name).robots
        return robots if robots.is_known(self._clock.now()) else None

    def _read(self, url: Url, turn_seconds: float) -> Robots | TurnedAway:
        body = bytearray()

        def keep(piece: bytes) -> None:
            body.extend(piece[: MAX_ROBOTS_BYTES - len(body)])

        limits = FetchLimits(
            _LARGEST_ANSWER, total_seconds=_TOTAL_SECONDS, max_resumes=0, turn_seconds=turn_seconds
        )
        turns = Turns(self._store, self._clock, self._politeness, limits)
        ask = Ask(errand=Errand.ROBOTS)
        fetched = self._raw.fetch(f"{url.origin}{ROBOTS_PATH}", limits, keep, ask, turns)
        if fetched.code in TURNED_AWAY:
            return TurnedAway(fetched.outcome, fetched.code, fetched.reason, fetched.retry_after_seconds)
        robots = self._judged(fetched, bytes(body))
        with self._store.write_lightly() as tx:
            tx.hosts.put(with_robots(tx.hosts.find(url.authority), robots))
        return robots

    def _judged(self, fetched: Fetched, body: bytes) -> Robots:
        now = self._clock.now()
        if fetched.code == ROBOTS_KNOWN:
            # Read by another process while this one waited for its turn, here or where a redirect led.
            known = self._known(Url.parse(fetched.url).authority)
            return known or robots_trouble(fetched.reason, now)
        if fetched.outcome is Outcome.OK or (fetched.outcome is Outcome.TOO_LARGE and body):
            return read_robots(body, now)
        if fetched.outcome is Outcome.HTTP_ERROR and is_absent(fetched.status):
            return no_robots(now)
        if fetched.outcome is Outcome.REFUSED:
            # Out of reach by our own rules, five redirects among them: there is none (RFC 9309, 2.3.1.2). Whoever may
            # not be asked for it is not asked for a page either.
            return replace(no_robots(now), until=now + TROUBLE_LASTS)
        return robots_trouble(fetched.reason, now)
