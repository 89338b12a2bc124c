"""The polite fetcher over a simulated outside: turns, rests, budgets, robots.txt and freezing, without waiting."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from tests.support.fake_clock import FakeClock
from tests.support.fake_store import FakeStore
from tests.support.outside import Answer, Mood, Outside, redirect
from tests.support.outside_fetcher import OutsideFetcher

from homeport.domain.errors import Unavailable
from homeport.domain.manners import Host, Politeness, on_this_clock, pause
from homeport.domain.robots import MAX_ROBOTS_BYTES, RobotsStatus
from homeport.domain.urls import Url
from homeport.flows.manners.polite import PoliteFetcher
from homeport.flows.manners.turns import Turns
from homeport.ports.fetch import Ask, Errand, Fetched, FetchLimits, Manners, Outcome, TurnedAway, Went
from homeport.ports.store import Transaction

SITE, FILE = "https://site.test/page", "https://site.test/file"
ROBOTS = "https://site.test/robots.txt"
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


@pytest.fixture
def street() -> Street:
    """A street with one site, which has a page and a file."""
    outside, store, clock = Outside(), FakeStore(), FakeClock()
    outside.put_page(SITE, "<p>Here.")
    outside.put_file(FILE, b"x" * 100)
    moments: list[datetime] = []
    raw = Watched(OutsideFetcher(outside), clock, moments)
    return Street(outside, store, clock, PoliteFetcher(raw, store, clock, Politeness()), moments)


# Turns


def test_t25_500_projects_on_one_host(street: Street) -> None:
    """T-25: however many ask, a second lies between the starts of two requests, and hardly more."""
    for _ in range(500):
        assert street.fetch().outcome is Outcome.OK
    assert len(street.moments) == 500
    assert min(street.gaps()) >= 1.0
    assert max(street.gaps()) < 1.01


def test_hosts_do_not_wait_for_each_other(street: Street) -> None:
    """The pace is each host's own."""
    for number in range(20):
        url = f"https://host{number}.test/file"
        street.outside.put_file(url, b"x")
        street.fetch(url)
    assert set(street.gaps()) == {0.0}


def test_every_hop_takes_its_turn(street: Street) -> None:
    """A redirect on the same host waits like any other request; each host of a chain gets its turn back."""
    street.outside.put("https://site.test/old", redirect("/older"))
    street.outside.put("https://site.test/older", redirect("https://www.site.test/file"))
    street.outside.put_file("https://www.site.test/file", b"x")
    assert street.fetch("https://site.test/old").outcome is Outcome.OK
    assert street.gaps() == [1.0, 0.0]
    for name in ("site.test", "www.site.test"):
        assert (street.host(name).holder, street.host(name).held_until) == ("", None)


def test_a_turn_that_is_not_to_be_had(street: Street) -> None:
    """Who does not get a turn in time is turned away, without having asked, and told when to come again."""
    now = street.clock.now()
    street.put(Host("site.test", asked_at=now, holder="somebody", held_until=now + timedelta(seconds=300)))
    fetched = street.fetch(limits=replace(LIMITS, turn_seconds=10))
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "host-busy")
    assert fetched.retry_after_seconds
    assert street.outside.asked == []
    assert 9 < (street.clock.now() - now).total_seconds() <= 10
    assert street.host().holder == "somebody"


def test_who_cannot_get_a_turn_in_time_does_not_wait_for_it(street: Street) -> None:
    """A pause that is longer than anybody's patience turns away at once."""
    now = street.clock.now()
    street.put(Host("site.test", asked_at=now, next_at=now + timedelta(seconds=60)))
    assert street.fetch(limits=replace(LIMITS, turn_seconds=10)).retry_after_seconds == 60
    assert street.clock.now() == now


def test_a_killed_holder_frees_the_host(street: Street) -> None:
    """Who was killed with a turn keeps others out for as long as its request could have been silent, and no longer."""
    limits = replace(LIMITS, connect_seconds=4, first_byte_seconds=10, total_seconds=3_600)
    turns = Turns(street.store, street.clock, Politeness(), limits)
    assert turns.before(Url.parse(FILE), CALL) is None
    began = street.clock.now()
    assert street.fetch().outcome is Outcome.OK
    assert timedelta(seconds=30) <= street.clock.now() - began <= timedelta(seconds=32)


