"""Compressed streams: they end where the file ends, hold what they claim, and hide nothing."""

import bz2
import gzip
import hashlib
import struct
import zlib
from collections.abc import Callable

import pytest
from tests.support.archives import TarPart, ZipPart, make_gzip, make_sdist, make_tar, make_zip, sdist_parts
from tests.support.looks import SDIST, codes, look

from homeport.domain.inspection import Expectation, Verdict


def gzip_header(flags: int, fields: bytes) -> bytes:
    """A good sdist whose gzip header carries more."""
    plain = gzip.decompress(make_sdist())
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(plain) + packer.flush()
    trailer = struct.pack("<2L", zlib.crc32(plain), len(plain))
    return b"\x1f\x8b\x08" + bytes((flags,)) + bytes(6) + fields + body + trailer


def patched(at: int, byte: int) -> bytes:
    """A good sdist with one byte of its compressed file changed, counted from the end when negative."""
    changed = bytearray(make_sdist())
    changed[at] ^= byte
    return bytes(changed)


def make_gzip_stored(data: bytes) -> bytes:
    """A gzip member that stores its bytes as they are."""
    return gzip.compress(data, compresslevel=0, mtime=0)


HOSTILE: list[tuple[str, Callable[[], bytes], str, str]] = [
    ("plain tar", lambda: make_tar(sdist_parts()), "not-gzip", "the name says gzip"),
    ("zip", lambda: make_zip([ZipPart("demo-1.0/PKG-INFO", b"x")]), "also-a-zip", "the name says gzip"),
    (
        "zip in an uncompressed block",
        lambda: make_gzip_stored(
            make_tar([*sdist_parts(), TarPart("demo-1.0/z", make_zip([ZipPart("a", b"")]))])
        ),
        "also-a-zip",
        "readers that look from the back find a ZIP",
    ),
    (
        "empty zip in an uncompressed block",
        lambda: make_gzip_stored(make_tar([*sdist_parts(), TarPart("demo-1.0/z", make_zip([]))])),
        "also-a-zip",
        "readers that look from the back find an empty ZIP",
    ),
    ("empty file", lambda: b"", "not-gzip", "nothing arrived"),
    ("three bytes", lambda: b"\x1f\x8b\x08", "archive-truncated", "nothing but the magic arrived"),
    ("truncated", lambda: make_sdist()[:-60], "archive-truncated", "the download broke off"),
    ("trailer cut", lambda: make_sdist()[:-3], "archive-truncated", "the download broke off"),
    ("garbage behind", lambda: make_sdist() + b"junk", "trailing-bytes", "bytes nobody reads"),
    ("two gzip members", lambda: make_sdist() * 2, "trailing-bytes", "some readers go on"),
    ("crc wrong", lambda: patched(-8, 1), "checksum-mismatch", "damaged on the way"),
    ("length wrong", lambda: patched(-4, 1), "checksum-mismatch", "damaged on the way"),
    ("deflate damaged", lambda: make_sdist()[:10] + b"\xff" * 40, "deflate-damaged", "no deflate stream"),
    ("gzip comment", lambda: gzip_header(0x10, b"c" * 60_000 + b"\0"), "gzip-header", "60 KB nobody reads"),
    ("gzip extra", lambda: gzip_header(0x04, b"\x04\0abcd"), "gzip-header", "bytes nobody reads"),
    ("gzip header checksum", lambda: gzip_header(0x02, b"ab"), "gzip-header", "readers skip or check it"),
    ("gzip name climbs", lambda: gzip_header(0x08, b"../../evil\0"), "gzip-header", "gunzip -N would follow"),
    (
        "gzip name absolute",
        lambda: gzip_header(0x08, b"/etc/passwd\0"),
        "gzip-header",
        "gunzip -N would follow",
    ),
    (
        "gzip name with controls",
        lambda: gzip_header(0x08, b"a\x1b[2J\0"),
        "gzip-header",
        "speaks to terminals",
    ),
    ("gzip name endless", lambda: gzip_header(0x08, b"a" * 500 + b"\0"), "gzip-header", "hides bytes"),
    (
        "gzip name cut",
        lambda: b"\x1f\x8b\x08\x08" + bytes(6) + b"abc",
        "archive-truncated",
        "ends in its header",
    ),
    ("bomb", lambda: make_gzip(bytes(65 << 20)), "archive-bomb", "more than 64 MiB and 50 times its size"),
]


@pytest.mark.parametrize(
    ("build", "code", "why"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_hostile_stream_is_rejected(build: Callable[[], bytes], code: str, why: str) -> None:
    """Every lie of a compressed stream is a reject with its own code."""
    inspection = look(build(), SDIST)
    assert inspection.verdict is Verdict.REJECT, why
    assert code in codes(inspection), inspection.findings


def test_gzip_may_name_its_tar() -> None:
    """Gzip itself and old distutils write the tar's name into the header."""
    assert look(gzip_header(0x09, b"dist/demo-1.0.tar\0"), SDIST).findings == ()


@pytest.mark.parametrize(
    ("filename", "pack"),
    [("demo-1.0.tar.bz2", bz2.compress), ("demo-1.0.tgz", make_gzip), ("demo-1.0.tar", bytes)],
)
def test_old_compressions_are_read(filename: str, pack: Callable[[bytes], bytes]) -> None:
    """Formats that PyPI took once are read, with a word about it."""
    inspection = look(pack(make_tar(sdist_parts())), Expectation(filename, is_legacy=True))
    assert codes(inspection) <= {"sdist-format-retired", "filename-not-normalized"}
    assert inspection.verdict is Verdict.ACCEPT
    assert inspection.metadata is not None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda data: data + b"junk", "trailing-bytes"),
        (lambda data: data + data, "trailing-bytes"),
        (lambda data: data[:-10], "archive-truncated"),
        (lambda data: data[:20] + b"\xff" * 30 + data[50:], "bzip2-damaged"),
        (lambda data: b"", "archive-truncated"),
    ],
)
def test_hostile_bzip2_is_rejected(change: Callable[[bytes], bytes], code: str) -> None:
    """A bzip2 stream ends where the file ends, and is whole."""
    data = change(bz2.compress(make_tar(sdist_parts())))
    assert code in codes(look(data, Expectation("demo-1.0.tar.bz2", is_legacy=True)))


def test_large_bzip2_comes_out_in_chunks() -> None:
    """More than one chunk of output is read to its end."""
    data = bz2.compress(
        make_tar(
            [
                *sdist_parts(),
                TarPart("demo-1.0/big", bytes(3 << 20) + hashlib.shake_128(b"noise").digest(1 << 20)),
            ]
        )
    )
    assert look(data, Expectation("demo-1.0.tar.bz2", is_legacy=True)).verdict is Verdict.ACCEPT


def test_magic_bytes_alone_are_no_zip() -> None:
    """Four bytes that an end record begins with may stand in any compressed file."""
    magic = b"PK\x05\x06"
    data = make_gzip_stored(make_tar([*sdist_parts(), TarPart("demo-1.0/t", magic + b"\x01" * 18)]))
    assert look(data, SDIST).findings == ()
    assert codes(look(data[: data.index(magic) + 4], SDIST)) == {"archive-truncated"}
