"""Which bytes a Range header asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.formats.byte_range import asked_span

SIZE = 100


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (b"bytes=0-0", range(1)),
        (b"bytes=10-19", range(10, 20)),
        (b"BYTES= 10-19\t", range(10, 20)),
        (b"bytes=90-", range(90, 100)),
        (b"bytes=-1", range(99, 100)),
        (b"bytes=-1000", range(100)),
        (b"bytes=50-1000", range(50, 100)),
        (b"bytes=100-", range(100, 100)),
        (b"bytes=100-200", range(100, 100)),
        (b"bytes=-0", range(100, 100)),
        (b"bytes=20-10", None),
        (b"bytes=-", None),
        (b"bytes=0-1,3-4", None),
        (b"lines=0-1", None),
        (b"bytes=" + b"9" * 40 + b"-", None),
        (b"", None),
    ],
)
def test_one_range_is_understood(asked: bytes, wanted: range | None) -> None:
    """A single range, a suffix, one past the end; everything else asks for the whole file."""
    span = asked_span(asked, SIZE)
    assert (span is None) == (wanted is None)
    assert span is None or wanted is None or list(span) == list(wanted)


@given(st.binary(max_size=40) | st.from_regex(rb"bytes=[0-9]{0,19}-[0-9]{0,19}"), st.integers(0, 2**40))
def test_a_span_lies_within_the_file(asked: bytes, size: int) -> None:
    """Whatever is asked, no byte outside of the file is named."""
    span = asked_span(asked, size)
    assert span is None or not len(span) or (span.start >= 0 and span.stop <= size)
