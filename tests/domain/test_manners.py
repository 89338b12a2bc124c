"""One request at a time: the pace of a host, its rests, and clocks that go back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from, tuples
from tests.support.asked_hosts import asked, failed

from homeport.domain.manners import (
    LONGEST_CRAWL_DELAY,
    LONGEST_REST,
    Ending,
    Host,
    HostState,
    Politeness,
    Taken,
    given_back,
    kept,
    objection,
    on_this_clock,
    pause,
    rest_after,
    retry_after_seconds,
    with_robots,
    with_turn,
)
from homeport.domain.robots import Robots, RobotsStatus, no_robots

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SECOND, MINUTE, LEASE = timedelta(seconds=1), timedelta(minutes=1), timedelta(seconds=300)
POLITE = Politeness()
HOST = Host("example.org")
FINE, GONE, BROKEN = Ending(200), Ending(404), Ending(0, "timed-out")

# Pace


def test_one_at_a_time() -> None:
    """Nobody gets the turn while somebody has it; its lease ends it."""
    taken = with_turn(HOST, "me", LEASE, POLITE, NOW)
    assert pause(HOST, NOW) == 0
    assert pause(taken, NOW + 10 * SECOND) is None
    assert taken.state(NOW + 10 * SECOND) is HostState.PACED
    assert pause(taken, NOW + LEASE) == 0
    assert taken.state(NOW + LEASE) is HostState.READY


def test_a_second_lies_between_two_starts() -> None:
    """The pace counts from the moment at which the request set out, also where it took long to write the turn down."""
    taken = with_turn(HOST, "me", LEASE, POLITE, NOW)
    late = NOW + 0.4 * SECOND
    back = given_back(taken, "me", late, FINE, POLITE, late + 0.1 * SECOND)
    assert pause(back, late + 0.1 * SECOND) == pytest.approx(0.9)
    assert back.state(late + 0.1 * SECOND) is HostState.PACED
    assert pause(back, late + SECOND) == 0


def test_no_pace_is_no_pause() -> None:
    """With a pace of 0 the next request follows at once, and still one at a time."""
    hurried = Politeness(pace_seconds=0)
    assert pause(asked(HOST, FINE, politeness=hurried), NOW) == 0
    assert pause(with_turn(HOST, "me", LEASE, hurried, NOW), NOW) is None


def test_a_lease_is_renewed_by_who_has_the_turn() -> None:
    """It lasts from the renewal on; who lost the turn renews nothing."""
    theirs = with_turn(HOST, "them", LEASE, POLITE, NOW)
    later = NOW + MINUTE
    assert kept(theirs, "them", LEASE, later) == replace(theirs, held_until=later + LEASE)
    assert kept(theirs, "me", LEASE, later) == theirs


def test_a_lease_that_ended_is_not_given_back() -> None:
    """Who comes back after its lease takes nothing from who has the turn now; what it saw counts all the same."""
    theirs = with_turn(HOST, "them", LEASE, POLITE, NOW)
    back = given_back(theirs, "me", NOW - LEASE, Ending(500), POLITE, NOW)
    assert (back.holder, back.held_until, back.failures) == ("them", theirs.held_until, 1)


def test_a_turn_after_the_row_was_lost_is_given_back() -> None:
    """The next start is known even where nothing else is."""
    back = given_back(replace(HOST, holder="me"), "me", NOW, FINE, POLITE, NOW)
    assert pause(back, NOW) == 1


@pytest.mark.parametrize(("said", "holds"), [(0.2, 1.0), (10.0, 10.0), (86_400.0, LONGEST_CRAWL_DELAY)])
def test_crawl_delay(said: float, holds: float) -> None:
    """A Crawl-delay counts when it is longer than the pace, up to a minute, from the request that read it on."""
    robots = Robots(RobotsStatus.READ, "", NOW, said)
    told = with_robots(asked(HOST, FINE), robots)
    assert pause(told, NOW) == holds
    assert pause(asked(told, FINE), NOW) == holds


def test_robots_of_a_host_that_was_never_asked() -> None:
    """What another host's file says of this one is remembered, and delays nothing."""
    robots = no_robots(NOW)
    assert with_robots(HOST, robots) == replace(HOST, robots=robots)


# Rests


