"""ZIP structure: every lie that two readers could read differently is refused, by name."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.archives import (
    DEFLATED,
    STORED,
    TarPart,
    ZipPart,
    extra_field,
    make_wheel,
    make_zip,
    wheel_parts,
)
from tests.support.looks import WHEEL, codes, look

from homeport.domain.inspection import Verdict
from homeport.formats.archive import entries

FULL = 0xFFFFFFFF


def with_part(part: ZipPart) -> bytes:
    """A good wheel that lists and holds one more entry, told as ``part`` tells it."""
    files = {part.raw_name().decode("latin-1"): part.data} if part.raw_name().isascii() else {}
    parts = [known for known in wheel_parts(files=files) if known.raw_name() != part.raw_name()]
    return make_zip([*parts, part])


def first_part(**changes: object) -> bytes:
    """A good wheel whose first entry is told with ``changes``."""
    first, *rest = wheel_parts()
    return make_zip([replace(first, **changes), *rest])  # type: ignore[arg-type]


def overlapping() -> bytes:
    """Two directory entries that share one local entry's bytes, quoted inside each other."""
    inner = ZipPart("demo/b.py", b"x" * 100, STORED)
    quoted = make_zip([inner]).partition(b"PK\x01\x02")[0]
    outer = ZipPart("demo/a.py", quoted, STORED)
    first = len(make_zip([outer]).partition(quoted)[0])
    return make_zip([outer, replace(inner, is_local=False, offset=first)])


def zip64_end(*, locator_shift: int = 0, count: int = 0, body: int = 44) -> bytes:
    """A wheel with ZIP64 end records it needs, because its plain record says so."""
    plain = make_wheel()
    at = len(plain) - 22
    _, _, _, _, entries_count, length, offset, _ = struct.unpack("<4s4H2LH", plain[at:])
    record = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", body, 45, 45, 0, 0, entries_count, count or entries_count, length, offset
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at + locator_shift, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, FULL, FULL, 0)
    return plain[:at] + record + locator + end


def zip64_entry() -> bytes:
    """A wheel whose first entry keeps its sizes in ZIP64 fields, as ``force_zip64`` writes it."""
    first, *rest = (part.filled() for part in wheel_parts())
    wide = extra_field(1, struct.pack("<2Q", first.size, first.packed_size))
    return make_zip(
        [replace(first, extra=b"", local={"extra": wide, "size": FULL, "packed_size": FULL}), *rest]
    )


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