def test_a_turn_is_kept_while_bytes_come(street: Street) -> None:
    """However long a body takes, its turn stays its own; a minute after the last byte it is anybody's."""
    url, limits = Url.parse(FILE), replace(LIMITS, total_seconds=3_600)
    turns = Turns(street.store, street.clock, Politeness(), limits)
    assert turns.before(url, CALL) is None
    holder = street.host().holder
    for _ in range(60):
        street.clock.advance(timedelta(seconds=9))
        turns.during(url)
        assert pause(street.host(), street.clock.now()) is None
    assert street.host().holder == holder
    street.clock.advance(timedelta(minutes=1))
    assert pause(street.host(), street.clock.now()) == 0


def test_keeping_a_turn_costs_few_writes(street: Street) -> None:
    """Pieces that follow each other closely are not written down one by one."""
    url, turns = Url.parse(FILE), Turns(street.store, street.clock, Politeness(), LIMITS)
    assert turns.before(url, CALL) is None
    moments = set()
    for _ in range(1_000):
        street.clock.advance(timedelta(seconds=0.1))
        turns.during(url)
        moments.add(street.host().held_until)
    assert 2 <= len(moments) <= 10


def test_a_turn_that_was_lost_is_not_kept(street: Street) -> None:
    """Who was silent for longer than its lease takes nothing from who has the turn now; no turn, nothing to keep."""
    url = Url.parse(FILE)
    late, next_one = (Turns(street.store, street.clock, Politeness(), LIMITS) for _ in range(2))
    late.during(url)
    assert late.before(url, CALL) is None
    street.clock.advance(timedelta(minutes=1))
    assert next_one.before(url, CALL) is None
    theirs = street.host()
    street.clock.advance(timedelta(seconds=30))
    late.during(url)
    assert street.host() == theirs


def test_t41_a_turn_is_kept_when_the_clock_goes_back(street: Street) -> None:
    """T-41: an hour that comes twice takes nobody's turn away."""
    url, turns = Url.parse(FILE), Turns(street.store, street.clock, Politeness(), LIMITS)
    assert turns.before(url, CALL) is None
    street.clock.advance(timedelta(hours=-1))
    for _ in range(10):
        turns.during(url)
        assert pause(on_this_clock(street.host(), street.clock.now()), street.clock.now()) is None
        street.clock.advance(timedelta(seconds=9))


def test_trouble_with_keeping_a_turn_breaks_nothing_off(street: Street) -> None:
    """A database that is busy for a while ends no fetch."""

    class Store:
        """The same store, until it is busy."""

        is_busy = False

        def write_lightly(self) -> AbstractContextManager[Transaction]:
            """See the port."""
            if self.is_busy:
                raise Unavailable("The database is busy.", code="database-unavailable")
            return street.store.write_lightly()

        def write(self) -> AbstractContextManager[Transaction]:
            """See the port."""
            return street.store.write()

        def read(self) -> AbstractContextManager[Transaction]:
            """See the port."""
            return street.store.read()

    store, url = Store(), Url.parse(FILE)
    turns = Turns(store, street.clock, Politeness(), LIMITS)
    assert turns.before(url, CALL) is None
    before, store.is_busy = street.host(), True
    street.clock.advance(timedelta(seconds=20))
    turns.during(url)
    assert street.host() == before


def test_two_who_want_the_same_turn(street: Street) -> None:
    """Between looking and taking, somebody else may have been faster: then it is waited for again."""
    rivals = [Turns(street.store, street.clock, Politeness(), LIMITS)]
    url = Url.parse(FILE)

    class Slow:
        """The same store, in which somebody is faster."""

        def write_lightly(self) -> AbstractContextManager[Transaction]:
            """See the port."""
            if rivals:
                assert rivals.pop().before(url, CALL) is None
            return street.store.write_lightly()

        def write(self) -> AbstractContextManager[Transaction]:
            """See the port."""
            return street.store.write()

        def read(self) -> AbstractContextManager[Transaction]:
            """See the port."""
            return street.store.read()

    late = Turns(Slow(), street.clock, Politeness(), replace(LIMITS, turn_seconds=2))
    away = late.before(url, CALL)
    assert away is not None
    assert away.code == "host-busy"


def test_a_turn_is_given_back_once(street: Street) -> None:
    """Giving back what nobody took is a mistake of the caller."""
    with pytest.raises(AssertionError, match="nobody took"):
        Turns(street.store, street.clock, Politeness(), LIMITS).after(Url.parse(FILE), Went(200, 0))


@pytest.mark.parametrize("days", [0.00001, 1, 3653])
def test_t41_a_clock_that_goes_back(street: Street, days: float) -> None:
    """T-41: the next request waits for a whole pause, and no longer than that."""
    street.fetch()
    street.clock.advance(-timedelta(days=days))
    before = street.clock.now()
    assert street.fetch().outcome is Outcome.OK
    assert street.clock.now() - before == timedelta(seconds=1)


