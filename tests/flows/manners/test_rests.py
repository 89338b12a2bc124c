"""The polite fetcher lets hosts rest, keeps their budgets, and asks no frozen one."""

from datetime import timedelta

from tests.support.outside import Answer, Mood
from tests.support.street import FILE, Street

from homeport.domain.manners import Host, Politeness
from homeport.domain.urls import Url
from homeport.flows.manners.turns import Turns
from homeport.ports.fetch import Ask, Errand, FetchLimits, Outcome, Went

CALL, CRAWL = Ask(errand=Errand.CALL), Ask(errand=Errand.CRAWL)
LIMITS = FetchLimits(10_000)

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
