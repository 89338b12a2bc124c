"""An outside that is asked with manners, and the moments at which it was."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.support.fake_clock import FakeClock
from tests.support.fake_store import FakeStore
from tests.support.outside import Outside
from tests.support.outside_fetcher import OutsideFetcher

from homeport.domain.manners import Host
from homeport.domain.urls import Url
from homeport.flows.manners.polite import PoliteFetcher
from homeport.ports.fetch import Ask, Errand, Fetched, FetchLimits, Manners, TurnedAway, Went

SITE, FILE = "https://site.test/page", "https://site.test/file"
CALL, CRAWL = Ask(errand=Errand.CALL), Ask(errand=Errand.CRAWL)
LIMITS = FetchLimits(10_000)


@dataclass
class Street:
    """An outside that is asked with manners, and the moments at which it was."""

    outside: Outside
    store: FakeStore
    clock: FakeClock
    fetcher: PoliteFetcher
    moments: list[datetime] = field(default_factory=list)

    def fetch(self, url: str = FILE, ask: Ask = CALL, limits: FetchLimits = LIMITS) -> Fetched:
        """One fetch, by whichever process."""
        return self.fetcher.fetch(url, limits, lambda _: None, ask)

    def host(self, name: str = "site.test") -> Host:
        """What is known of a host."""
        with self.store.read() as tx:
            return tx.hosts.find(name)

    def put(self, host: Host) -> None:
        """Let that be known of a host."""
        with self.store.write() as tx:
            tx.hosts.put(host)

    def where(self, **politeness: int) -> "Street":
        """The same street, asked by other rules."""
        rules = replace(self.fetcher.politeness, **politeness)
        return replace(self, fetcher=replace(self.fetcher, politeness=rules))

    def gaps(self) -> list[float]:
        """The seconds between the starts of requests."""
        pairs = zip(self.moments, self.moments[1:], strict=False)
        return [(later - earlier).total_seconds() for earlier, later in pairs]


@dataclass(frozen=True)
class Watched:
    """A raw fetcher that notes when each of its requests set out."""

    raw: OutsideFetcher
    clock: FakeClock
    moments: list[datetime]

    def fetch(
        self,
        url: str,
        limits: FetchLimits,
        sink: Callable[[bytes], None],
        ask: Ask = CRAWL,
        manners: Manners | None = None,
    ) -> Fetched:
        """See the port."""
        assert manners is not None
        return self.raw.fetch(url, limits, sink, ask, Noting(manners, self.clock, self.moments))


@dataclass(frozen=True)
class Noting:
    """Manners, and when they let a request through."""

    manners: Manners
    clock: FakeClock
    moments: list[datetime]

    def before(self, url: Url, ask: Ask) -> TurnedAway | None:
        """See the port."""
        away = self.manners.before(url, ask)
        if away is None:
            self.moments.append(self.clock.now())
        return away

    def during(self, url: Url) -> None:
        """See the port."""
        self.manners.during(url)

    def after(self, url: Url, went: Went) -> None:
        """See the port."""
        self.manners.after(url, went)
