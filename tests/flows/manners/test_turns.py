"""The polite fetcher takes turns at a host, also when turns are lost and clocks go back, without waiting."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.outside import redirect
from tests.support.street import FILE, Street

from homeport.domain.errors import Unavailable
from homeport.domain.manners import Host, Politeness, on_this_clock, pause
from homeport.domain.urls import Url
from homeport.flows.manners.turns import Turns
from homeport.ports.fetch import Ask, Errand, FetchLimits, Outcome, Went
from homeport.ports.store import Transaction

CALL, CRAWL = Ask(errand=Errand.CALL), Ask(errand=Errand.CRAWL)
LIMITS = FetchLimits(10_000)


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
