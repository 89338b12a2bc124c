"""Frozen hosts, budgets of hosts and domains, and how people name hosts and moments."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.support.asked_hosts import failed

from homeport.domain.errors import Invalid
from homeport.domain.manners import (
    Frozen,
    Host,
    HostState,
    Politeness,
    Taken,
    day_of,
    host_name,
    objection,
    parse_moment,
)
from homeport.domain.registrable import registrable_domain
from homeport.domain.urls import Url

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
POLITE = Politeness()
HOST = Host("example.org")

# Freezing and budgets


def test_a_frozen_host_is_not_asked() -> None:
    """Waiting does not help; who is told learns since when, and why."""
    host = replace(failed(3), frozen=Frozen(NOW, "ada", "Its domain was sold."))
    assert host.state(NOW) is HostState.FROZEN
    away = objection(host, Taken(), POLITE, NOW)
    assert away is not None
    assert (away.code, away.is_final, away.retry_after_seconds) == ("host-frozen", True, None)
    assert "Its domain was sold." in away.sentence


@pytest.mark.parametrize("taken", [Taken(100, 100), Taken(101, 101), Taken(5, 1000)])
def test_a_spent_budget(taken: Taken) -> None:
    """What reached its budget is asked again on the next day, and not before."""
    away = objection(HOST, taken, Politeness(host_bytes=100, domain_bytes=1000), NOW)
    assert away is not None
    assert away.code == "host-budget-spent"
    assert away.retry_after_seconds == (24 - 5) * 3600 - 6 * 60 - 7


def test_what_is_left_of_a_budget() -> None:
    """One byte left is a request left, and without a budget there always is one."""
    bounded = Politeness(host_bytes=100, domain_bytes=1000)
    assert objection(HOST, Taken(99, 999), bounded, NOW) is None
    assert objection(HOST, Taken(10**15, 10**15), POLITE, NOW) is None
    assert day_of(datetime(2026, 3, 4, 1, tzinfo=UTC)) == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("example.org", "example.org"),
        ("files.example.org", "example.org"),
        ("a.b.c.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("one.user.github.io", "github.io"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("xn--bcher-kva.example.org", "example.org"),
    ],
)
def test_registrable_domains(host: str, domain: str) -> None:
    """What somebody registered; a suffix, a bare name and an address are their own."""
    assert registrable_domain(Url.parse(f"http://{host}:8080/")) == domain


# What people write


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("example.org", "example.org"),
        ("EXAMPLE.org", "example.org"),
        ("example.org:8080", "example.org:8080"),
        ("example.org:80", "example.org"),
        ("example.org:443", "example.org"),
        ("https://example.org/a?b#c", "example.org"),
        ("http://example.org:443/", "example.org"),
        ("https://example.org:80/", "example.org:80"),
        ("[::1]:8080", "[::1]:8080"),
    ],
)
def test_names_of_hosts(text: str, name: str) -> None:
    """A host is meant by its name with or without a port, and by any URL there."""
    assert host_name(text) == name


@pytest.mark.parametrize(
    "text", ["", "example.org/a", "a b", "ftp://example.org/", "example.org:0", "user@example.org"]
)
def test_what_names_no_host(text: str) -> None:
    """What no URL could name is refused."""
    with pytest.raises(Invalid):
        host_name(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2030-01-31", datetime(2030, 1, 31, tzinfo=UTC)),
        (" 2030-01-31T18:00 ", datetime(2030, 1, 31, 18, tzinfo=UTC)),
        ("2030-01-31T18:00:05Z", datetime(2030, 1, 31, 18, 0, 5, tzinfo=UTC)),
        ("2030-01-31T18:00+02:00", datetime(2030, 1, 31, 16, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    """ISO 8601, in UTC where nothing else is said."""
    assert parse_moment(text) == moment


@pytest.mark.parametrize("text", ["", "tomorrow", "2030-02-31", "31.1.2030"])
def test_what_is_no_moment(text: str) -> None:
    """Everything else is refused with an example."""
    with pytest.raises(Invalid, match="2030-01-31"):
        parse_moment(text)


def test_states_by_name() -> None:
    """Every state is known by its word, and no other word is."""
    assert [HostState.parse(state.value) for state in HostState] == list(HostState)
    with pytest.raises(Invalid, match="ready, paced, resting, frozen"):
        HostState.parse("asleep")
