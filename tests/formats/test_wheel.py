"""Wheels: what their record, their name and their metadata must agree upon."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.support.archives import (
    ZipPart,
    make_wheel,
    make_zip,
    metadata_bytes,
    record_line,
    wheel_parts,
)
from tests.support.looks import WHEEL, codes, look

from homeport.domain.inspection import Expectation, Severity, Verdict
from homeport.formats.archive.report import MAX_FINDINGS

INFO = "demo-1.0.dist-info"
UPLOAD = Expectation(WHEEL.filename, "demo", "1.0")
LEGACY = Expectation(WHEEL.filename, is_legacy=True)


def with_files(**files: bytes) -> bytes:
    """A good wheel with more files; ``__`` stands for ``/`` and ``INFO`` for the dist-info folder."""
    return make_wheel(
        files={name.replace("__", "/").replace("INFO", INFO): data for name, data in files.items()}
    )


def with_path(path: str) -> bytes:
    """A good wheel that holds and records one more file."""
    return make_wheel(files={path: b"x"})


def with_record(change: Callable[[str], str]) -> bytes:
    """A good wheel whose RECORD is changed after the build."""
    *parts, record = wheel_parts()
    return make_zip([*parts, replace(record, data=change(record.data.decode()).encode())])


def without(name: str) -> bytes:
    """A good wheel without one of its dist-info files, and RECORD that never heard of it."""
    parts = [part for part in wheel_parts() if part.name != f"{INFO}/{name}"]
    lines = "".join(record_line(str(part.name), part.data) for part in parts if part.name != f"{INFO}/RECORD")
    return make_zip(
        replace(part, data=lines.encode()) if part.name == f"{INFO}/RECORD" else part for part in parts
    )


def metadata(**changes: str) -> bytes:
    """A wheel with METADATA written from ``name``, ``version`` and ``text``."""
    text = metadata_bytes(changes.get("name", "demo"), changes.get("version", "1.0")).decode()
    return make_wheel(metadata=(text + changes.get("text", "")).encode("latin-1"))


def renamed(prefix: str) -> bytes:
    """A wheel whose dist-info folder is called otherwise, consistently."""
    return make_zip(
        replace(
            part,
            name=str(part.name).replace("demo-1.0", prefix),
            data=part.data.replace(b"demo-1.0", prefix.encode()),
        )
        for part in wheel_parts()
    )


DIGEST = record_line("demo/__init__.py", b"version = '1.0'\n")
HOSTILE: list[tuple[str, Callable[[], bytes], str, str]] = [
    (
        "changed after build",
        lambda: with_record(lambda r: r.replace(DIGEST[26:36], "A" * 10)),
        "record-mismatch",
        "other bytes",
    ),
    (
        "size changed",
        lambda: with_record(lambda r: r.replace(",16\n", ",17\n")),
        "record-mismatch",
        "other bytes",
    ),
    (
        "file added after build",
        lambda: make_zip([*wheel_parts(), ZipPart("demo/evil.py", b"x")]),
        "record-unlisted-file",
        "nobody vouches for it",
    ),
    (
        "file removed",
        lambda: with_record(lambda r: r + "demo/gone.py,sha256=AAAA,1\n"),
        "record-lists-missing",
        "incomplete",
    ),
    (
        "folder listed",
        lambda: with_record(lambda r: r + "demo/gone/,,\n"),
        "record-lists-missing",
        "incomplete",
    ),
    (
        "md5",
        lambda: with_record(lambda r: r.replace("sha256=", "md5=", 1)),
        "record-weak-hash",
        "can be forged",
    ),
    (
        "no hash",
        lambda: with_record(lambda r: r.replace(DIGEST, "demo/__init__.py,,16\n")),
        "record-hash-missing",
        "nobody vouches for it",
    ),
    ("listed twice", lambda: with_record(lambda r: r + DIGEST), "record-duplicate", "which line counts?"),
    ("two columns", lambda: with_record(lambda r: r + "demo/x.py,\n"), "record-damaged", "means nothing"),
    (
        "size is a word",
        lambda: with_record(lambda r: r + "demo/x.py,sha256=AA,many\n"),
        "record-damaged",
        "means nothing",
    ),
    (
        "hash is not base64",
        lambda: with_record(lambda r: r.replace("sha256=", "sha256=!", 1)),
        "record-damaged",
        "nothing",
    ),
    ("open quote", lambda: with_record(lambda r: r + '"demo/x.py,,'), "record-damaged", "not a table"),
    ("not utf-8", lambda: make_zip(wheel_parts(record=b"\xff,,\n")), "record-damaged", "not text"),
    ("no RECORD", lambda: without("RECORD"), "record-missing", "nothing can be compared"),
    ("no METADATA", lambda: without("METADATA"), "metadata-missing", "not a release"),
    ("no WHEEL", lambda: without("WHEEL"), "wheel-missing", "installers do not know what to do"),
    (
        "no dist-info",
        lambda: make_zip([ZipPart("demo/__init__.py", b"")]),
        "dist-info-folders",
        "not a wheel",
    ),
    ("two dist-info", lambda: with_path("other-2.0.dist-info/METADATA"), "dist-info-folders", "two projects"),
    (
        "two dist-info by case",
        lambda: with_path("Other-2.0.DIST-INFO/METADATA"),
        "dist-info-folders",
        "two projects",
    ),
    (
        "dist-info by the back door",
        lambda: with_path("demo-1.0.data/purelib/other-2.0.dist-info/METADATA"),
        "dist-info-folders",
        "two projects after installation",
    ),
    ("dist-info of another", lambda: renamed("other-1.0"), "dist-info-name", "another project"),
    ("dist-info of another version", lambda: renamed("demo-2.0"), "dist-info-name", "another version"),
    ("data of another", lambda: with_path("other-1.0.data/scripts/x"), "data-folder", "installed as a file"),
    ("data of unknown kind", lambda: with_path("demo-1.0.data/root/x"), "data-folder", "installers differ"),
    (
        "data climbs",
        lambda: with_path("demo-1.0.data/scripts/../../../bin/x"),
        "path-escapes",
        "written outside",
    ),
    ("metadata of another", lambda: metadata(name="other"), "metadata-mismatch", "another project"),
    ("metadata of another version", lambda: metadata(version="2.0"), "metadata-mismatch", "another version"),
    ("two names", lambda: metadata(text="Name: evil\n"), "metadata-ambiguous", "readers take first or last"),
    (
        "two versions",
        lambda: metadata(text="Version: 2.0\n"),
        "metadata-ambiguous",
        "readers take first or last",
    ),
    (
        "20 MiB of metadata",
        lambda: metadata(text=f"\n{'x' * (20 << 20)}"),
        "metadata-too-large",
        "sent to every resolver",
    ),
    ("metadata not utf-8", lambda: metadata(text="Summary: \xff\n"), "metadata-not-utf8", "readers guess"),
    ("metadata with NUL", lambda: metadata(text="Summary: a\0b\n"), "metadata-nul", "readers stop there"),
    (
        "metadata with CR",
        lambda: metadata(text="Summary: a\rName: evil\n"),
        "metadata-bare-cr",
        "a second Name for some",
    ),
    (
        "metadata 3.0",
        lambda: make_wheel(metadata=metadata_bytes("demo", "1.0", metadata_version="3.0")),
        "metadata-version-unknown",
        "not ours",
    ),
    (
        "metadata of nobody",
        lambda: make_wheel(metadata=b"Metadata-Version: 2.1\nName: demo\n"),
        "metadata-incomplete",
        "no version",
    ),
    (
        "bad dependency",
        lambda: metadata(text="Requires-Dist: other (>dev)\n"),
        "metadata-field",
        "installers stop",
    ),
    (
        "wheel version 2",
        lambda: make_zip(wheel_parts(wheel=b"Wheel-Version: 2.0\nTag: py3-none-any\n")),
        "wheel-version",
        "unknown",
    ),
    (
        "no wheel version",
        lambda: make_zip(wheel_parts(wheel=b"Tag: py3-none-any\n")),
        "wheel-version",
        "unknown",
    ),
    (
        "two wheel versions",
        lambda: make_zip(wheel_parts(wheel=b"Wheel-Version: 1.0\n" * 2)),
        "wheel-version",
        "which?",
    ),
    (
        "other tags",
        lambda: make_wheel(tag="cp311-cp311-linux_x86_64"),
        "wheel-tags-differ",
        "for another platform",
    ),
    (
        "no tags",
        lambda: make_zip(wheel_parts(wheel=b"Wheel-Version: 1.0\n")),
        "wheel-tags-differ",
        "for which platform?",
    ),
    (
        "broken tag",
        lambda: make_zip(wheel_parts(wheel=b"Wheel-Version: 1.0\nTag: py3\n")),
        "wheel-tags-differ",
        "no tag",
    ),
    (
        "tag bomb",
        lambda: make_zip(wheel_parts(wheel=b"Wheel-Version: 1.0\nTag: " + b"a." * 9999 + b"-b-c\n")),
        "wheel-tags-differ",
        "explodes",
    ),
    ("WHEEL not utf-8", lambda: make_zip(wheel_parts(wheel=b"\xff")), "wheel-file-damaged", "not text"),
    (
        "script with a path",
        lambda: (
            with_files(INFO__entry_points_txt=b"")
            and make_wheel(
                files={f"{INFO}/entry_points.txt": b"[console_scripts]\n../../bin/sh = demo:main\n"}
            )
        ),
        "entry-points",
        "written outside of bin",
    ),
    (
        "script called ..",
        lambda: make_wheel(files={f"{INFO}/entry_points.txt": b"[gui_scripts]\n.. = demo:main\n"}),
        "entry-points",
        "no name",
    ),
    (
        "entry points twice",
        lambda: make_wheel(files={f"{INFO}/entry_points.txt": b"[a]\nx = y\nx = z\n"}),
        "entry-points",
        "which?",
    ),
    (
        "entry points not utf-8",
        lambda: make_wheel(files={f"{INFO}/entry_points.txt": b"[a\xff]\n"}),
        "entry-points",
        "not text",
    ),
]


@pytest.mark.parametrize(
    ("build", "code", "why"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_hostile_wheel_is_rejected(build: Callable[[], bytes], code: str, why: str) -> None:
    """Everything a wheel may contradict itself in is a reject with its own code."""
    inspection = look(build(), WHEEL)
    assert inspection.verdict is Verdict.REJECT, why
    assert code in codes(inspection), inspection.findings


@pytest.mark.parametrize(
    ("expectation", "code"),
    [
        (Expectation("other-1.0-py3-none-any.whl"), "metadata-mismatch"),
        (Expectation("demo-2.0-py3-none-any.whl"), "metadata-mismatch"),
        (Expectation("demo-1.0-py3-none-any.whl", project="other"), "project-mismatch"),
        (Expectation("demo-1.0-py3-none-any.whl", "demo", "1.1"), "version-mismatch"),
        (Expectation("dir/demo-1.0-py3-none-any.whl"), "filename-invalid"),
        (Expectation("demo\u202e-1.0-py3-none-any.whl"), "filename-invalid"),
        (Expectation("demo-1.0-py3-none.whl"), "filename-invalid"),
        (Expectation("demo-1.0-1variant-py3-none-any-x.whl"), "filename-invalid"),
        (Expectation("Demo-1.0-py3-none-any.whl", "demo", "1.0"), "filename-not-normalized"),
    ],
)
def test_wheel_of_another_name_is_rejected(expectation: Expectation, code: str) -> None:
    """File name, metadata, project and version must all name one release (I-09)."""
    inspection = look(make_wheel(), expectation)
    assert inspection.verdict is Verdict.REJECT
    assert code in codes(inspection)


@pytest.mark.parametrize("expectation", [WHEEL, UPLOAD, LEGACY])
def test_good_wheel_is_accepted_with_its_metadata(expectation: Expectation) -> None:
    """A good wheel has no finding, and its METADATA is given byte for byte."""
    text = metadata_bytes(
        "demo", "1.0", fields=[("Requires-Dist", "other>=1"), ("Summary", "Ünïcode")], body="Text.\n"
    )
    inspection = look(make_wheel(metadata=text), expectation)
    assert inspection.findings == ()
    assert inspection.metadata_file == text
    assert inspection.metadata is not None
    assert inspection.metadata.requires_dist == ("other>=1",)
    assert (inspection.metadata.summary, inspection.metadata.description) == ("Ünïcode", "Text.\n")


def test_everything_a_wheel_may_hold_is_accepted() -> None:
    """Scripts, data, signatures, strong hashes, quoted paths, compressed tags and sizes left out are fine."""
    extra = {
        "demo-1.0.data/scripts/run": b"#!python\n",
        "demo-1.0.data/purelib/demo2/__init__.py": b"",
        "demo/a,b.txt": b"comma",
        f"{INFO}/entry_points.txt": b"[console_scripts]\nrun-it = demo:main\n[x.plugins]\na:b/c = demo\n",
        f"{INFO}/licenses/LICENSE": b"MIT",
    }
    text = metadata_bytes("demo", "1.0", metadata_version="2.4", fields=[("License-File", "LICENSE")])
    *parts, record = wheel_parts(tag="py2.py3-none-any", files=extra, metadata=text)
    lines = record.data.decode().replace(
        DIGEST, record_line("demo/__init__.py", b"version = '1.0'\n", "sha512")
    )
    signature = ZipPart(f"{INFO}/RECORD.jws", b"{}")
    data = make_zip([*parts, signature, replace(record, data=lines.encode())])
    assert look(data, Expectation("demo-1.0-py2.py3-none-any.whl", "demo", "1.0")).findings == ()


def test_sizes_left_out_of_record_only_inform() -> None:
    """A hash without a size still vouches for the bytes."""
    inspection = look(with_record(lambda record: record.replace(",16\n", ",\n")), WHEEL)
    assert (codes(inspection), inspection.verdict) == ({"record-size-missing"}, Verdict.ACCEPT)


def test_listed_folder_that_exists_is_no_problem() -> None:
    """Some tools record folders; a folder has no bytes to vouch for."""
    *parts, record = wheel_parts()
    folder = ZipPart("demo/", attributes=0o040755 << 16)
    data = make_zip([folder, *parts, replace(record, data=record.data + b"demo/,,\n")])
    assert look(data, WHEEL).findings == ()


@pytest.mark.parametrize(
    ("data", "code", "verdicts"),
    [
        (make_wheel(tag="py2-none-any"), "wheel-tags-differ", "reject reject hold"),
        (with_path("demo.pth"), "startup-code", "accept hold hold"),
        (with_path("demo-1.0.data/platlib/demo.pth"), "startup-code", "accept hold hold"),
        (
            metadata(text="Requires-Dist: a @ https://elsewhere.test/a.zip\n"),
            "metadata-direct-reference",
            "reject hold hold",
        ),
        (metadata(text="Home-page: example.org\n"), "metadata-policy", "reject accept accept"),
        (metadata(text="Summary: \xff\n"), "metadata-not-utf8", "reject reject accept"),
        (metadata(text="Requires-Dist: a (>dev)\n"), "metadata-field", "reject reject accept"),
        (
            make_wheel(metadata=metadata_bytes("demo", "1.0", metadata_version="2.0")),
            "metadata-version-withdrawn",
            "reject accept accept",
        ),
        (
            make_wheel(
                metadata=metadata_bytes("demo", "1.0", metadata_version="2.4", fields=[("License-File", "X")])
            ),
            "license-file-missing",
            "reject hold accept",
        ),
        (with_path("demo/nul.py"), "path-not-portable", "reject reject reject"),
        (with_path("demo/__INIT__.py"), "path-collision", "reject reject reject"),
    ],
)
def test_who_asks_decides_how_much_a_rule_weighs(data: bytes, code: str, verdicts: str) -> None:
    """Rules for uploaders bind uploads, old files are forgiven old manners, safety is the same for all."""
    for expectation, verdict in zip((UPLOAD, WHEEL, LEGACY), verdicts.split(), strict=True):
        inspection = look(data, expectation)
        assert codes(inspection) == {code}
        assert inspection.verdict == verdict, expectation


def test_findings_are_bounded_and_the_heaviest_is_never_lost() -> None:
    """A thousand problems are fifty findings, and the verdict is that of all."""
    inspection = look(
        make_zip([*wheel_parts(), *[ZipPart(f"demo/{n}.pth", b"") for n in range(1000)]]), WHEEL
    )
    assert len(inspection.findings) == MAX_FINDINGS
    assert inspection.findings[-1].severity is Severity.REJECT
    assert "more findings" in inspection.findings[-1].message


def test_all_problems_are_told_at_once() -> None:
    """A wheel with three faults is refused once, with three sentences."""
    data = make_wheel(metadata=metadata_bytes("other", "1.0"), files={"../evil": b"", "demo/a.py:x": b""})
    assert codes(look(data, WHEEL)) >= {"metadata-mismatch", "path-escapes", "path-not-portable"}
