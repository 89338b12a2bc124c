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
from tests.support.hostile.wheels import hexadecimal
from tests.support.looks import WHEEL, codes, look

from homeport.domain.inspection import Expectation, Severity, Verdict
from homeport.formats.archive.report import MAX_FINDINGS

INFO = "demo-1.0.dist-info"
UPLOAD = Expectation(WHEEL.filename, "demo", "1.0")
LEGACY = Expectation(WHEEL.filename, is_legacy=True)


def with_path(path: str) -> bytes:
    """A good wheel that holds and records one more file."""
    return make_wheel(files={path: b"x"})


def with_record(change: Callable[[str], str]) -> bytes:
    """A good wheel whose RECORD is changed after the build."""
    *parts, record = wheel_parts()
    return make_zip([*parts, replace(record, data=change(record.data.decode()).encode())])


def metadata(**changes: str) -> bytes:
    """A wheel with METADATA written from ``name``, ``version`` and ``text``."""
    text = metadata_bytes(changes.get("name", "demo"), changes.get("version", "1.0")).decode()
    return make_wheel(metadata=(text + changes.get("text", "")).encode("latin-1"))


DIGEST = record_line("demo/__init__.py", b"version = '1.0'\n")


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
    """V44: RECORD.jws may be there. Scripts, data, signatures, strong hashes, quoted paths, compressed tags and sizes left out are fine."""
    extra = {
        "demo-1.0.data/scripts/run": b"#!python\n",
        "demo-1.0.data/purelib/demo2/__init__.py": b"",
        "demo/a,b.txt": b"comma",
        f"{INFO}/entry_points.txt": b"[console_scripts]\nrun-it = demo:main\nrun.2 = demo.cli : App.main [extra]\n[x.plugins]\na:b/c = demo\n",
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
        (make_wheel(tag="py2-none-any"), "wheel-tags-differ", "reject hold hold"),
        (
            make_zip(wheel_parts(wheel=b"Wheel-Version: 1.0\nTag: py3-none-any\nBuild: 1\n")),
            "wheel-build-differs",
            "reject accept accept",
        ),
        (
            with_record(lambda record: record.replace(DIGEST, hexadecimal())),
            "record-hash-hex",
            "reject accept accept",
        ),
        (with_path("demo-1.0.data/scripts/python"), "script-shadows-python", "reject hold hold"),
        (with_path("demo.pth"), "startup-code", "accept hold hold"),
        (with_path("demo-1.0.data/platlib/demo.pth"), "startup-code", "accept hold hold"),
        (
            metadata(text="Requires-Dist: a @ https://elsewhere.test/a.zip\n"),
            "metadata-direct-reference",
            "reject hold hold",
        ),
        (metadata(text="Home-page: example.org\n"), "metadata-url", "reject accept accept"),
        (metadata(text="Summary: \xff\n"), "metadata-not-utf8", "reject reject accept"),
        (metadata(text="Requires-Dist: a (>dev)\n"), "metadata-dependency", "reject reject accept"),
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


def test_private_classifier_is_for_private_projects() -> None:
    """What keeps a release off a public index is welcome where only some may read."""
    data = metadata(text="Classifier: Private :: Do Not Upload\n")
    assert codes(look(data, UPLOAD)) == {"metadata-classifier-private"}
    assert look(data, replace(UPLOAD, is_private=True)).findings == ()