def test_t41_a_clock_that_goes_back_while_somebody_waits(street: Street) -> None:
    """The patience of who waits is counted, not read from the clock."""
    now = street.clock.now()
    street.put(Host("site.test", asked_at=now, holder="somebody", held_until=now + timedelta(seconds=300)))
    jumps = iter([timedelta(days=-400), timedelta(days=800)])
    street.clock.on_sleep = lambda: street.clock.advance(next(jumps, timedelta(0)))
    assert street.fetch(limits=replace(LIMITS, turn_seconds=10)).outcome is Outcome.OK


def test_t41_a_clock_that_goes_back_during_a_request(street: Street) -> None:
    """The turn is given back, and the pause is a whole one."""
    turns, url = Turns(street.store, street.clock, Politeness(), LIMITS), Url.parse(FILE)
    turns.before(url, CALL)
    street.clock.advance(timedelta(days=-1))
    turns.after(url, Went(200, 5))
    assert street.host().holder == ""
    assert street.host().next_at == street.clock.now() + timedelta(seconds=1)


# Rests


def test_a_host_that_fails_rests(street: Street) -> None:
    """After three failures nothing is asked until the rest is over; an answer then ends it."""
    street.outside.put(FILE, *([Answer(mood=Mood.HANGS_UP)] * 3), Answer(404))
    for _ in range(3):
        assert street.fetch().code == "broke-off"
    fetched = street.fetch()
    assert (fetched.outcome, fetched.code, fetched.retry_after_seconds) == (
        Outcome.UNREACHABLE,
        "host-resting",
        60,
    )
    assert len(street.outside.asked) == 3
    street.clock.advance(timedelta(minutes=1))
    assert street.fetch().status == 404
    assert (street.host().failures, street.host().problem) == (0, "")


def test_a_line_that_breaks_off_again_and_again(street: Street) -> None:
    """What one fetch tries again counts as one failure; the next fetch's is another."""
    url = Url.parse(FILE)
    for failures in (1, 2):
        turns = Turns(street.store, street.clock, Politeness(), LIMITS)
        for _ in range(5):
            assert turns.before(url, CALL) is None
            turns.after(url, Went(206, 100, "broke-off"))
        assert street.host().failures == failures


def test_a_host_rests_as_long_as_it_asks(street: Street) -> None:
    """Retry-After of the first 429 is honoured at once."""
    street.outside.put(FILE, Answer(429, headers=(("retry-after", "90"),)))
    street.fetch()
    assert street.fetch().retry_after_seconds == 90
    assert len(street.outside.asked) == 1


# Budgets


def test_budgets_are_exact_to_a_request(street: Street) -> None:
    """G-25: the request that reaches the budget is the last one of the day; the next day begins with a new one."""
    street = street.where(host_bytes=1000)
    answers = [street.fetch() for _ in range(30)]
    taken = [fetched for fetched in answers if fetched.outcome is Outcome.OK]
    assert {fetched.code for fetched in answers if fetched not in taken} == {"host-budget-spent"}
    with street.store.read() as tx:
        (total,) = tx.hosts.taken(["site.test"], street.clock.now().date()).values()
    assert 1000 <= total < 1000 + total / len(taken)
    street.clock.advance(timedelta(days=1))
    assert street.fetch().outcome is Outcome.OK


def test_the_budget_of_a_domain(street: Street) -> None:
    """T-25: many names below one registrable domain share its budget; their neighbours have their own."""
    street = street.where(domain_bytes=1000)
    codes = []
    for number in range(30):
        url = f"https://host{number}.victim.example/file"
        street.outside.put_file(url, b"x" * 100)
        codes.append(street.fetch(url).code)
    assert codes == sorted(codes)
    assert 0 < codes.count("") <= 10
    assert codes[-1] == "host-budget-spent"
    assert street.fetch().outcome is Outcome.OK


# Freezing


def test_a_frozen_host_is_not_asked(street: Street) -> None:
    """It is refused for good, whoever asks and for whatever reason."""
    with street.store.write() as tx:
        tx.hosts.freeze("site.test", "ada", "Its domain was sold.", street.clock.now())
    for ask in (CALL, CRAWL):
        fetched = street.fetch(ask=ask)
        assert (fetched.outcome, fetched.code) == (Outcome.REFUSED, "host-frozen")
        assert "Its domain was sold." in fetched.reason
    assert street.outside.asked == []