def deflate_tail() -> bytes:
    """An entry whose compressed bytes go on after the final block."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"x = 1\n"
    packed = packer.compress(data) + packer.flush()
    return with_part(ZipPart("demo/tail.py", data, packed=packed + b"second payload"))


HOSTILE: list[tuple[str, Callable[[], bytes], str, str]] = [
    (
        "trailing bytes",
        lambda: make_wheel() + b"junk",
        "zip-end",
        "bytes after the end record are read by nobody",
    ),
    (
        "prefix",
        lambda: make_zip(wheel_parts(), prefix=b"#!/bin/sh\n"),
        "zip-prefix",
        "a self-extractor is two files",
    ),
    (
        "archive comment",
        lambda: make_zip(wheel_parts(), comment=b"hello"),
        "zip-end",
        "a comment can hide a directory",
    ),
    (
        "comment that is a zip",
        lambda: make_zip(wheel_parts(), comment=make_wheel("evil")),
        "zip-directory",
        "the last end record wins, the first ZIP is junk",
    ),
    ("two zips", lambda: make_wheel() + make_wheel(), "zip-directory", "readers pick the first or the last"),
    (
        "promised comment",
        lambda: make_wheel()[:-2] + b"\x05\x00",
        "zip-end",
        "the comment's length is a lie",
    ),
    (
        "count too small",
        lambda: make_zip(wheel_parts(), end={"here": 2, "count": 2}),
        "zip-directory",
        "hides entries",
    ),
    (
        "count too large",
        lambda: make_zip(wheel_parts(), end={"here": 9, "count": 9}),
        "zip-directory",
        "reads on",
    ),
    (
        "directory moved",
        lambda: make_zip(wheel_parts(), end={"offset": 7}),
        "zip-directory",
        "points elsewhere",
    ),
    (
        "directory shortened",
        lambda: make_zip(wheel_parts(), end={"size": 40}),
        "zip-directory",
        "points elsewhere",
    ),
    ("future version", lambda: first_part(version=84), "zip-version", "readers give up on it"),
    (
        "many disks",
        lambda: make_zip(wheel_parts(), end={"disk": 1}),
        "zip-disks",
        "the rest is on another disk",
    ),
    (
        "counts differ",
        lambda: make_zip(wheel_parts(), end={"here": 1}),
        "zip-disks",
        "the rest is on another disk",
    ),
    ("entry on a disk", lambda: first_part(disk=2), "zip-disks", "this one is on another disk"),
    (
        "local name differs",
        lambda: first_part(local={"name": "demo/other.py"}),
        "zip-headers-differ",
        "two names",
    ),
    (
        "local method differs",
        lambda: first_part(local={"method": STORED}),
        "zip-headers-differ",
        "two readings",
    ),
    ("local size differs", lambda: first_part(local={"size": 3}), "zip-headers-differ", "two readings"),
    ("local crc differs", lambda: first_part(local={"crc": 3}), "zip-headers-differ", "two readings"),
    ("local flags differ", lambda: first_part(local={"flags": 2}), "zip-headers-differ", "two readings"),
    (
        "descriptor only locally",
        lambda: first_part(local={"flags": 8}),
        "zip-headers-differ",
        "only streaming readers would look for it",
    ),
    (
        "data descriptor",
        lambda: first_part(
            flags=8, local={"size": 0, "packed_size": 0, "crc": 0}, descriptor=b"PK\x07\x08" + bytes(12)
        ),
        "zip-data-descriptor",
        "sizes come after the data",
    ),
    (
        "unlisted entry",
        lambda: make_zip([*wheel_parts(), ZipPart("demo/evil.py", b"x", is_listed=False)]),
        "zip-gap",
        "streaming readers see one more file",
    ),
    (
        "unlisted first entry",
        lambda: make_zip([ZipPart("demo/evil.py", b"x", is_listed=False), *wheel_parts()]),
        "zip-prefix",
        "streaming readers see one more file",
    ),
    (
        "listed only",
        lambda: with_part(ZipPart("demo/a.py", is_local=False)),
        "zip-layout",
        "there is no such entry",
    ),
    (
        "points at data",
        lambda: first_part(offset=4),
        "zip-layout",
        "there is no header at that place",
    ),
    ("overlap", overlapping, "zip-overlap", "a quoted bomb shares one kernel"),
    ("gap between entries", lambda: first_part(gap=b"hidden"), "zip-gap", "bytes nobody reads"),
    (
        "gap before the directory",
        lambda: make_zip(wheel_parts(), before_directory=b"APK Sig Block 42"),
        "zip-gap",
        "bytes nobody reads",
    ),
    ("entry comment", lambda: first_part(comment=b"hidden"), "zip-comment", "bytes nobody reads"),
    (
        "comment beyond the directory",
        long_last_comment,
        "zip-directory",
        "the comment swallows the end record",
    ),
    ("crc mismatch", lambda: first_part(crc=1), "checksum-mismatch", "the bytes are not the claimed ones"),
    ("size too small", lambda: first_part(size=3), "zip-size-mismatch", "inflates to more than claimed"),
    ("size too large", lambda: first_part(size=999), "zip-size-mismatch", "inflates to less than claimed"),
    (
        "small claim, large bytes",
        lambda: with_part(ZipPart("demo/b.bin", bytes(1 << 22), size=10, crc=0)),
        "zip-size-mismatch",
        "10 bytes that inflate to 4 MiB",
    ),
    (
        "stored with two sizes",
        lambda: with_part(ZipPart("demo/a.py", b"abc", STORED, size=2)),
        "zip-size-mismatch",
        "a stored entry has one size",
    ),
    ("deflate damaged", lambda: first_part(packed=b"\xff" * 20), "deflate-damaged", "not a deflate stream"),
    ("deflate cut", lambda: first_part(packed=b"\x4b"), "archive-truncated", "no final block"),
    ("deflate tail", deflate_tail, "deflate-trailing", "a second payload after the final block"),
    ("encrypted", lambda: first_part(flags=1), "zip-encrypted", "nobody can check it"),
    ("strong encryption", lambda: first_part(flags=0x40), "zip-flags", "nobody can check it"),
    (
        "aes extra",
        lambda: first_part(extra=extra_field(0x9901, bytes(7))),
        "zip-encrypted",
        "nobody can check it",
    ),
    ("bzip2 method", lambda: first_part(method=12), "zip-method", "pip reads it, others do not"),
    (
        "unicode path",
        lambda: first_part(extra=extra_field(0x7075, b"\x01aaaaevil")),
        "zip-unicode-extra",
        "two names",
    ),
    (
        "unicode comment",
        lambda: first_part(extra=extra_field(0x6375, b"x")),
        "zip-unicode-extra",
        "hidden bytes",
    ),
    (
        "extra malformed",
        lambda: first_part(extra=b"\x99\x99\xff\x00x"),
        "zip-extra",
        "readers stop at other places",
    ),
    ("extra cut", lambda: first_part(extra=b"\x99\x99\xff"), "zip-extra", "readers stop at other places"),
    (
        "zip64 twice",
        lambda: first_part(extra=extra_field(1, b"") * 2),
        "zip64",
        "readers take the first or the last",
    ),
    (
        "zip64 unneeded",
        lambda: first_part(extra=extra_field(1, bytes(16))),
        "zip64",
        "some readers believe it",
    ),
    ("zip64 missing", lambda: first_part(size=FULL), "zip64", "the size is nowhere"),
    ("zip64 locator wrong", lambda: zip64_end(locator_shift=1), "zip64", "readers find other directories"),
    ("zip64 count differs", lambda: zip64_end(count=2), "zip64", "readers stop at other entries"),
    ("zip64 record size", lambda: zip64_end(body=60), "zip64", "readers look at other places"),
    ("zip64 locator unneeded", unneeded_zip64, "zip64", "readers prefer one or the other"),
    (
        "zip64 absent",
        lambda: make_zip([], end={"here": 0xFFFF, "count": 0xFFFF}),
        "zip64",
        "the true count is nowhere",
    ),
    ("also a tar", tar_polyglot, "also-a-tar", "pip and others would unpack other files"),
    ("empty zip", lambda: make_zip([]), "archive-empty", "nothing to install"),
    ("zero bytes", lambda: b"", "not-zip", "nothing arrived"),
    ("not a zip", lambda: b"hello world, this is no archive", "zip-end", "nothing to read"),
    ("truncated", lambda: make_wheel()[:300], "zip-end", "the download broke off"),
    (
        "duplicate",
        lambda: make_zip([*wheel_parts(), wheel_parts()[0]]),
        "path-duplicate",
        "the first or the last wins",
    ),
    (
        "duplicate folder",
        lambda: make_zip([*wheel_parts(), *[ZipPart("demo/", method=STORED, attributes=0)] * 2]),
        "path-duplicate",
        "entries are told once",
    ),
    (
        "name not utf-8",
        lambda: with_part(ZipPart(b"demo/\xff.py", b"")),
        "path-not-utf8",
        "every reader guesses",
    ),
    (
        "utf-8 flagged, not utf-8",
        lambda: with_part(ZipPart(b"demo/\xff.py", b"", flags=0x0800)),
        "path-not-utf8",
        "every reader guesses",
    ),
    (
        "utf-8 not flagged",
        lambda: with_part(ZipPart("demo/é.py", b"", flags=0)),
        "path-not-utf8",
        "readers take it for code page 437",
    ),
    (
        "symlink",
        lambda: with_part(ZipPart("demo/l", b"/etc/passwd", attributes=0o120777 << 16)),
        "zip-symlink",
        "leads out",
    ),
    (
        "fifo",
        lambda: with_part(ZipPart("demo/p", b"", attributes=0o010644 << 16)),
        "zip-special-file",
        "blocks a reader",
    ),
    (
        "device",
        lambda: with_part(ZipPart("demo/d", b"", attributes=0o020644 << 16)),
        "zip-special-file",
        "a device",
    ),
    (
        "dos folder",
        lambda: with_part(ZipPart("demo/d", b"", attributes=0x10)),
        "zip-special-file",
        "a file or a folder?",
    ),
    (
        "setuid",
        lambda: with_part(ZipPart("demo/s", b"", attributes=0o104755 << 16)),
        "mode-setuid",
        "runs as its owner",
    ),
    (
        "folder with bytes",
        lambda: with_part(ZipPart("demo/sub/", b"x", STORED, attributes=0)),
        "zip-folder-with-bytes",
        "hidden bytes",
    ),
    (
        "directory entry that is none",
        lambda: make_wheel().replace(b"PK\x01\x02", b"PK\x09\x09", 1),
        "zip-directory",
        "an unknown record",
    ),
    (
        "bomb by claim",
        lambda: with_part(ZipPart("demo/b", b"", size=65 << 20)),
        "archive-bomb",
        "more than 64 MiB and 50 times its size",
    ),
    (
        "4 GiB by claim",
        lambda: with_part(ZipPart("demo/b", b"", size=FULL - 1)),
        "archive-too-large",
        "more than any file we look at",
    ),
]


@pytest.mark.parametrize(
    ("build", "code", "why"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_hostile_zip_is_rejected(build: Callable[[], bytes], code: str, why: str) -> None:
    """Every structural lie is a reject with its own code."""
    inspection = look(build(), WHEEL)
    assert inspection.verdict is Verdict.REJECT, why
    assert code in codes(inspection), inspection.findings


def test_zip64_where_it_is_needed_is_read() -> None:
    """ZIP64 records that the plain ones ask for are no reason to refuse."""
    for data in (zip64_end(), zip64_entry()):
        assert look(data, WHEEL).findings == ()


def test_folders_and_stored_entries_and_harmless_extras_are_accepted() -> None:
    """What real wheels hold is accepted: folder entries, stored files, time stamps, non-ASCII names."""
    parts = wheel_parts(files={"demo/ü.txt": "ü".encode(), "demo/data.txt": b"data"})
    parts = [replace(part, method=STORED, extra=extra_field(0x5455, bytes(5))) for part in parts]
    folder = ZipPart("demo/", attributes=(0o040755 << 16) | 0x10)
    assert look(make_zip([folder, *parts]), WHEEL).findings == ()


def test_entries_may_be_listed_in_any_order() -> None:
    """The order of the central directory is nobody's business."""
    good = make_wheel()
    body, magic, rest = good.partition(b"PK\x01\x02")
    directory, end = rest[:-22], rest[-22:]
    records = [magic + record for record in (magic + directory).split(magic)[1:]]
    assert look(body + b"".join(reversed(records)) + end, WHEEL).findings == ()


