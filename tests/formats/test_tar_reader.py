"""Tar and compressed streams: every lie that two readers could read differently is refused, by name."""

import io
import tarfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.archives import (
    TarPart,
    gnu_long,
    make_gzip,
    make_tar,
    pax_records,
    sdist_parts,
)
from tests.support.looks import LEGACY_SDIST, SDIST, codes, look

from homeport.domain.inspection import Expectation, Verdict
from homeport.formats.archive import entries

LONG = "demo-1.0/" + "long/" * 25 + "name.py"


def with_parts(*parts: TarPart, end: bytes = bytes(1024)) -> bytes:
    """A good sdist with more members."""
    return make_gzip(make_tar([*sdist_parts(), *parts], end=end))


@pytest.mark.parametrize(
    "part",
    [
        TarPart(LONG[-90:], prefix=LONG[:-91].encode()),
        TarPart("demo-1.0/short.py", records=pax_records(("path", "demo-1.0/short.py"), ("mtime", "1.5"))),
        TarPart(LONG[:100], records=pax_records(("path", LONG))),
        TarPart("demo-1.0/?.py", records=pax_records(("path", "demo-1.0/ü.py"))),
        TarPart("demo-1.0/a.py", b"abc", records=pax_records(("size", "3"))),
        TarPart(LONG[:100], magic=b"ustar  \0", records=gnu_long(LONG.encode() + b"\0")),
        TarPart("demo-1.0/a", records=pax_records(("comment", "0123456789abcdef"), kind=b"g")),
        TarPart("demo-1.0/docs/", kind=b"5"),
        TarPart("demo-1.0/docs/", kind=b"\0", magic=bytes(8)),
        TarPart("demo-1.0/old.py", kind=b"\0", magic=bytes(8), mode=b"   644 \0"),
        TarPart("demo-1.0/big.py", b"x" * 5, size=b"\x80" + bytes(10) + b"\x05"),
    ],
)
def test_what_tools_write_is_accepted(part: TarPart) -> None:
    """Long and foreign names in each format, old headers, base-256 numbers and git's comment are fine."""
    assert look(with_parts(part), SDIST).findings == ()


def test_folder_with_setgid_only_informs() -> None:
    """A folder packed in a group's directory is mentioned and accepted."""
    inspection = look(with_parts(TarPart("demo-1.0/d/", kind=b"5", mode=b"0002755\0")), SDIST)
    assert (codes(inspection), inspection.verdict) == ({"folder-setgid"}, Verdict.ACCEPT)


@pytest.mark.parametrize("target", ["demo.py", "./demo.py", "docs", "../demo-1.0/demo.py"])
def test_link_inside_is_held_and_informs_for_old_files(target: str) -> None:
    """A link straight to something else in the tree is for a person to see, in old sdists it is usual."""
    data = with_parts(TarPart("demo-1.0/docs/", kind=b"5"), TarPart("demo-1.0/l", kind=b"2", link=target))
    for expectation, verdict in ((SDIST, Verdict.HOLD), (LEGACY_SDIST, Verdict.ACCEPT)):
        inspection = look(data, expectation)
        assert (codes(inspection), inspection.verdict) == ({"symlink-inside"}, verdict)


def test_hard_link_inside_is_held_for_old_files() -> None:
    """A second name of a file before it waits for a person; an upload packs the file itself."""
    data = with_parts(TarPart("demo-1.0/h", kind=b"1", link="demo-1.0/demo.py"))
    for expectation, verdict in (
        (Expectation(SDIST.filename, "demo", "1.0"), Verdict.REJECT),
        (SDIST, Verdict.HOLD),
        (LEGACY_SDIST, Verdict.HOLD),
    ):
        inspection = look(data, expectation)
        assert (codes(inspection), inspection.verdict) == ({"hard-link-inside"}, verdict)


def test_missing_end_is_held_for_old_files() -> None:
    """Old tools forgot the end mark; a person may see that nothing is missing."""
    assert look(with_parts(end=b""), LEGACY_SDIST).verdict is Verdict.HOLD


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A count bomb ends at the limit."""
    monkeypatch.setattr(entries, "MAX_MEMBERS", 10)
    assert "archive-too-many-members" in codes(
        look(with_parts(*[TarPart(f"demo-1.0/{n}") for n in range(11)]), SDIST)
    )


def test_tarfile_sees_the_same_members() -> None:
    """The standard library's reader, as a second opinion, lists what we accept."""
    data = with_parts(replace(TarPart(LONG[:100]), records=pax_records(("path", LONG))))
    assert look(data, SDIST).findings == ()
    with tarfile.open(fileobj=io.BytesIO(data)) as second:
        assert second.getnames() == [*(part.name for part in sdist_parts()), LONG]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_changed_tar_is_accepted_with_other_members(data: st.DataObject) -> None:
    """Whatever bytes of the tar change: nothing is raised, and tarfile sees the same tree in what is accepted."""
    parts = [TarPart("demo-1.0/l", kind=b"0", records=pax_records(("path", "demo-1.0/l"))), *sdist_parts()]
    changed = bytearray(make_tar(parts))
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    inspection = look(make_gzip(bytes(changed)), SDIST)
    if inspection.verdict is Verdict.ACCEPT:
        with tarfile.open(fileobj=io.BytesIO(bytes(changed))) as second:
            assert second.getnames() == [part.name for part in parts]