def test_freezing_reaches_those_who_wait(street: Street) -> None:
    """Who waits for a turn when the host is frozen is turned away before it asks."""
    now = street.clock.now()
    street.put(Host("site.test", asked_at=now, next_at=now + timedelta(seconds=60)))

    def freeze() -> None:
        with street.store.write() as tx:
            tx.hosts.freeze("site.test", "ada", "Stop.", street.clock.now())

    street.clock.on_sleep = freeze
    assert street.fetch().code == "host-frozen"
    assert street.clock.now() - now <= timedelta(seconds=5)


# robots.txt


def allow(street: Street, text: str, status: int = 200) -> None:
    """Let the site say so in its robots.txt."""
    street.outside.put(ROBOTS, Answer(status, text.encode(), "text/plain"))


def test_robots_is_asked_first_and_once_a_day(street: Street) -> None:
    """Before the first page, with a turn of its own; not before the next; again after a day."""
    allow(street, "User-agent: *\nDisallow: /private")
    for _ in range(3):
        assert street.fetch(SITE, CRAWL).outcome is Outcome.OK
    assert street.outside.asked == [ROBOTS, SITE, SITE, SITE]
    assert street.gaps() == [1.0, 1.0, 1.0]
    street.clock.advance(timedelta(hours=24))
    street.fetch(SITE, CRAWL)
    assert street.outside.asked[4:] == [ROBOTS, SITE]


def test_what_robots_forbids_is_not_asked(street: Street) -> None:
    """The page is refused, and the sentence says why."""
    allow(street, "User-agent: Homeport\nDisallow: /page")
    fetched = street.fetch(SITE, CRAWL)
    assert (fetched.outcome, fetched.code) == (Outcome.REFUSED, "robots-disallowed")
    assert "robots.txt of site.test" in fetched.reason
    assert street.outside.asked == [ROBOTS]


def test_robots_is_for_crawling_only(street: Street) -> None:
    """A place that a person named for programs is asked without it."""
    allow(street, "User-agent: *\nDisallow: /")
    assert street.fetch(SITE, CALL).outcome is Outcome.OK
    assert street.outside.asked == [SITE]


def test_a_redirect_obeys_the_other_host(street: Street) -> None:
    """The host that a page leads to has its own robots.txt."""
    street.outside.put(SITE, redirect("https://other.test/page"))
    street.outside.put_page("https://other.test/page", "<p>Here.")
    street.outside.put("https://other.test/robots.txt", Answer(body=b"User-agent: *\nDisallow: /"))
    assert street.fetch(SITE, CRAWL).code == "robots-disallowed"
    assert street.outside.asked == [ROBOTS, SITE, "https://other.test/robots.txt"]


def test_crawl_delay_is_kept(street: Street) -> None:
    """It counts from the request that read it, and for calls as well."""
    allow(street, "User-agent: *\nCrawl-delay: 7\nAllow: /")
    street.fetch(SITE, CRAWL)
    street.fetch(SITE, CRAWL)
    street.fetch(FILE, CALL)
    assert street.gaps() == [7.0, 7.0, 7.0]


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410])
def test_without_robots_everything_may_be_asked(street: Street, status: int) -> None:
    """RFC 9309, 2.3.1.3: there is no file, whatever the body of the answer says."""
    allow(street, "User-agent: *\nDisallow: /", status)
    assert street.fetch(SITE, CRAWL).outcome is Outcome.OK
    assert street.host().robots.status is RobotsStatus.NONE


@pytest.mark.parametrize(
    "answer", [Answer(500), Answer(503), Answer(429), Answer(mood=Mood.HANGS_UP), Answer(mood=Mood.GARBLES)]
)
def test_robots_that_cannot_be_read_forbids_for_now(street: Street, answer: Answer) -> None:
    """RFC 9309, 2.3.1.4: nothing is asked for ten minutes, then robots.txt is tried again."""
    street.outside.put(ROBOTS, answer, Answer(404))
    fetched = street.fetch(SITE, CRAWL)
    assert (fetched.outcome, fetched.code, fetched.retry_after_seconds) == (
        Outcome.UNREACHABLE,
        "robots-unreadable",
        600,
    )
    street.fetch(SITE, CRAWL)
    assert street.outside.asked == [ROBOTS]
    street.clock.advance(timedelta(minutes=10))
    assert street.fetch(SITE, CRAWL).outcome is Outcome.OK


