"""Content codings: which one a client is given, and that it can be read (RFC 9110 §12.5.3)."""

import gzip
from typing import get_args

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from homeport.formats.codings import CODINGS, Coding, accepted_coding, encoded

UV = "gzip, deflate, zstd"
WITHOUT_ZSTD: tuple[Coding, ...] = ("identity", "gzip")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br", "gzip"),
        (UV, "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd", "zstd"),
        ("ZSTD;Q=0.5", "zstd"),
        ("GZIP;Q=0.5", "gzip"),
        ("x-gzip", "gzip"),
        ("x-gzip, gzip;q=0", "gzip"),
        ("*", "gzip"),
        ("*;q=0.1", "gzip"),
        ("*;q=0.5, zstd;q=0.5", "zstd"),
        ("*;q=0.5, zstd;q=0.4", "gzip"),
        ("zstd;q=0, *", "gzip"),
        ("br, *;q=0.1", "gzip"),
        ("zstd;q=0.9, gzip", "gzip"),
        ("zstd, gzip;q=0.9", "zstd"),
        ("zstd;q=0.5, gzip;q=0.5", "zstd"),
        ("zstd;q=0, gzip", "gzip"),
        ("zstd;q=0.001, gzip;q=0", "zstd"),
        ("br", "identity"),
        ("deflate", "identity"),
        ("identity", "identity"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0, zstd;q=0.000", "identity"),
        ("gzip;q=0, *", "identity"),
        ("*;q=0", "identity"),
        ("gzip;q=0.5, identity", "identity"),
        ("gzip;q=0.5, identity;q=0.6, zstd;q=0.7", "zstd"),
        ("gzip, identity;q=0.5", "gzip"),
        ("gzip, identity", "gzip"),
        ("zstd, identity", "zstd"),
        ("gzip;q=x", "identity"),
        ("gzip;q=x, zstd", "zstd"),
        (";;q=x,,", "identity"),
        ("gzip" + "," * 2044, "gzip"),
        ("gzip" + "," * 2045, "identity"),
        ("gzip," * 20_000, "identity"),
    ],
)
def test_the_best_welcome_coding(value: str, wanted: Coding) -> None:
    """Zstandard, then gzip, is sent when it is acceptable and no less welcome than the others; a long header gets none."""
    assert accepted_coding(value.encode()) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(UV, "gzip"), ("zstd", "identity"), ("zstd, gzip;q=0.1", "gzip"), ("", "identity"), ("*", "gzip")],
)
def test_only_what_is_offered(value: str, wanted: Coding) -> None:
    """A coding that is not offered is never the answer, and its weight does not keep others back."""
    assert accepted_coding(value.encode(), WITHOUT_ZSTD) == wanted


@given(st.binary(max_size=300) | st.sampled_from([b"gzip", b"zstd;q=0.1"]))
def test_no_bytes_break_the_choice(value: bytes) -> None:
    """Whatever bytes arrive, the answer is one of those offered."""
    assert accepted_coding(value) in CODINGS
    assert accepted_coding(value, WITHOUT_ZSTD) in WITHOUT_ZSTD


@given(st.data(), st.lists(st.sampled_from(["gzip", "zstd", "identity", "br", "*"]), unique=True))
def test_order_never_matters(data: st.DataObject, names: list[str]) -> None:
    """Every order of the same codings gives the same answer."""
    shuffled = data.draw(st.permutations(names))
    assert accepted_coding(", ".join(names).encode()) == accepted_coding(", ".join(shuffled).encode())


@given(st.binary(max_size=2000))
def test_what_is_written_is_read(body: bytes) -> None:
    """Every coding is read back by its own library, and equal bodies give equal bytes (H18)."""
    assert encoded(body, "identity") == body
    assert gzip.decompress(encoded(body, "gzip")) == body
    assert zstd.decompress(encoded(body, "zstd")) == body
    for coding in CODINGS:
        assert encoded(bytes(bytearray(body)), coding) == encoded(body, coding)


def test_pages_become_smaller() -> None:
    """What repeats itself, as pages do, becomes a small part of itself."""
    body = b'{"filename":"demo-1.0-py3-none-any.whl"},' * 1000
    assert len(encoded(body, "zstd")) < len(encoded(body, "gzip")) < len(body) // 50


def test_gzip_bears_no_time() -> None:
    """The time of writing is not among the bytes, or no tag would name them."""
    assert encoded(b"body", "gzip")[4:8] == bytes(4)


def test_every_coding_is_kept() -> None:
    """The codings that pages are kept in are those that there are, the plain one first."""
    assert get_args(Coding) == CODINGS
    assert CODINGS[0] == "identity"
