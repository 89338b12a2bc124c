"""Turns: one request at a time goes to a host, whichever process makes it.

1. A turn is taken in one short write transaction, which finds the host, decides (``domain.manners``) and puts it back.
   Nothing is locked while anybody waits or asks.
2. Waiting is bounded: who does not get a turn within ``turn_seconds`` is turned away, and comes again later.
3. The time that was waited is counted, not read from the clock, which may jump (T-41).
4. A lease is as long as a request may be silent, and is renewed while it is not: a worker that is killed, or restarted,
   in the middle of a large file keeps nobody away from the host for longer.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from homeport.domain.errors import Unavailable
from homeport.domain.manners import (
    Ending,
    Host,
    Politeness,
    Taken,
    day_of,
    given_back,
    kept,
    objection,
    on_this_clock,
    pause,
    with_turn,
)
from homeport.domain.registrable import registrable_domain
from homeport.domain.urls import Url
from homeport.ports.clock import Clock
from homeport.ports.fetch import Ask, Errand, FetchLimits, Outcome, TurnedAway, Went
from homeport.ports.store import Store, Transaction

#: The robots.txt that was about to be asked for is known: somebody else read it meanwhile.
ROBOTS_KNOWN = "robots-known"
ROBOTS_PATH = "/robots.txt"
BUSY = "host-busy"
#: The codes of a request that was not made because of manners.
TURNED_AWAY = frozenset({BUSY, "host-frozen", "host-resting", "host-budget-spent"})
# While somebody asks the host, nobody knows for how long: it is looked at again and again.
_LOOK_AGAIN_SECONDS = 0.05
# A pause is slept in parts, so that a person who freezes the host or lets it rest is heard meanwhile.
_LONGEST_SLEEP_SECONDS = 5.0
_COME_AGAIN_SECONDS = 30
# What lies between the start of a lease and the start of the clock that bounds the request.
_LEASE_GRACE = timedelta(seconds=1)
# A lease is renewed when a part of it has gone by, so that the next silence fits into what is left.
_RENEWED_AFTER = 1 / 3
_HOLDER_BYTES = 8


@dataclass(frozen=True, slots=True)
class _Turn:
    holder: str
    began: datetime


class Turns:
    """``ports.fetch.Manners`` of one fetch, but for robots.txt."""

    def __init__(self, store: Store, clock: Clock, politeness: Politeness, limits: FetchLimits) -> None:
        self._store = store
        self._clock = clock
        self._politeness = politeness
        self._lease = timedelta(seconds=limits.silence_seconds) + _LEASE_GRACE
        self._patience_seconds = limits.turn_seconds
        self._turn: _Turn | None = None
        self._renewed_at = clock.now()
        self._failed: set[str] = set()

    def before(self, url: Url, ask: Ask) -> TurnedAway | None:
        """See the port."""
        waited = 0.0
        while (wait := self._try(url, ask)) is not None:
            if isinstance(wait, TurnedAway):
                return wait
            if waited + wait > self._patience_seconds:
                return _busy(url, wait)
            step = min(wait, _LONGEST_SLEEP_SECONDS)
            self._clock.sleep(step)
            waited += step
        return None

    def during(self, url: Url) -> None:
        """See the port."""
        turn, now = self._turn, self._clock.now()
        # Also where the clock went back.
        if turn is None or abs(now - self._renewed_at) < self._lease * _RENEWED_AFTER:
            return
        self._renewed_at = now
        try:
            with self._store.write_lightly() as tx:
                host = on_this_clock(tx.hosts.find(url.authority), now)
                tx.hosts.put(kept(host, turn.holder, self._lease, now))
        except Unavailable:
            return  # no reason to break the fetch off: it is tried again with a later piece

    def after(self, url: Url, went: Went) -> None:
        """See the port."""
        turn = self._turn
        if turn is None:
            raise AssertionError("a turn is given back that nobody took")
        self._turn = None
        now = self._clock.now()
        ending = self._heard(url, Ending(went.status, went.problem, went.retry_after_seconds))
        with self._store.write_lightly() as tx:
            host = on_this_clock(tx.hosts.find(url.authority), now)
            tx.hosts.put(given_back(host, turn.holder, min(turn.began, now), ending, self._politeness, now))
            if went.received_bytes:
                for name in budget_names(url):
                    tx.hosts.take(name, day_of(now), went.received_bytes)

    def _heard(self, url: Url, ending: Ending) -> Ending:
        """``ending``, unless the host failed this fetch before: a line that breaks off again and again is one failure."""
        if ending.is_failure and url.authority in self._failed:
            return Ending(0)
        if ending.is_failure:
            self._failed.add(url.authority)
        return ending

    def _try(self, url: Url, ask: Ask) -> TurnedAway | float | None:
        """Take the turn (``None``), or tell why there is none, or how long to wait for it."""
        with self._store.read() as tx:
            now = self._clock.now()
            found = tx.hosts.find(url.authority)
            # A clock that went back is written down, or the wait would begin anew with every look.
            if on_this_clock(found, now) is found and (answer := self._answer(tx, found, url, ask, now)):
                return answer
        holder = self._clock.random_bytes(_HOLDER_BYTES).hex()
        with self._store.write_lightly() as tx:
            now = self._clock.now()
            host = on_this_clock(tx.hosts.find(url.authority), now)
            if answer := self._answer(tx, host, url, ask, now):
                tx.hosts.put(host)
                return answer
            tx.hosts.put(with_turn(host, holder, self._lease, self._politeness, now))
        # The request sets out now: it took a moment to write the turn down.
        self._renewed_at = self._clock.now()
        self._turn = _Turn(holder, self._renewed_at)
        return None

    def _answer(self, tx: Transaction, host: Host, url: Url, ask: Ask, now: datetime) -> TurnedAway | float:
        """Why there is no turn, or how many seconds it is away: 0 when it can be taken."""
        if ask.errand is Errand.ROBOTS and url.target == ROBOTS_PATH and host.robots.is_known(now):
            return TurnedAway(Outcome.REFUSED, ROBOTS_KNOWN, f"{url} was read a moment ago.")
        if away := objection(host, taken_today(tx, url, now), self._politeness, now):
            outcome = Outcome.REFUSED if away.is_final else Outcome.UNREACHABLE
            return TurnedAway(outcome, away.code, away.sentence, away.retry_after_seconds)
        seconds = pause(host, now)
        return _LOOK_AGAIN_SECONDS if seconds is None else seconds


def budget_names(url: Url) -> tuple[str, str]:
    """The names that the bytes of ``url`` count for: its host's, and its registrable domain's, which no host has."""
    return url.authority, domain_budget(url)


def domain_budget(url: Url) -> str:
    """The name that the bytes of a registrable domain are counted by."""
    return f"*.{registrable_domain(url)}"


def taken_today(tx: Transaction, url: Url, now: datetime) -> Taken:
    """What was taken today where ``url`` leads."""
    names = budget_names(url)
    taken = tx.hosts.taken(names, day_of(now))
    return Taken(*(taken.get(name, 0) for name in names))


def _busy(url: Url, wait: float) -> TurnedAway:
    reason = f"{url.authority} is asked by others now; no turn is to be had in time. It is tried again later."
    return TurnedAway(Outcome.UNREACHABLE, BUSY, reason, max(math.ceil(wait), _COME_AGAIN_SECONDS))
