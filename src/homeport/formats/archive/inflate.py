"""Compressed streams, one chunk at a time: raw deflate, gzip and bzip2.

1. A stream ends where its format says: bytes missing, damaged, or left over are errors, not details (T10, T34).
2. gzip: one member, no comment and no extra field (places to hide bytes), CRC-32 and length verified.
"""

import bz2
import re
import zlib
from collections.abc import Generator, Iterator
from typing import BinaryIO

from homeport.formats.archive.entries import CHUNK_BYTES, ArchiveError, read_exactly

_GZIP_MAGIC = b"\x1f\x8b\x08"
_FLAG_TEXT, _FLAG_NAME = 0x01, 0x08
_MAX_NAME_BYTES = 400
_NAME_CLIMBS = re.compile(rb"(?:^|[/\\])\.\.(?:[/\\]|$)")
_FIXED_HEADER_BYTES, _TRAILER_BYTES = 10, 8


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """What is left of ``file``, in chunks."""
    while piece := file.read(CHUNK_BYTES):
        yield piece


def inflate(compressed: Iterator[bytes]) -> Generator[bytes, None, bytes]:
    """The bytes of one raw deflate stream; returns what ``compressed`` holds after its final block."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in compressed:
        pending, out = piece, b""
        while pending or len(out) == CHUNK_BYTES:
            try:
                out = inflater.decompress(pending, CHUNK_BYTES)
            except zlib.error as error:
                raise ArchiveError("deflate-damaged", f"Compressed data are damaged ({error}).") from error
            pending = inflater.unconsumed_tail
            if out:
                yield out
            if inflater.eof:
                return inflater.unused_data
    raise ArchiveError(
        "archive-truncated", "Compressed data end before their final block: the file broke off."
    )


def gunzip(file: BinaryIO) -> Iterator[bytes]:
    """The bytes of a file that is exactly one gzip member."""
    _read_gzip_header(file)
    crc, size = 0, 0
    content = inflate(pieces(file))
    while True:
        try:
            chunk = next(content)
        except StopIteration as end:
            trailer = end.value + file.read(_TRAILER_BYTES + 1)
            break
        crc = zlib.crc32(chunk, crc)
        size += len(chunk)
        yield chunk
    if len(trailer) < _TRAILER_BYTES:
        raise ArchiveError(
            "archive-truncated", "The gzip stream ends inside its trailer: the file broke off."
        )
    if len(trailer) > _TRAILER_BYTES:
        raise ArchiveError("trailing-bytes", "Bytes follow the end of the gzip stream: remove them.")
    if trailer != crc.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little"):
        raise ArchiveError(
            "checksum-mismatch", "The gzip stream's checksum or length is not that of its bytes."
        )


def bunzip(file: BinaryIO) -> Iterator[bytes]:
    """The bytes of a file that is exactly one bzip2 stream."""
    inflater = bz2.BZ2Decompressor()
    for piece in pieces(file):
        pending = piece
        while not inflater.eof and (pending or not inflater.needs_input):
            try:
                chunk = inflater.decompress(pending, CHUNK_BYTES)
            except OSError as error:
                raise ArchiveError("bzip2-damaged", f"Compressed data are damaged ({error}).") from error
            pending = b""
            if chunk:
                yield chunk
        if inflater.eof:
            break
    if not inflater.eof:
        raise ArchiveError(
            "archive-truncated", "The bzip2 stream ends before its final block: the file broke off."
        )
    if inflater.unused_data or file.read(1):
        raise ArchiveError("trailing-bytes", "Bytes follow the end of the bzip2 stream: remove them.")


def _read_gzip_header(file: BinaryIO) -> None:
    header = file.read(_FIXED_HEADER_BYTES)
    if not header.startswith(_GZIP_MAGIC):
        raise ArchiveError("not-gzip", "The file is not gzip-compressed, as its name says.")
    if len(header) < _FIXED_HEADER_BYTES:
        raise ArchiveError("archive-truncated", "The gzip header is cut off.")
    flags = header[3]
    if flags & ~(_FLAG_TEXT | _FLAG_NAME):
        raise ArchiveError(
            "gzip-header", "The gzip header carries a comment or an extra field: compress it plainly."
        )
    if flags & _FLAG_NAME:
        _read_gzip_name(file)


def _read_gzip_name(file: BinaryIO) -> None:
    name = b""
    while (byte := read_exactly(file, 1)) != b"\0":
        name += byte
        if len(name) > _MAX_NAME_BYTES:
            raise ArchiveError(
                "gzip-header", f"The gzip header's file name is longer than {_MAX_NAME_BYTES} bytes."
            )
    if name.startswith((b"/", b"\\")) or _NAME_CLIMBS.search(name) or any(byte < ord(" ") for byte in name):
        raise ArchiveError(
            "gzip-header", f"The gzip header names {name[:80]!r}, a path that leads elsewhere."
        )