def test_robots_behind_redirects(street: Street) -> None:
    """Five redirects are followed; what lies farther off is no robots.txt (RFC 9309, 2.3.1.2)."""
    for number in range(5):
        target = "/robots.txt" if number == 0 else f"/{number}"
        street.outside.put(f"https://site.test{target}", redirect(f"/{number + 1}"))
    street.outside.put("https://site.test/5", Answer(body=b"User-agent: *\nDisallow: /"))
    assert street.fetch(SITE, CRAWL).code == "robots-disallowed"
    far = "https://far.test"
    street.outside.put(f"{far}/page", Answer())
    for number in range(7):
        target = "/robots.txt" if number == 0 else f"/{number}"
        street.outside.put(f"{far}{target}", redirect(f"/{number + 1}"))
    assert street.fetch(f"{far}/page", CRAWL).outcome is Outcome.OK
    assert street.host("far.test").robots.status is RobotsStatus.NONE


def test_robots_that_leads_inside_is_none(street: Street) -> None:
    """A redirect to where nothing may be asked is not followed, and forbids nothing."""
    street.outside.put(ROBOTS, redirect("http://127.0.0.1/robots.txt"))
    assert street.fetch(SITE, CRAWL).outcome is Outcome.OK


def test_a_host_that_must_not_be_asked_is_told_as_that(street: Street) -> None:
    """Where an address is refused, that is the reason, not robots.txt; nobody is asked."""
    street.outside.put_page("http://inside.test/", "<p>Secrets.")
    street.outside.move("inside.test", "10.0.0.7")
    fetched = street.fetch("http://inside.test/", CRAWL)
    assert (fetched.outcome, fetched.code) == (Outcome.REFUSED, "address-refused")
    assert street.outside.asked == []


def test_a_large_robots_is_read_to_its_bound(street: Street) -> None:
    """What stands within 500 KiB counts, and what lies behind does not, however much that is."""
    head = "User-agent: *\nDisallow: /page\n"
    allow(street, head + "#" * MAX_ROBOTS_BYTES + "\nDisallow: /file")
    assert street.fetch(SITE, CRAWL).code == "robots-disallowed"
    assert street.fetch(FILE, CRAWL).outcome is Outcome.OK


@pytest.mark.parametrize(
    ("begins", "code"),
    [(b"User-agent: *\nDisallow: /page\n", "robots-disallowed"), (b"", "robots-unreadable")],
)
def test_a_robots_without_end(street: Street, begins: bytes, code: str) -> None:
    """Of a file that is too large to be fetched, what came of it counts; nothing of it is none to be read."""

    class Endless:
        def fetch(
            self,
            url: str,
            limits: FetchLimits,
            sink: Callable[[bytes], None],
            ask: Ask = CRAWL,
            manners: Manners | None = None,
        ) -> Fetched:
            if url != ROBOTS:
                return street.fetcher.raw.fetch(url, limits, sink, ask, manners)
            if begins:
                sink(begins)
                sink(b"#" * MAX_ROBOTS_BYTES)
            return Fetched(Outcome.TOO_LARGE, url, code="too-large", reason="It is too large.")

    endless = replace(street, fetcher=replace(street.fetcher, raw=Endless()))
    assert endless.fetch(SITE, CRAWL).code == code


def test_robots_read_by_another_meanwhile(street: Street) -> None:
    """Who waited for a turn to read it, and finds it read, does not ask again."""
    allow(street, "User-agent: *\nDisallow: /page")
    now = street.clock.now()
    street.put(Host("site.test", asked_at=now, holder="rival", held_until=now + timedelta(seconds=20)))
    read: list[Fetched] = []

    def rival() -> None:
        if not read:
            street.put(Host("site.test"))
            read.append(street.fetch(SITE, CRAWL))

    street.clock.on_sleep = rival
    assert street.fetch(SITE, CRAWL).code == "robots-disallowed"
    assert read[0].code == "robots-disallowed"
    assert street.outside.asked == [ROBOTS]


def test_robots_that_leads_to_one_that_is_known(street: Street) -> None:
    """The other host's file counts for this one too, and is not asked for again."""
    www = "https://www.site.test/robots.txt"
    street.outside.put(ROBOTS, redirect(www))
    street.outside.put(www, Answer(body=b"User-agent: *\nDisallow: /page"))
    street.outside.put_page("https://www.site.test/", "<p>Here.")
    assert street.fetch("https://www.site.test/", CRAWL).outcome is Outcome.OK
    assert street.fetch(SITE, CRAWL).code == "robots-disallowed"
    assert street.outside.asked.count(www) == 1


def test_a_busy_host_says_nothing_about_its_robots(street: Street) -> None:
    """Who is turned away from robots.txt is told that, and nothing is remembered of it."""
    now = street.clock.now()
    street.put(Host("site.test", asked_at=now, holder="rival", held_until=now + timedelta(seconds=300)))
    fetched = street.fetch(SITE, CRAWL, replace(LIMITS, turn_seconds=1))
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "host-busy")
    assert street.host().robots.status is RobotsStatus.UNKNOWN
