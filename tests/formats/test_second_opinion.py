"""The second reader: where the standard library sees something else than we do, the file is rejected."""

import bz2
import io
from collections.abc import Callable, Iterator

import pytest
from tests.support.archives import TarPart, ZipPart, make_gzip, make_sdist, make_tar, make_wheel, make_zip
from tests.support.looks import WHEEL, look

from homeport.domain.inspection import Expectation, Finding, Severity, Verdict
from homeport.domain.rules import Profile
from homeport.formats import inspect_file as inspector
from homeport.formats.archive import second_opinion
from homeport.formats.archive.entries import Entry, EntryKind
from homeport.formats.archive.report import Report
from homeport.formats.archive.second_opinion import Witness, ask_second_reader

PARTS = [
    ZipPart("demo/", attributes=0o040755 << 16),
    ZipPart("demo/a.py", b"a = 1\n"),
    ZipPart("demo/b.py", b""),
]
ENTRIES = {
    "demo": (Entry("demo", EntryKind.FOLDER, 0), b""),
    "demo/a.py": (Entry("demo/a.py", EntryKind.FILE, 6), b"a = 1\n"),
    "demo/b.py": (Entry("demo/b.py", EntryKind.FILE, 0), b""),
}
TAR_PARTS = [
    TarPart("demo/", kind=b"5"),
    TarPart("demo/a.py", b"a = 1\n"),
    TarPart("demo/b.py", kind=b"\0", magic=bytes(8)),
    TarPart("demo/l", kind=b"2", link="a.py"),
]
LINK = {"demo/l": (Entry("demo/l", EntryKind.LINK, 0, "a.py"), b"")}


def witness_of(entries: dict[str, tuple[Entry, bytes]]) -> Witness:
    """A witness that saw exactly this."""
    witness = Witness()
    for entry, content in entries.values():
        assert b"".join(witness.watch(entry, iter([content]))) == content
    return witness


def ask(data: bytes, filename: str, witness: Witness) -> tuple[Finding, ...]:
    """What the second reader has to say."""
    report = Report(Profile.LEGACY, is_wheel=filename.endswith(".whl"))
    ask_second_reader(io.BytesIO(data), filename, witness, report)
    return report.findings()


@pytest.mark.parametrize("filename", ["demo-1.0-py3-none-any.whl", "demo-1.0.zip"])
def test_zip_read_alike_is_agreed_upon(filename: str) -> None:
    """Paths, kinds, sizes and bytes are the same for both readers."""
    assert ask(make_zip(PARTS), filename, witness_of(ENTRIES)) == ()


@pytest.mark.parametrize(
    ("filename", "pack"),
    [
        ("demo-1.0.tar.gz", make_gzip),
        ("demo-1.0.tgz", make_gzip),
        ("demo-1.0.tar.bz2", bz2.compress),
        ("demo-1.0.tar", bytes),
    ],
)
def test_tar_read_alike_is_agreed_upon(filename: str, pack: Callable[[bytes], bytes]) -> None:
    """Links' targets too, in every compression."""
    assert ask(pack(make_tar(TAR_PARTS)), filename, witness_of(ENTRIES | LINK)) == ()


@pytest.mark.parametrize(
    ("ours", "sentence"),
    [
        ({**ENTRIES, "demo/a.py": (Entry("demo/a.py", EntryKind.FILE, 7), b"a = 1\n")}, "a file of 7 bytes"),
        ({**ENTRIES, "demo/a.py": (Entry("demo/a.py", EntryKind.FILE, 6), b"a = 2\n")}, "sha256"),
        ({**ENTRIES, "demo": (Entry("demo", EntryKind.FILE, 0), b"")}, "Python's own reader sees a folder of 0 bytes"),
        ({name: ENTRIES[name] for name in ("demo", "demo/b.py")}, "we see nothing, Python's own reader sees a file"),
        (
            {**ENTRIES, "demo/c.py": (Entry("demo/c.py", EntryKind.FILE, 0), b"")},
            "7852b855, Python's own reader sees nothing",
        ),
    ],
)  # fmt: skip
def test_other_views_are_rejected_with_both(ours: dict[str, tuple[Entry, bytes]], sentence: str) -> None:
    """Any difference is one finding that shows what each reader sees, and weighs the same for old files."""
    for data, filename in (
        (make_zip(PARTS), "demo-1.0.zip"),
        (make_gzip(make_tar(TAR_PARTS[:3])), "demo-1.0.tar.gz"),
    ):
        (finding,) = ask(data, filename, witness_of(ours))
        assert (finding.code, finding.severity) == ("readers-disagree", Severity.REJECT)
        assert sentence in finding.message