def test_too_many_members_are_refused_before_they_are_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A count bomb ends at the limit."""
    monkeypatch.setattr(entries, "MAX_MEMBERS", 10)
    data = make_zip([ZipPart(f"demo/{number}", b"") for number in range(11)])
    assert "archive-too-many-members" in codes(look(data, WHEEL))


def test_zipfile_sees_the_same_members() -> None:
    """The standard library's reader, as a second opinion, lists what we accept."""
    data = make_wheel(files={"demo/a.py": b"a = 1\n" * 1000, "demo/empty": b""})
    assert look(data, WHEEL).findings == ()
    with zipfile.ZipFile(io.BytesIO(data)) as second:
        assert second.testzip() is None
        assert len(second.namelist()) == 6
        assert second.read("demo-1.0.dist-info/METADATA") == look(data, WHEEL).metadata_file


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_changed_wheel_is_accepted_with_other_contents(data: st.DataObject) -> None:
    """Whatever bytes change: nothing is raised, and an accepted file holds the same members and bytes."""
    good = make_wheel(files={"demo/a.py": b"a = 1\n" * 50})
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(changed) - 1))
        match data.draw(st.sampled_from("sdi")):
            case "s":
                changed[at] = data.draw(st.integers(0, 255))
            case "d":
                del changed[at : at + data.draw(st.integers(1, 8))]
            case _:
                changed[at:at] = data.draw(st.binary(min_size=1, max_size=8))
    if look(bytes(changed), WHEEL).verdict is Verdict.ACCEPT:
        assert _contents(bytes(changed)) == _contents(good)


def _contents(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_compression_is_not_told_apart() -> None:
    """Stored and deflated entries of the same bytes are the same to us."""
    for method in (STORED, DEFLATED):
        assert look(make_zip([replace(part, method=method) for part in wheel_parts()]), WHEEL).findings == ()
