"""Compressed streams: they end where the file ends, hold what they claim, and hide nothing."""

import bz2
import gzip
import hashlib
import struct
import zlib
from collections.abc import Callable

import pytest
from tests.support.archives import TarPart, make_gzip, make_sdist, make_tar, sdist_parts
from tests.support.looks import SDIST, codes, look

from homeport.domain.inspection import Expectation, Verdict


def gzip_header(flags: int, fields: bytes) -> bytes:
    """A good sdist whose gzip header carries more."""
    plain = gzip.decompress(make_sdist())
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(plain) + packer.flush()
    trailer = struct.pack("<2L", zlib.crc32(plain), len(plain))
    return b"\x1f\x8b\x08" + bytes((flags,)) + bytes(6) + fields + body + trailer


def make_gzip_stored(data: bytes) -> bytes:
    """A gzip member that stores its bytes as they are."""
    return gzip.compress(data, compresslevel=0, mtime=0)


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
