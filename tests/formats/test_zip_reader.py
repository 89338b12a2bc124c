"""ZIP structure: every lie that two readers could read differently is refused, by name."""

import io
import struct
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.archives import (
    DEFLATED,
    STORED,
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


def test_zip64_where_it_is_needed_is_read() -> None:
    """ZIP64 records that the plain ones ask for are no reason to refuse."""
    for data in (zip64_end(), zip64_entry()):
        assert look(data, WHEEL).findings == ()


def test_sizes_that_are_repeated_in_zip64_are_read() -> None:
    """Bazel writes a ZIP64 field that says what the local header says; all readers agree on such a file."""
    parts = [
        replace(part, local={"extra": extra_field(1, struct.pack("<2Q", part.size, part.packed_size))})
        for part in (part.filled() for part in wheel_parts())
    ]
    assert look(make_zip(parts), WHEEL).findings == ()


def test_folder_that_is_called_deflated_is_read() -> None:
    """Old zipfile packed nothing for a folder and called it deflated; there is nothing to be read differently."""
    folder = ZipPart("demo/", attributes=(0o040755 << 16) | 0x10, packed=b"")
    assert look(make_zip([folder, *wheel_parts()]), WHEEL).findings == ()


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
