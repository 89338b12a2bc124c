"""Gzip streams of pieces: whatever pieces, in whatever order, they are one member that every client reads whole."""

import gzip
import zlib
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.project_lists import gunzip_whole

from homeport.formats.deflate_segments import GzipStream, deflated, gunzipped, inflated

# Texts that would refer to one another if pieces were not apart, and some that hold nothing.
BODIES = st.lists(st.binary(max_size=60) | st.just(b'{"name":"demo"},' * 30) | st.just(b""), max_size=8)


@given(st.data(), BODIES)
def test_any_pieces_in_any_order_are_one_member(data: st.DataObject, bodies: list[bytes]) -> None:
    """Pieces that were made in one order make one gzip member in every other, with nothing left behind it."""
    pieces = [deflated(body) for body in bodies]
    order = data.draw(st.permutations(range(len(bodies))))
    stream = GzipStream([pieces[place] for place in order])
    written, plain = b"".join(stream), b"".join(bodies[place] for place in order)
    assert gunzip_whole(written) == plain
    assert gzip.decompress(written) == plain
    assert stream.plain_bytes == len(plain)


@given(st.binary(max_size=3000))
def test_a_piece_is_what_it_was_made_of(body: bytes) -> None:
    """A piece is read back by itself, ends at a whole byte, and equal bodies give equal pieces."""
    assert inflated(deflated(body)) == body
    assert deflated(bytes(bytearray(body))) == deflated(body)
    assert deflated(body).endswith(b"\x00\x00\xff\xff")


def test_no_piece_refers_to_another() -> None:
    """The same text twice costs twice: a piece that stands alone cannot lean on the one before it."""
    body = bytes(range(256)) * 4
    one, two = b"".join(GzipStream([deflated(body)])), b"".join(GzipStream([deflated(body)] * 2))
    assert len(two) - len(one) == len(deflated(body))


def test_a_chunk_for_each_piece() -> None:
    """The stream is written piece by piece, and nothing is asked for before its turn."""
    asked: list[int] = []

    def pieces() -> chain[bytes]:
        return chain.from_iterable([piece] for piece in map(made, range(3)))

    def made(number: int) -> bytes:
        asked.append(number)
        return deflated(b"x" * number)

    stream = iter(GzipStream(pieces()))
    next(stream)
    assert asked == []
    assert next(stream) == deflated(b"")
    assert asked == [0]
    assert len(list(stream)) == 3


def test_the_length_is_told_modulo_two_to_the_32() -> None:
    """The trailer's length is 32 bits wide, whatever the stream holds (RFC 1952 §2.3.1)."""
    stream = GzipStream([])
    stream.plain_bytes = 2**40 + 2**32 - 5
    *_, trailer = stream
    assert trailer[-4:] == (2**32 - 5).to_bytes(4, "little")


@settings(max_examples=60)
@given(BODIES, st.integers(1, 40), st.integers(1, 200))
def test_gunzipped_gives_bounded_chunks(bodies: list[bytes], cut: int, most: int) -> None:
    """However the stream is cut, the text comes whole, in chunks that are neither empty nor too large."""
    written = b"".join(GzipStream(map(deflated, bodies)))
    chunks = list(gunzipped((written[at : at + cut] for at in range(0, len(written), cut)), most=most))
    assert b"".join(chunks) == b"".join(bodies)
    assert all(0 < len(chunk) <= most for chunk in chunks)


def test_a_small_stream_that_holds_much_is_read_in_bounds() -> None:
    """A thousandfold compression never comes out at once."""
    body = bytes(20_000_000)
    chunks = gunzipped(GzipStream([deflated(body)]), most=65_536)
    assert {len(chunk) for chunk in chunks} <= {65_536, len(body) % 65_536}


@pytest.mark.parametrize("cut", [0, 9, 15])
def test_a_stream_that_ends_early_gives_what_there_is(cut: int) -> None:
    """Reading of a stream that was cut off ends; it is nobody's place to invent the rest."""
    written = b"".join(GzipStream([deflated(b"demo")]))
    assert b"demo".startswith(b"".join(gunzipped([written[:cut]], most=10)))


def test_the_checksum_is_checked_by_readers() -> None:
    """The trailer bears the checksum of all that was written: a reader finds a changed byte."""
    written = bytearray(b"".join(GzipStream([deflated(b"demo")])))
    written[-8] ^= 1
    with pytest.raises(zlib.error, match="incorrect data check"):
        gunzip_whole(bytes(written))
