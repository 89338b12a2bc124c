"""How often somebody may try in vain, and where a request came from."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.domain.errors import Invalid
from homeport.domain.throttle import (
    PER_ACCOUNT,
    PER_ADDRESS,
    PER_INDEX,
    WINDOW,
    Trier,
    client_address,
    parse_proxies,
    renewed_too_often,
    renewing,
    seeking,
    sought_too_often,
    too_many,
)

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PROXIES = parse_proxies("10.0.0.0/8, 2001:db8:7::/48 ,127.0.0.1")


def names(trier: Trier) -> list[str]:
    """The buckets' names."""
    return [bucket.name for bucket in trier.buckets()]


def test_a_failure_counts_thrice() -> None:
    """For the account, for the address, and for the whole index, each with its own limit."""
    buckets = Trier("ada", "198.51.100.7").buckets()
    assert [bucket.limit for bucket in buckets] == [PER_ACCOUNT, PER_ADDRESS, PER_INDEX] == [10, 10, 1000]
    assert [bucket.name.partition(":")[0] for bucket in buckets] == ["account", "address", "index"]


@pytest.mark.parametrize("account", ["ada", "", "a\0b", "\ud800", "x" * 100_000, "correct horse battery"])
def test_what_was_typed_as_a_name_is_not_kept(account: str) -> None:
    """A bucket's name is short, and tells nothing of what somebody typed into the wrong field."""
    name = names(Trier(account))[0]
    assert len(name) == 72
    assert not account or account not in name
    assert name == names(Trier(account, "198.51.100.7"))[0]
    assert name != names(Trier(account + "a"))[0]


def test_without_an_address_two_counts_are_left() -> None:
    """Behind a socket without addresses, account and index are still counted."""
    assert names(Trier("ada"))[1:] == ["index"]
    assert names(Trier("ada", "a socket"))[1:] == ["index"]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("198.51.100.7", "198.51.100.7", True),
        ("198.51.100.7", "198.51.100.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:198.51.100.7", "198.51.100.7", True),
    ],
)
def test_whose_tries_are_counted_together(one: str, other: str, together: bool) -> None:
    """An IPv4 address alone, an IPv6 address with its whole /64: one customer has all of it."""
    assert (names(Trier("ada", one))[1] == names(Trier("ada", other))[1]) is together


@pytest.mark.parametrize(
    ("ago", "seconds", "words"),
    [
        (timedelta(0), 300, "5 minutes"),
        (WINDOW - timedelta(seconds=61), 61, "2 minutes"),
        (WINDOW - timedelta(seconds=60), 60, "a minute"),
        (WINDOW - timedelta(microseconds=1), 1, "a minute"),
        (WINDOW, 1, "a minute"),
    ],
)
def test_when_to_come_back(ago: timedelta, seconds: int, words: str) -> None:
    """The refusal says when the oldest failure counts no more, and never to come back at once."""
    refusal = too_many(NOW - ago, NOW)
    assert refusal.retry_after_seconds == seconds
    assert f"Wait {words}," in refusal.sentence


def test_new_secrets_count_for_an_hour() -> None:
    """Each person has a few; the refusal says when the oldest counts no more."""
    bucket = renewing("ada")
    assert (bucket.limit, bucket.window, bucket == renewing("eve")) == (10, timedelta(hours=1), False)
    refusal = renewed_too_often(NOW - timedelta(minutes=10), NOW)
    assert (refusal.code, refusal.retry_after_seconds) == ("renewed-too-often", 3000)
    assert "10 new secrets within an hour. Wait 50 minutes," in refusal.sentence


def test_people_are_sought_by_address_a_few_times_an_hour() -> None:
    """Each person has a few; the refusal says what is not counted, and when the oldest counts no more."""
    bucket = seeking("ada")
    assert (bucket.limit, bucket.window, bucket == seeking("eve")) == (20, timedelta(hours=1), False)
    refusal = sought_too_often(NOW - timedelta(minutes=10), NOW)
    assert (refusal.code, refusal.retry_after_seconds) == ("sought-too-often", 3000)
    assert "Name them by their user names, or wait 50 minutes," in refusal.sentence


@pytest.mark.parametrize(
    ("peer", "told", "address"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("127.0.0.1", "203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("10.1.2.3", "192.0.2.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("10.1.2.3", "10.9.9.9, 10.8.8.8", "10.9.9.9"),
        ("10.1.2.3", "203.0.113.9, rubbish", "10.1.2.3"),
        ("10.1.2.3", "203.0.113.9,", "10.1.2.3"),
        ("10.1.2.3", "unknown, 10.9.9.9", "10.9.9.9"),
        ("2001:db8:7::1", "2001:DB8:1::0001", "2001:db8:1::1"),
        ("::ffff:10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("10.1.2.3", "::ffff:203.0.113.9", "203.0.113.9"),
        ("", "203.0.113.9", ""),
        ("a socket", "203.0.113.9", ""),
    ],
)
def test_where_a_request_came_from(peer: str, told: str, address: str) -> None:
    """The peer's address, or the nearest that our own proxies tell and that is no proxy of ours."""
    assert client_address(peer, told, PROXIES) == address


@given(st.text(max_size=60))
def test_nobody_else_is_believed(told: str) -> None:
    """Whatever a stranger writes into the header, the address is the peer's."""
    assert client_address("198.51.100.7", told, PROXIES) == "198.51.100.7"
    assert client_address("198.51.100.7", told, ()) == "198.51.100.7"


def test_no_proxy_is_trusted_by_itself() -> None:
    """Without a setting the header is nothing, not even from this machine."""
    assert parse_proxies(" , ") == ()
    assert client_address("127.0.0.1", "203.0.113.9", ()) == "127.0.0.1"


@pytest.mark.parametrize("text", ["proxy.example", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.1:80", "*"])
def test_what_names_no_network_is_refused(text: str) -> None:
    """A setting that cannot be meant as it stands is refused, and the entry named."""
    with pytest.raises(Invalid, match="neither an address nor a prefix") as refused:
        parse_proxies(f"127.0.0.1,{text}")
    assert text in refused.value.sentence