def test_three_failures_in_a_row_are_a_rest() -> None:
    """One minute, then two, four and so on, at most six hours."""
    assert [rest_after(times) // MINUTE for times in (0, 1, 2, 3, 4, 5, 6, 11, 12, 999)] == [
        0, 0, 0, 1, 2, 4, 8, 256, 360, 360,
    ]  # fmt: skip
    assert not failed(2).is_resting(NOW)
    resting = failed(3)
    assert resting.state(NOW) is HostState.RESTING
    assert resting.resting_until == NOW + MINUTE
    assert failed(4).resting_until == NOW + 2 * MINUTE
    away = objection(resting, Taken(), POLITE, NOW)
    assert away is not None
    assert (away.code, away.retry_after_seconds, away.is_final) == ("host-resting", 60, False)
    assert "timed-out" in away.sentence
    assert objection(resting, Taken(), POLITE, NOW + MINUTE) is None


@pytest.mark.parametrize(
    "answer", [FINE, GONE, Ending(304, "not-modified"), Ending(200, "too-large"), Ending(403)]
)
def test_one_answer_ends_it(answer: Ending) -> None:
    """Any answer of a host in order, 4xx among them, and no failure is remembered."""
    host = asked(failed(7), answer)
    assert (host.failures, host.resting_until, host.problem) == (0, None, "")
    assert not failed(2, answer).failures


@pytest.mark.parametrize(
    "failure",
    [
        Ending(500),
        Ending(503),
        Ending(429),
        Ending(0, "name-unknown"),
        Ending(0, "connect-failed"),
        Ending(0, "tls-failed"),
        Ending(200, "broke-off"),
        Ending(200, "too-slow"),
        Ending(0, "answer-garbled"),
    ],
)
def test_what_a_failure_is(failure: Ending) -> None:
    """Server errors, too many requests, and everything that broke on the way."""
    assert failure.is_failure
    assert failed(3, failure).is_resting(NOW)


@pytest.mark.parametrize("nothing", [Ending(0, "address-refused"), Ending(0, "abandoned"), Ending(0)])
def test_what_says_nothing_of_a_host(nothing: Ending) -> None:
    """What our own rules ended neither helps a host nor harms it."""
    assert asked(failed(2), nothing).failures == 2


def test_a_rest_that_was_ordered_meanwhile() -> None:
    """A request that was on its way when somebody ordered a rest shortens it neither by its answer nor by its failure."""
    until = NOW + timedelta(hours=3)
    ordered = replace(HOST, resting_until=until, problem="rest ordered by ada")
    assert asked(ordered, FINE).resting_until == until
    assert asked(ordered, FINE).problem == "rest ordered by ada"
    assert asked(replace(ordered, failures=2), BROKEN).resting_until == until
    assert asked(ordered, Ending(503, "", 4 * 3600)).resting_until == NOW + timedelta(hours=4)


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_rests_as_long_as_it_asks(status: int) -> None:
    """Retry-After counts at once, up to six hours; the rest after failures counts when it is longer."""
    assert asked(HOST, Ending(status, "", 90)).resting_until == NOW + 90 * SECOND
    assert asked(HOST, Ending(status, "", 10**8)).resting_until == NOW + LONGEST_REST
    assert failed(5, Ending(status, "", 1)).resting_until == NOW + 4 * MINUTE
    assert asked(HOST, Ending(status)).resting_until is None


def test_retry_after_of_other_answers_is_not_asked_for() -> None:
    """A redirect or an error of the server may come with the header; it does not ask for a pause there."""
    assert asked(HOST, Ending(301, "", 900)).resting_until is None
    assert asked(HOST, Ending(500, "", 900)).resting_until is None


def test_a_forge_that_was_asked_too_often_rests() -> None:
    """A 403 that says how long to wait is a pause; one that says nothing is an answer."""
    limited = asked(HOST, Ending(403, "http-error", 90))
    assert limited.resting_until == NOW + 90 * SECOND
    assert limited.problem == "status 403"
    assert asked(HOST, Ending(403, "http-error")) == asked(HOST, Ending(404, "http-error"))


