"""Tar and compressed streams: every lie that two readers could read differently is refused, by name."""

import io
import tarfile
from collections.abc import Callable
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

from homeport.domain.inspection import Verdict
from homeport.formats.archive import entries

LONG = "demo-1.0/" + "long/" * 25 + "name.py"


def with_parts(*parts: TarPart, end: bytes = bytes(1024)) -> bytes:
    """A good sdist with more members."""
    return make_gzip(make_tar([*sdist_parts(), *parts], end=end))


HOSTILE: list[tuple[str, Callable[[], bytes], str, str]] = [
    ("climbs", lambda: with_parts(TarPart("demo-1.0/../../evil")), "path-escapes", "written outside"),
    ("absolute", lambda: with_parts(TarPart("/etc/evil")), "path-absolute", "written outside"),
    (
        "hard link",
        lambda: with_parts(TarPart("demo-1.0/h", kind=b"1", link="/etc/passwd")),
        "hard-link",
        "leads outside",
    ),
    ("fifo", lambda: with_parts(TarPart("demo-1.0/p", kind=b"6")), "tar-special-member", "blocks a reader"),
    ("device", lambda: with_parts(TarPart("demo-1.0/d", kind=b"3")), "tar-special-member", "a device"),
    (
        "unknown kind",
        lambda: with_parts(TarPart("demo-1.0/v", kind=b"V")),
        "tar-special-member",
        "readers guess",
    ),
    ("sparse", lambda: with_parts(TarPart("demo-1.0/s", kind=b"S")), "tar-special-member", "readers differ"),
    (
        "contiguous",
        lambda: with_parts(TarPart("demo-1.0/s", kind=b"7")),
        "tar-special-member",
        "readers differ",
    ),
    (
        "setuid",
        lambda: with_parts(TarPart("demo-1.0/s", mode=b"0004755\0")),
        "mode-setuid",
        "runs as its owner",
    ),
    (
        "setgid",
        lambda: with_parts(TarPart("demo-1.0/s", mode=b"0002755\0")),
        "mode-setuid",
        "runs as its group",
    ),
    (
        "setuid folder",
        lambda: with_parts(TarPart("demo-1.0/s", kind=b"5", mode=b"0004755\0")),
        "mode-setuid",
        "odd",
    ),
    (
        "link outside",
        lambda: with_parts(TarPart("demo-1.0/l", kind=b"2", link="../../etc")),
        "symlink-outside",
        "climbs",
    ),
    (
        "link absolute",
        lambda: with_parts(TarPart("demo-1.0/l", kind=b"2", link="/etc")),
        "symlink-outside",
        "absolute",
    ),
    (
        "link to nothing",
        lambda: with_parts(TarPart("demo-1.0/l", kind=b"2", link="gone")),
        "symlink-outside",
        "dangles",
    ),
    (
        "link to itself",
        lambda: with_parts(TarPart("demo-1.0/l", kind=b"2", link="l")),
        "symlink-outside",
        "loops",
    ),
    (
        "link to its folder",
        lambda: with_parts(TarPart("demo-1.0/l", kind=b"2", link=".")),
        "symlink-outside",
        "loops",
    ),
    ("empty link", lambda: with_parts(TarPart("demo-1.0/l", kind=b"2")), "symlink-outside", "leads nowhere"),
    (
        "link chain",
        lambda: with_parts(
            TarPart("demo-1.0/a/b", kind=b"5"),
            TarPart("demo-1.0/x", kind=b"2", link="a"),
            TarPart("demo-1.0/y", kind=b"2", link="x/b"),
        ),
        "symlink-outside",
        "each hop climbs one level",
    ),
    (
        "link climbs after descending",
        lambda: with_parts(TarPart("demo-1.0/l", kind=b"2", link="sub/../../..")),
        "symlink-outside",
        "depends on what sub is",
    ),
    (
        "link longer than PATH_MAX",
        lambda: with_parts(
            TarPart(
                "demo-1.0/l", kind=b"2", link="x", records=gnu_long(b"x/" * 3000 + b"../" * 9 + b"\0", b"K")
            )
        ),
        "symlink-outside",
        "realpath gives up there",
    ),
    (
        "written through a link",
        lambda: with_parts(TarPart("demo-1.0/l", kind=b"2", link="."), TarPart("demo-1.0/l/evil", b"x")),
        "path-file-and-folder",
        "the member goes where the link leads",
    ),
    (
        "pax path climbs",
        lambda: with_parts(TarPart("x", records=pax_records(("path", "../evil")))),
        "tar-name-differs",
        "renames",
    ),
    (
        "pax path climbs at length",
        lambda: with_parts(
            TarPart("x", records=pax_records(("path", "demo-1.0/" + "a" * 100 + "/../../evil")))
        ),
        "path-escapes",
        "written outside",
    ),
    (
        "pax renames",
        lambda: with_parts(TarPart("demo-1.0/a.py", records=pax_records(("path", "demo-1.0/b.py")))),
        "tar-name-differs",
        "two names for two readers",
    ),
    (
        "pax empties",
        lambda: with_parts(TarPart("demo-1.0/a", records=pax_records(("path", "")))),
        "tar-name-differs",
        "no name",
    ),
    (
        "pax size differs",
        lambda: with_parts(TarPart("demo-1.0/a", b"x" * 1024, records=pax_records(("size", "512")))),
        "tar-pax",
        "hides a member from one reader",
    ),
    (
        "pax digits",
        lambda: with_parts(TarPart("demo-1.0/a", records=TarPart("p", b"9" * 60_000, kind=b"x").to_bytes())),
        "tar-pax",
        "a run of digits that costs time",
    ),
    (
        "pax length lies",
        lambda: with_parts(TarPart("demo-1.0/a", records=TarPart("p", b"99 path=b\n", kind=b"x").to_bytes())),
        "tar-pax",
        "reads beyond its record",
    ),
    (
        "pax without keyword",
        lambda: with_parts(TarPart("demo-1.0/a", records=TarPart("p", b"6 =b\n\n", kind=b"x").to_bytes())),
        "tar-pax",
        "means nothing",
    ),
    (
        "pax twice the same",
        lambda: with_parts(TarPart("demo-1.0/a", records=pax_records(("path", LONG), ("path", LONG + "x")))),
        "tar-pax",
        "the first or the last?",
    ),
    (
        "two pax headers",
        lambda: with_parts(
            TarPart("demo-1.0/a", records=pax_records(("path", LONG)) + pax_records(("path", LONG + "x")))
        ),
        "tar-header",
        "the first or the last?",
    ),
    (
        "pax and GNU name",
        lambda: with_parts(
            TarPart("demo-1.0/a", records=gnu_long(b"demo-1.0/a\0") + pax_records(("path", "demo-1.0/a")))
        ),
        "tar-header",
        "the first or the last?",
    ),
    (
        "pax global path",
        lambda: with_parts(TarPart("demo-1.0/a", records=pax_records(("path", "demo-1.0/a"), kind=b"g"))),
        "tar-pax",
        "renames every member to come",
    ),
    (
        "pax sparse",
        lambda: with_parts(TarPart("demo-1.0/a", records=pax_records(("GNU.sparse.major", "1")))),
        "tar-pax",
        "readers see other bytes",
    ),
    (
        "pax charset",
        lambda: with_parts(TarPart("demo-1.0/a", records=pax_records(("hdrcharset", "BINARY")))),
        "tar-pax",
        "readers see other names",
    ),
    (
        "pax too large",
        lambda: with_parts(TarPart("demo-1.0/a", records=pax_records(("comment", "c" * (1 << 20))))),
        "tar-header",
        "a megabyte nobody reads",
    ),
    (
        "GNU name with NUL",
        lambda: with_parts(TarPart("demo-1.0/a", records=gnu_long(b"demo-1.0/a\0/../evil\0"))),
        "tar-long-name",
        "readers stop at other places",
    ),
    (
        "GNU name differs",
        lambda: with_parts(TarPart("demo-1.0/a", records=gnu_long(b"demo-1.0/b\0"))),
        "tar-name-differs",
        "two names for two readers",
    ),
    (
        "record for nobody",
        lambda: make_gzip(make_tar(sdist_parts(), end=pax_records(("path", LONG)) + bytes(1024))),
        "tar-header",
        "speaks of a member that does not come",
    ),
    (
        "name not utf-8",
        lambda: with_parts(TarPart(b"demo-1.0/\xff.py", b"x = 1")),
        "path-not-utf8",
        "every reader guesses",
    ),
    (
        "hidden characters",
        lambda: with_parts(TarPart("demo-1.0/\u202etxt.exe")),
        "path-hidden-characters",
        "looks other",
    ),
    ("duplicate", lambda: with_parts(*sdist_parts()), "path-duplicate", "the first or the last wins"),
    (
        "bad checksum",
        lambda: with_parts(TarPart("demo-1.0/a", checksum=b"000000\0 ")),
        "tar-header",
        "hides the rest",
    ),
    (
        "negative size",
        lambda: with_parts(TarPart("demo-1.0/a", size=b"\xff" * 12)),
        "tar-header",
        "readers loop",
    ),
    (
        "size not a number",
        lambda: with_parts(TarPart("demo-1.0/a", size=b"0000000009x\0")),
        "tar-header",
        "readers guess",
    ),
    (
        "huge size",
        lambda: with_parts(TarPart("demo-1.0/a", size=b"\x80" + b"\x7f" * 11)),
        "archive-truncated",
        "a lie",
    ),
    (
        "folder with bytes",
        lambda: with_parts(TarPart("demo-1.0/d", b"x", kind=b"5")),
        "tar-header",
        "hides a member",
    ),
    (
        "link with bytes",
        lambda: with_parts(TarPart("demo-1.0/d", b"x", kind=b"2")),
        "tar-header",
        "hides a member",
    ),
    (
        "unknown format",
        lambda: with_parts(TarPart("demo-1.0/a", magic=b"ustar\x0099")),
        "tar-header",
        "readers guess",
    ),
    (
        "GNU header with a prefix",
        lambda: with_parts(TarPart("a", magic=b"ustar  \0", prefix=b"demo-1.0")),
        "tar-header",
        "one reader joins it to the name",
    ),
    (
        "member behind the end",
        lambda: with_parts(end=bytes(1024) + TarPart("demo-1.0/e").to_bytes()),
        "trailing-bytes",
        "hidden",
    ),
    (
        "member behind half an end",
        lambda: with_parts(end=bytes(512) + TarPart("demo-1.0/e").to_bytes()),
        "trailing-bytes",
        "hidden",
    ),
    ("no end", lambda: with_parts(end=b""), "tar-end-missing", "maybe cut off"),
    ("half an end", lambda: with_parts(end=bytes(512)), "tar-end-missing", "maybe cut off"),
    ("cut in a header", lambda: with_parts(end=b"x" * 100), "archive-truncated", "cut off"),
    (
        "cut in a member",
        lambda: make_gzip(make_tar(sdist_parts(), end=b"")[:-700]),
        "archive-truncated",
        "cut off",
    ),
    (
        "cut in padding",
        lambda: make_gzip(make_tar(sdist_parts(), end=b"")[:-5]),
        "archive-truncated",
        "cut off",
    ),
]


@pytest.mark.parametrize(
    ("build", "code", "why"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_hostile_tar_is_rejected(build: Callable[[], bytes], code: str, why: str) -> None:
    """Every lie of a tar or its gzip stream is a reject with its own code."""
    inspection = look(build(), SDIST)
    assert inspection.verdict is Verdict.REJECT, why
    assert code in codes(inspection), inspection.findings


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
