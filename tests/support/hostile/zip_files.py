"""ZIP files that lie about where they begin, end, and list their entries."""

import struct
from dataclasses import replace

from tests.support.archives import (
    STORED,
    TarPart,
    ZipPart,
    make_gzip,
    make_tar,
    make_wheel,
    make_zip,
    wheel_parts,
)
from tests.support.hostile.case import in_wheel
from tests.support.hostile.zip_entries import first_part, with_part

FULL = 0xFFFFFFFF


def overlapping() -> bytes:
    """Two directory entries that share one local entry's bytes, quoted inside each other."""
    inner = ZipPart("demo/b.py", b"x" * 100, STORED)
    quoted = make_zip([inner]).partition(b"PK\x01\x02")[0]
    outer = ZipPart("demo/a.py", quoted, STORED)
    first = len(make_zip([outer]).partition(quoted)[0])
    return make_zip([outer, replace(inner, is_local=False, offset=first)])


def zip64_end(
    *, locator_shift: int = 0, count: int = 0, body: int = 44, disks: int = 1, plain_count: int = 0xFFFF
) -> bytes:
    """A wheel with ZIP64 end records it needs, because its plain record says so."""
    plain = make_wheel()
    at = len(plain) - 22
    _, _, _, _, entries_count, length, offset, _ = struct.unpack("<4s4H2LH", plain[at:])
    record = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", body, 45, 45, 0, 0, entries_count, count or entries_count, length, offset
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at + locator_shift, disks)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, plain_count, plain_count, FULL, FULL, 0)
    return plain[:at] + record + locator + end


def unneeded_zip64() -> bytes:
    """A good wheel with a ZIP64 locator that its end record has no use for."""
    return make_zip(wheel_parts(), zip64=struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1), end=None)


def tar_polyglot() -> bytes:
    """A ZIP whose first 512 bytes are a tar header with a proper checksum."""
    name = b"PK\x03\x04" + b"n" * 26
    block = bytearray(TarPart(name, b"").to_bytes())
    crafted = bytearray(make_zip([ZipPart("x" * 600, b"", STORED)]))
    crafted[257:265] = b"ustar\x0000"
    crafted[100:148] = block[100:148]
    crafted[345:500] = bytes(155)
    crafted[148:156] = b"%06o\0 " % (sum(crafted[:148]) + 256 + sum(crafted[156:512]))
    return bytes(crafted)


def long_last_comment() -> bytes:
    """A wheel whose last directory entry claims a comment that is not there."""
    changed = bytearray(make_wheel())
    changed[changed.rindex(b"PK\x01\x02") + 32] = 22
    return bytes(changed)


def second_directory() -> bytes:
    """A wheel that holds its directory twice."""
    good = make_wheel()
    return make_zip(wheel_parts(), before_directory=good[good.index(b"PK\x01\x02") : -22])


def quoted(count: int) -> bytes:
    """Entries whose bytes are the whole of the next one, header and all (CVE-2024-0450)."""
    inner = ZipPart("demo/kernel", bytes(5000), STORED)
    parts, body = [inner], make_zip([inner]).partition(b"PK\x01\x02")[0]
    for number in range(count):
        outer = ZipPart(f"demo/{number:03}", body, STORED)
        body = make_zip([outer]).partition(b"PK\x01\x02")[0]
        parts.append(outer)
    starts = [len(body) - len(make_zip([part]).partition(b"PK\x01\x02")[0]) for part in parts[:-1]]
    inside = [replace(part, is_local=False, offset=at) for part, at in zip(parts[:-1], starts, strict=True)]
    return make_zip([parts[-1], *inside])