def test_link_that_leads_elsewhere_for_the_second_reader() -> None:
    """A target is part of the view."""
    other = {"demo/l": (Entry("demo/l", EntryKind.LINK, 0, "b.py"), b"")}
    (finding,) = ask(make_gzip(make_tar(TAR_PARTS)), "demo-1.0.tar.gz", witness_of(ENTRIES | other))
    assert finding.code == "readers-disagree"


def test_member_seen_twice_is_a_difference() -> None:
    """Two members of one path are two files, whichever of them counts."""
    (finding,) = ask(make_zip([*PARTS, PARTS[1]]), "demo-1.0.zip", witness_of(ENTRIES))
    assert finding.code == "readers-disagree"


@pytest.mark.parametrize(
    ("data", "filename"),
    [
        (b"", "demo-1.0.zip"),
        (make_zip(PARTS)[:-5], "demo-1.0.zip"),
        (make_zip([ZipPart("demo/a.py", b"a = 1\n", method=99)]), "demo-1.0.zip"),
        (make_zip([ZipPart("demo/a.py", b"a = 1\n", flags=1)]), "demo-1.0.zip"),
        (make_zip([ZipPart("demo/a.py", b"a = 1\n", crc=1)]), "demo-1.0.zip"),
        (b"", "demo-1.0.tar.gz"),
        (b"\x1f\x8b\x08" + b"\xff" * 30, "demo-1.0.tar.gz"),
        (make_sdist()[:-20], "demo-1.0.tar.gz"),
        (b"BZh9" + b"\xff" * 30, "demo-1.0.tar.bz2"),
        (make_tar(TAR_PARTS)[:600], "demo-1.0.tar"),
    ],
)
def test_what_only_we_can_read_is_rejected(data: bytes, filename: str) -> None:
    """An error of the second reader, whichever it raises, is a finding and never an exception."""
    (finding,) = ask(data, filename, witness_of(ENTRIES))
    assert (finding.code, finding.severity) == ("readers-disagree", Severity.REJECT)


def test_special_members_are_shown_as_what_they_are() -> None:
    """A kind that only the second reader sees has a name of its own."""
    (finding,) = ask(make_gzip(make_tar([TarPart("demo/p", kind=b"6")])), "demo-1.0.tar.gz", Witness())
    assert "a b'6' of 0 bytes" in finding.message


def test_bytes_are_compared_while_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit only the directory is compared, which costs nearly nothing."""
    monkeypatch.setattr(second_opinion, "MAX_COMPARED_BYTES", 3)
    witness = witness_of({**ENTRIES, "demo/a.py": (Entry("demo/a.py", EntryKind.FILE, 6), b"a = 2\n")})
    assert witness.seen["demo/a.py"].digest == ""
    assert witness.seen["demo/b.py"].digest
    for data, filename in (
        (make_zip(PARTS), "demo-1.0.zip"),
        (make_gzip(make_tar(TAR_PARTS[:3])), "demo-1.0.tar.gz"),
    ):
        assert ask(data, filename, witness) == ()


def test_second_reader_sees_only_what_we_accept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is rejected already is not given to a reader that may loop or explode."""
    asked: list[str] = []
    monkeypatch.setattr(
        inspector, "ask_second_reader", lambda file, filename, witness, report: asked.append(filename)
    )
    look(make_wheel(files={"../evil": b""}), WHEEL)
    look(b"", Expectation("demo-1.0.tar.gz"))
    assert asked == []
    look(make_wheel(), WHEEL)
    look(make_wheel(files={"demo.pth": b""}), WHEEL)
    assert asked == [WHEEL.filename] * 2


def test_disagreement_rejects_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A finding of the second reader is a finding of the inspection."""

    def read(*_: object) -> Iterator[tuple[str, second_opinion.Seen]]:
        yield "demo/__init__.py", second_opinion.Seen("file", 0)

    monkeypatch.setattr(second_opinion, "_read_zip", read)
    inspection = look(make_wheel(), WHEEL)
    assert inspection.verdict is Verdict.REJECT
    assert [finding.code for finding in inspection.findings] == ["readers-disagree"]
