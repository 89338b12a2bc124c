"""The fetcher that everybody uses: it asks the outside with manners.

robots.txt decides about crawling alone, where we look for files that nobody named. A place that a person named for
programs to read, and a file that such a place lists, are called, not crawled (ADR 0015); pace, rests and budgets hold
for every request.
"""

from collections.abc import Callable
from dataclasses import dataclass

from homeport.domain.manners import Politeness
from homeport.domain.urls import Url
from homeport.flows.manners.robots import RobotsReader
from homeport.flows.manners.turns import Turns
from homeport.ports.clock import Clock
from homeport.ports.fetch import (
    PLAIN_GET,
    Ask,
    Errand,
    Fetched,
    FetchLimits,
    RawFetcher,
    TurnedAway,
    Went,
)
from homeport.ports.store import Store


@dataclass(frozen=True, slots=True)
class PoliteFetcher:
    """``ports.fetch.Fetcher`` over one without manners."""

    raw: RawFetcher
    store: Store
    clock: Clock
    politeness: Politeness

    def fetch(
        self, url: str, limits: FetchLimits, sink: Callable[[bytes], None], ask: Ask = PLAIN_GET
    ) -> Fetched:
        """See the port."""
        robots = RobotsReader(self.raw, self.store, self.clock, self.politeness)
        turns = Turns(self.store, self.clock, self.politeness, limits)
        return self.raw.fetch(url, limits, sink, ask, _Manners(robots, turns, limits.turn_seconds))


@dataclass(frozen=True, slots=True)
class _Manners:
    """``ports.fetch.Manners`` of one fetch."""

    robots: RobotsReader
    turns: Turns
    turn_seconds: float

    def before(self, url: Url, ask: Ask) -> TurnedAway | None:
        """See the port."""
        if ask.errand is Errand.CRAWL and (away := self.robots.objection(url, self.turn_seconds)):
            return away
        return self.turns.before(url, ask)

    def during(self, url: Url) -> None:
        """See the port."""
        self.turns.during(url)

    def after(self, url: Url, went: Went) -> None:
        """See the port."""
        self.turns.after(url, went)
