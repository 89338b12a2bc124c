"""What registries say: whom to ask, when a domain was registered, and nothing where they say something else."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.formats.rdap import read_registered_at, read_services, server_for

BOOTSTRAP = {
    "version": "1.0",
    "services": [
        [["test", "EXAMPLE"], ["https://rdap.registry.test/v1/"]],
        [["co.test"], ["http://plain.test/", "https://second.test"]],
        [["plain"], ["http://plain.test/"]],
    ],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["services", "events", "x"]), inner)
    ),
    max_leaves=10,
)


def event(action: object, date: object) -> dict[str, object]:
    """An event of a domain."""
    return {"eventAction": action, "eventDate": date}


def registered(*events: object) -> datetime | None:
    """When a domain with these events was registered."""
    return read_registered_at(json.dumps({"objectClassName": "domain", "events": events}).encode())


@pytest.mark.parametrize(
    ("domain", "url"),
    [
        ("site.test", "https://rdap.registry.test/v1/domain/site.test"),
        ("site.example", "https://rdap.registry.test/v1/domain/site.example"),
        ("site.co.test", "https://second.test/domain/site.co.test"),
        ("site.plain", None),
        ("site.nowhere", None),
    ],
)
def test_the_longest_suffix_says_whom_to_ask(domain: str, url: str | None) -> None:
    """RFC 9224: the longest suffix wins; a registry that is reached by plain HTTP only is not asked."""
    assert server_for(domain, read_services(json.dumps(BOOTSTRAP).encode())) == url


def test_registration_and_nothing_else() -> None:
    """The last registration counts; renewals, transfers and changes do not."""
    first, again = "2015-01-02T03:04:05Z", "2021-01-02T03:04:05+02:00"
    assert registered(event("registration", first)) == datetime(2015, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert registered(
        event("registration", first),
        event("expiration", "2030-01-01T00:00:00Z"),
        event("last changed", "2026-01-01T00:00:00Z"),
        event("transfer", "2026-01-01T00:00:00Z"),
        event("reregistration", again),
    ) == datetime(2021, 1, 2, 1, 4, 5, tzinfo=UTC)
    assert registered(event("registration", "2015-01-02T03:04:05")) == datetime(
        2015, 1, 2, 3, 4, 5, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "events",
    [
        [],
        ["registration"],
        [event("registration", None)],
        [event("registration", "yesterday")],
        [event("registration", "0001-01-01T00:00:00+23:00")],
        [event("locked", "2015-01-02T03:04:05Z")],
        [event(["registration"], "2015-01-02T03:04:05Z")],
    ],
)
def test_nothing_said_is_nothing_known(events: list[object]) -> None:
    """A document without a date of registration that can be read says nothing."""
    assert registered(*events) is None


@pytest.mark.parametrize(
    "document", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"services": {}, "events": 1}']
)
def test_hostile_documents_say_nothing(document: bytes) -> None:
    """Whatever comes, the answer is nothing."""
    assert read_services(document) == {}
    assert read_registered_at(document) is None


@settings(max_examples=40, deadline=None)
@given(JSON)
def test_any_json_is_read(value: object) -> None:
    """No JSON makes a reader fail."""
    document = json.dumps(value).encode()
    assert all(url.startswith("https://") for url in read_services(document).values())
    assert read_registered_at(document) is None or isinstance(value, dict)


@settings(max_examples=40, deadline=None)
@given(st.lists(JSON, max_size=3))
def test_any_service_is_read(entries: list[object]) -> None:
    """Whatever stands in the list of services, it is read or left."""
    services = read_services(json.dumps({"services": [entries, *entries]}).encode())
    assert server_for("site.test", services) is None or services
