"""One gzip stream put together from pieces that were compressed apart (RFC 1951, RFC 1952).

A piece is raw deflate that ends at a byte boundary, refers to nothing before itself and is not the last block: any
number of them, one after another, is a deflate stream. Several gzip *members* would be easier, but old clients read
the first one only, and call it the page.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator

_LEVEL = 6
_RAW = -15
# Magic, deflate, no flags, no time, no extra flags, unknown system.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
# An empty last block.
_END = b"\x03\x00"
_32_BITS = 0xFFFFFFFF


def deflated(body: bytes) -> bytes:
    """``body`` as a piece; equal bodies give equal bytes."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    return compressor.compress(body) + compressor.flush(zlib.Z_FULL_FLUSH)


def inflated(piece: bytes) -> bytes:
    """What a piece was made of."""
    return zlib.decompressobj(_RAW).decompress(piece)


class GzipStream:
    """The gzip stream of some pieces, a chunk for each; ``plain_bytes`` counts what they were made of, as they pass."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.plain_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        checksum = 0
        yield _HEADER
        for piece in self._pieces:
            body = inflated(piece)
            checksum = zlib.crc32(body, checksum)
            self.plain_bytes += len(body)
            yield piece
        yield _END + struct.pack("<LL", checksum, self.plain_bytes & _32_BITS)


def gunzipped(chunks: Iterable[bytes], *, most: int) -> Iterator[bytes]:
    """What a gzip stream of ours was made of, never more than ``most`` bytes at once."""
    decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for chunk in chunks:
        body = decompressor.decompress(chunk, most)
        while body:
            yield body
            body = decompressor.decompress(decompressor.unconsumed_tail, most)
