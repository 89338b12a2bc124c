"""Compressed streams that hide, lie, or break off."""

import bz2
import gzip
import lzma
import struct
import zlib

from tests.support.archives import TarPart, ZipPart, make_gzip, make_sdist, make_tar, make_zip, sdist_parts
from tests.support.hostile.case import in_sdist


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


def changed_content() -> bytes:
    """A good sdist, stored uncompressed, one bit of which has changed since its checksum was taken."""
    stored = bytearray(make_gzip_stored(make_tar(sdist_parts())))
    stored[stored.index(b"answer")] ^= 1
    return bytes(stored)


def damaged_bzip2() -> bytes:
    """A bzip2 stream whose middle was overwritten."""
    data = bz2.compress(make_tar(sdist_parts()))
    return data[:20] + b"\xff" * 30 + data[50:]


# fmt: off
STREAMS = (
    in_sdist("T29 V29", "plain tar", "not-gzip", "the name says gzip", lambda: make_tar(sdist_parts())),
    in_sdist("T31 V29", "zip", "also-a-zip", "the name says gzip",
        lambda: make_zip([ZipPart("demo-1.0/PKG-INFO", b"x")])),
    in_sdist("V29", "zip in an uncompressed block", "also-a-zip", "readers that look from the back find a ZIP",
        lambda: make_gzip_stored(make_tar([*sdist_parts(), TarPart("demo-1.0/z", make_zip([ZipPart("a", b"")]))]))),
    in_sdist("V29", "empty zip in an uncompressed block", "also-a-zip", "readers that look from the back find an empty ZIP",
        lambda: make_gzip_stored(make_tar([*sdist_parts(), TarPart("demo-1.0/z", make_zip([]))]))),
    in_sdist("V29", "empty file", "not-gzip", "nothing arrived", lambda: b""),
    in_sdist("T34", "three bytes", "archive-truncated", "nothing but the magic arrived",
        lambda: b"\x1f\x8b\x08"),
    in_sdist("T34", "truncated", "archive-truncated", "the download broke off", lambda: make_sdist()[:-60]),
    in_sdist("T34", "trailer cut", "archive-truncated", "the download broke off", lambda: make_sdist()[:-3]),
    in_sdist("T10", "garbage behind", "trailing-bytes", "bytes nobody reads", lambda: make_sdist() + b"junk"),
    in_sdist("T09", "two gzip members", "trailing-bytes", "some readers go on", lambda: make_sdist() * 2),
    in_sdist("T35", "crc wrong", "checksum-mismatch", "damaged on the way", lambda: patched(-8, 1)),
    in_sdist("T36", "length wrong", "checksum-mismatch", "damaged on the way", lambda: patched(-4, 1)),
    in_sdist("T36", "deflate damaged", "deflate-damaged", "no deflate stream",
        lambda: make_sdist()[:10] + b"\xff" * 40),
    in_sdist("T11", "gzip comment", "gzip-header", "60 KB nobody reads",
        lambda: gzip_header(16, b"c" * 60000 + b"\x00")),
    in_sdist("T11", "gzip extra", "gzip-header", "bytes nobody reads",
        lambda: gzip_header(4, b"\x04\x00abcd")),
    in_sdist("T11", "gzip header checksum", "gzip-header", "readers skip or check it",
        lambda: gzip_header(2, b"ab")),
    in_sdist("T11", "gzip name climbs", "gzip-header", "gunzip -N would follow",
        lambda: gzip_header(8, b"../../evil\x00")),
    in_sdist("T11", "gzip name absolute", "gzip-header", "gunzip -N would follow",
        lambda: gzip_header(8, b"/etc/passwd\x00")),
    in_sdist("T11", "gzip name with controls", "gzip-header", "speaks to terminals",
        lambda: gzip_header(8, b"a\x1b[2J\x00")),
    in_sdist("T11", "gzip name endless", "gzip-header", "hides bytes",
        lambda: gzip_header(8, b"a" * 500 + b"\x00")),
    in_sdist("T34", "gzip name cut", "archive-truncated", "ends in its header",
        lambda: b"\x1f\x8b\x08\x08" + bytes(6) + b"abc"),
    in_sdist("T08 V55", "66 MiB of zeros", "archive-bomb", "more than 64 MiB and 50 times its size",
        lambda: make_gzip(bytes(65 << 20))),
    in_sdist("T09", "empty gzip member behind", "trailing-bytes", "some readers go on",
        lambda: make_sdist() + make_gzip(b"")),
    in_sdist("T10", "zeros behind", "trailing-bytes", "some readers stop with an error", lambda: make_sdist() + bytes(512)),
    in_sdist("T10", "another sdist before", "trailing-bytes", "some readers see both",
        lambda: make_sdist("evil") + make_sdist()),
    in_sdist("T11", "reserved gzip flags", "gzip-header", "readers guess", lambda: gzip_header(0x80, b"")),
    in_sdist("T11", "gzip name with backslashes", "gzip-header", "gunzip -N would follow on Windows",
        lambda: gzip_header(0x08, b"..\\..\\evil\0")),
    in_sdist("T30 V29", "bzip2", "not-gzip", "the name says gzip", lambda: bz2.compress(make_tar(sdist_parts()))),
    in_sdist("T30 V29", "xz", "not-gzip", "the name says gzip", lambda: lzma.compress(make_tar(sdist_parts()))),
    in_sdist("T30 V29", "compress", "not-gzip", "the name says gzip", lambda: b"\x1f\x9d\x90" + bytes(99)),
    in_sdist("T30 V29", "gzip of another method", "not-gzip", "only deflate is defined",
        lambda: b"\x1f\x8b\x07" + make_sdist()[3:]),
    in_sdist("T30 V29", "gzip of a zip", "tar-header", "a ZIP in gzip is no sdist",
        lambda: make_gzip(make_zip([ZipPart("demo-1.0/PKG-INFO", b"x" * 999, method=0)]))),
    in_sdist("T31 V29", "sdist with a zip behind it", "also-a-zip", "readers that look from the back see the ZIP",
        lambda: make_sdist() + make_zip([ZipPart("demo-1.0/PKG-INFO", b"x")])),
    in_sdist("T34", "one byte missing", "archive-truncated", "the download broke off", lambda: make_sdist()[:-1]),
    in_sdist("T35", "one bit of the content changed", "checksum-mismatch", "damaged on the way", changed_content),
    in_sdist("T10", "bzip2, garbage behind", "trailing-bytes", "bytes nobody reads",
        lambda: bz2.compress(make_tar(sdist_parts())) + b"junk", "demo-1.0.tar.bz2"),
    in_sdist("T09", "two bzip2 streams", "trailing-bytes", "some readers go on",
        lambda: bz2.compress(make_tar(sdist_parts())) * 2, "demo-1.0.tar.bz2"),
    in_sdist("T34", "bzip2, truncated", "archive-truncated", "the download broke off",
        lambda: bz2.compress(make_tar(sdist_parts()))[:-9], "demo-1.0.tar.bz2"),
    in_sdist("T36", "bzip2, damaged", "bzip2-damaged", "damaged on the way", damaged_bzip2, "demo-1.0.tar.bz2"),
)
# fmt: on