# fmt: off
ZIP_FILES = (
    in_wheel("Z01 V36", "trailing bytes", "zip-end", "bytes after the end record are read by nobody",
        lambda: make_wheel() + b"junk"),
    in_wheel("Z02 V36", "prefix", "zip-prefix", "a self-extractor is two files",
        lambda: make_zip(wheel_parts(), prefix=b"#!/bin/sh\n")),
    in_wheel("Z54 V36", "archive comment", "zip-end", "a comment can hide a directory",
        lambda: make_zip(wheel_parts(), comment=b"hello")),
    in_wheel("Z04 V40", "comment that is a zip", "zip-directory", "the last end record wins, the first ZIP is junk",
        lambda: make_zip(wheel_parts(), comment=make_wheel("evil"))),
    in_wheel("Z05 V40", "two zips", "zip-directory", "readers pick the first or the last",
        lambda: make_wheel() + make_wheel()),
    in_wheel("Z54", "promised comment", "zip-end", "the comment's length is a lie",
        lambda: make_wheel()[:-2] + b"\x05\x00"),
    in_wheel("Z06 V40", "count too small", "zip-directory", "hides entries",
        lambda: make_zip(wheel_parts(), end={"here": 2, "count": 2})),
    in_wheel("Z06 V40", "count too large", "zip-directory", "reads on",
        lambda: make_zip(wheel_parts(), end={"here": 9, "count": 9})),
    in_wheel("V40", "directory moved", "zip-directory", "points elsewhere",
        lambda: make_zip(wheel_parts(), end={"offset": 7})),
    in_wheel("V40", "directory shortened", "zip-directory", "points elsewhere",
        lambda: make_zip(wheel_parts(), end={"size": 40})),
    in_wheel("Z43", "many disks", "zip-disks", "the rest is on another disk",
        lambda: make_zip(wheel_parts(), end={"disk": 1})),
    in_wheel("Z43", "counts differ", "zip-disks", "the rest is on another disk",
        lambda: make_zip(wheel_parts(), end={"here": 1})),
    in_wheel("Z08 V33", "unlisted entry", "zip-gap", "streaming readers see one more file",
        lambda: make_zip([*wheel_parts(), ZipPart("demo/evil.py", b"x", is_listed=False)])),
    in_wheel("Z08 V33", "unlisted first entry", "zip-prefix", "streaming readers see one more file",
        lambda: make_zip([ZipPart("demo/evil.py", b"x", is_listed=False), *wheel_parts()])),
    in_wheel("Z09 V33", "listed only", "zip-layout", "there is no such entry",
        lambda: with_part(ZipPart("demo/a.py", is_local=False))),
    in_wheel("Z09 V33", "points at data", "zip-layout", "there is no header at that place",
        lambda: first_part(offset=4)),
    in_wheel("Z10", "overlap", "zip-overlap", "a quoted bomb shares one kernel", overlapping),
    in_wheel("Z46", "gap between entries", "zip-gap", "bytes nobody reads",
        lambda: first_part(gap=b"hidden")),
    in_wheel("Z46", "gap before the directory", "zip-gap", "bytes nobody reads",
        lambda: make_zip(wheel_parts(), before_directory=b"APK Sig Block 42")),
    in_wheel("Z53 V37", "comment beyond the directory", "zip-directory", "the comment swallows the end record",
        long_last_comment),
    in_wheel("Z17 V40", "zip64 locator wrong", "zip64", "readers find other directories",
        lambda: zip64_end(locator_shift=1)),
    in_wheel("Z18 V40", "zip64 count differs", "zip64", "readers stop at other entries",
        lambda: zip64_end(count=2)),
    in_wheel("Z18 V40", "zip64 record size", "zip64", "readers look at other places",
        lambda: zip64_end(body=60)),
    in_wheel("Z18 V40", "zip64 locator unneeded", "zip64", "readers prefer one or the other", unneeded_zip64),
    in_wheel("Z18", "zip64 absent", "zip64", "the true count is nowhere",
        lambda: make_zip([], end={"here": 65535, "count": 65535})),
    in_wheel("Z52 V29", "also a tar", "also-a-tar", "pip and others would unpack other files", tar_polyglot),
    in_wheel("Z55", "empty zip", "archive-empty", "nothing to install", lambda: make_zip([])),
    in_wheel("Z56 V29", "zero bytes", "not-zip", "nothing arrived", lambda: b""),
    in_wheel("Z57 V29", "not a zip", "zip-end", "nothing to read",
        lambda: b"hello world, this is no archive"),
    in_wheel("Z58", "truncated", "zip-end", "the download broke off", lambda: make_wheel()[:300]),
    in_wheel("V40", "directory entry that is none", "zip-directory", "an unknown record",
        lambda: make_wheel().replace(b"PK\x01\x02", b"PK\t\t", 1)),
    in_wheel("Z03 V36", "prefix that nobody counts", "zip-directory", "lenient readers shift all offsets by it",
        lambda: b"<html>" + make_wheel()),
    in_wheel("Z02 V36", "web page before", "zip-prefix", "a browser shows it, an installer unpacks it",
        lambda: make_zip(wheel_parts(), prefix=b"<!doctype html><script>evil()</script>")),
    in_wheel("Z05 V40", "empty zip behind", "zip-directory", "readers that look from the back see nothing",
        lambda: make_wheel() + make_zip([])[:-22] + make_zip([ZipPart("x", b"")])[-22:]),
    in_wheel("Z04 V40", "second directory before the first", "zip-gap", "a repairing reader takes the other one",
        second_directory),
    in_wheel("Z10", "forty quoted entries", "zip-overlap", "forty entries share one kernel", lambda: quoted(40)),
    in_wheel("Z10", "forty names for one entry", "zip-headers-differ", "forty entries share one kernel",
        lambda: make_zip([*wheel_parts(), ZipPart("demo/0", bytes(9999)),
                          *[ZipPart(f"demo/{n}", bytes(9999), is_local=False, offset=0) for n in range(1, 40)]])),
    in_wheel("Z46", "zeros between entries", "zip-gap", "bytes nobody reads",
        lambda: make_zip([replace(wheel_parts()[0], gap=bytes(16)), *wheel_parts()[1:]])),
    in_wheel("Z43", "directory on another disk", "zip-disks", "the directory is on another disk",
        lambda: make_zip(wheel_parts(), end={"first_disk": 1})),
    in_wheel("Z17 V40", "zip64 locator of two disks", "zip64", "readers look for another file",
        lambda: zip64_end(disks=2)),
    in_wheel("Z17 V40", "zip64 locator far away", "zip64", "readers find another directory, or none",
        lambda: zip64_end(locator_shift=1 << 40)),
    in_wheel("Z18 V40", "zip64 and plain count differ", "zip64", "readers stop at other entries",
        lambda: zip64_end(plain_count=2)),
    in_wheel("Z55", "nothing but an end record and a comment", "zip-end", "nothing to install",
        lambda: make_zip([], comment=b"PK")),
    in_wheel("Z57 V29", "web page", "zip-end", "a page of a site that has gone",
        lambda: b"<!doctype html><title>404 Not Found</title>" * 9),
    in_wheel("Z57 V29", "gzip", "zip-end", "an sdist under a wheel's name",
        lambda: make_gzip(make_tar([TarPart("demo-1.0/PKG-INFO")]))),
    in_wheel("Z57 V29", "tar", "also-a-tar", "pip opens by content, and would unpack it",
        lambda: make_tar([TarPart("demo/__init__.py")])),
    in_wheel("Z57 V29", "seven-zip", "zip-end", "no installer reads it", lambda: b"7z\xbc\xaf\x27\x1c" + bytes(99)),
    in_wheel("Z58", "truncated at 60 percent", "zip-end", "the download broke off",
        lambda: make_wheel()[: len(make_wheel()) * 6 // 10]),
    in_wheel("Z58", "truncated inside the end record", "zip-end", "the download broke off",
        lambda: make_wheel()[:-5]),
    in_wheel("Z58", "beginning missing", "zip-directory", "the download was resumed at the wrong place",
        lambda: make_wheel()[60:]),
)
# fmt: on
