"""List headers with weights, as clients and their proxies write them (RFC 9110 §12.4.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.formats.weighted import weighted


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("", []),
        (" , ,,", []),
        ("gzip", [("gzip", 1000)]),
        ("GZip ;\tQ=0.5", [("gzip", 500)]),
        (
            "a;q=0, b;q=0., c;q=0.1, d;q=0.12, e;q=0.123",
            [("a", 0), ("b", 0), ("c", 100), ("d", 120), ("e", 123)],
        ),
        ("a;q=1, b;q=1., c;q=1.0, d;q=1.000", [("a", 1000), ("b", 1000), ("c", 1000), ("d", 1000)]),
        ("a;q=1.001, b;q=2, c;q=-1, d;q=.5, e;q=, f;q=0.1234, g;q=nan, h;q", []),
        ("a;level=1;q=0.3;q=0.9", [("a", 300)]),
        ("text/html;charset=utf-8", [("text/html", 1000)]),
        (";q=0.5, b", [("b", 1000)]),
        ("a, a;q=0.1", [("a", 1000), ("a", 100)]),
        ("é;q=0.5", [("é", 500)]),
    ],
)
def test_items_and_weights(header: str, read: list[tuple[str, int]]) -> None:
    """Items come in their order, in lower case, in thousandths; those without a name or a weight that parses do not."""
    assert list(weighted(header.encode("latin-1"))) == read


@given(st.binary(max_size=300))
def test_whatever_arrives_is_read(header: bytes) -> None:
    """No bytes break the reading, and no weight leaves its bounds."""
    for name, weight in weighted(header):
        assert name == name.strip().lower()
        assert 0 <= weight <= 1000