DATE = "Wed, 04 Mar 2026 05:06:07 GMT"


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("120", "", 120),
        (" 7 ", "", 7),
        ("0", "", 0),
        ("9" * 10, "", None),
        ("-1", "", None),
        ("\u0663", "", None),
        ("1.5", "", None),
        ("", DATE, None),
        ("soon", DATE, None),
        ("Wed, 04 Mar 2026 05:07:07 GMT", DATE, 60),
        ("Wed, 04 Mar 2026 05:07:07 GMT", "", None),
        ("Wed, 04 Mar 2026 05:07:07 GMT", "yesterday", None),
        ("Wed, 04 Mar 2026 05:00:00 GMT", DATE, 0),
        ("Wednesday, 04-Mar-26 05:06:37 GMT", DATE, 30),
        ("Wed Mar  4 05:06:37 2026", DATE, 30),
        ("Wed, 99 Mar 2026 05:06:37 GMT", DATE, None),
        ("1 Jan 99999999999999999999 00:00:00 GMT", DATE, None),
        ("Wed, 04 Mar 2026 99999999999999999999:00:00 GMT", DATE, None),
        ("Wed, 04 Mar 2026 05:06:37 +99999999999999999999", DATE, None),
        ("Wed, 04 Mar 2026 05:07:07 GMT", "1 Jan 99999999999999999999 00:00:00", None),
    ],
)
def test_retry_after(value: str, date: str, seconds: int | None) -> None:
    """Seconds, and each form of an HTTP date, by the clock of who sent it."""
    headers = {"retry-after": value, "date": date} if date else {"retry-after": value}
    assert retry_after_seconds(headers) == seconds


@pytest.mark.parametrize(
    ("remaining", "reset", "date", "seconds"),
    [
        ("0", "1772600827", DATE, 60),
        ("0", "1772600000", DATE, 0),
        ("0", "9" * 10, DATE, 8_227_399_232),
        ("0", "9" * 11, DATE, None),
        ("0", "soon", DATE, None),
        ("0", "1772600827", "", None),
        ("3", "1772600827", DATE, None),
        ("", "1772600827", DATE, None),
    ],
)
def test_the_rate_limit_of_a_forge(remaining: str, reset: str, date: str, seconds: int | None) -> None:
    """No request remains, and there are some again at that second, by the clock of who sent it."""
    headers = {"x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset, "date": date}
    assert retry_after_seconds(headers) == seconds
    assert retry_after_seconds(headers | {"retry-after": "7"}) == 7


# Clocks

YEARS = timedelta(days=3653)


@pytest.mark.parametrize("back", [0.05 * SECOND, SECOND, timedelta(hours=1), YEARS])
def test_a_clock_that_goes_back(back: timedelta) -> None:
    """T-41: the pause begins anew and is no longer than before; a rest, a lease and robots.txt go back as well."""
    host = with_robots(with_turn(failed(4), "me", LEASE, POLITE, NOW), no_robots(NOW))
    now = NOW - back
    host = on_this_clock(host, now)
    assert (host.asked_at, host.next_at, host.held_until) == (now, now + SECOND, now + LEASE)
    assert host.resting_until == now + 2 * MINUTE
    assert host.robots.until == now + timedelta(days=1)
    assert on_this_clock(host, now) is host


def test_a_clock_that_goes_back_over_nothing() -> None:
    """Where nothing was to wait for, nothing is."""
    assert on_this_clock(HOST, NOW - YEARS) is HOST
    host = on_this_clock(replace(HOST, asked_at=NOW), NOW - YEARS)
    assert (host.next_at, host.held_until, host.resting_until) == (None, None, None)


@given(lists(tuples(integers(-4 * 10**8, 4 * 10**8), sampled_from([FINE, GONE, Ending(503)])), max_size=12))
def test_no_clock_makes_anybody_wait_for_years(jumps: list[tuple[int, Ending]]) -> None:
    """T-41: whatever a clock does, nothing lasts longer than the longest pause, and none ends before it was over."""
    host, now = HOST, NOW
    for jump, ending in jumps:
        now += timedelta(seconds=jump % YEARS.total_seconds()) * (1 if jump > 0 else -1)
        host = on_this_clock(host, now)
        host = asked(host, ending, now)
        assert pause(host, now) == 1
        assert host.resting_until is None or host.resting_until <= now + LONGEST_REST
