"""Sdists: one folder, PKG-INFO in it, and one release that everything names."""

import pytest
from tests.support.archives import (
    TarPart,
    ZipPart,
    make_gzip,
    make_sdist,
    make_tar,
    make_zip,
    metadata_bytes,
    sdist_parts,
)
from tests.support.looks import LEGACY_SDIST, SDIST, codes, look

from homeport.domain.inspection import Expectation, Verdict

UPLOAD = Expectation("demo-1.0.tar.gz", "demo", "1.0")
LEGACY = Expectation("demo-1.0.tar.gz", "demo", "1.0", is_legacy=True)


def packed(*parts: TarPart) -> bytes:
    """An sdist of exactly these members."""
    return make_gzip(make_tar(parts))


def with_fields(*fields: tuple[str, str], metadata_version: str = "2.2") -> bytes:
    """An sdist whose PKG-INFO has more fields."""
    return make_sdist(
        metadata=metadata_bytes("demo", "1.0", metadata_version=metadata_version, fields=fields)
    )


@pytest.mark.parametrize("expectation", [SDIST, UPLOAD, LEGACY, LEGACY_SDIST])
def test_good_sdist_is_accepted_with_its_metadata(expectation: Expectation) -> None:
    """A good sdist has no finding, for anybody who asks."""
    inspection = look(make_sdist(), expectation)
    assert inspection.findings == ()
    assert inspection.metadata is not None
    assert (inspection.metadata.name, inspection.metadata.version) == ("demo", "1.0")


@pytest.mark.parametrize(
    ("data", "is_served"),
    [
        (with_fields(), True),
        (with_fields(("Dynamic", "Description"), metadata_version="2.4"), True),
        (with_fields(metadata_version="2.1"), False),
        (with_fields(("Dynamic", "Requires-Dist")), False),
        (with_fields(("Dynamic", "requires-python")), False),
        (with_fields(("Dynamic", "Provides-Extra")), False),
        (make_sdist(metadata=b"Metadata-Version: 2.2\nName: demo\n"), False),
    ],
)
def test_metadata_is_served_only_when_it_is_final(data: bytes, is_served: bool) -> None:
    """PKG-INFO may speak for the built wheel from 2.2 on, unless what resolvers ask for is dynamic (PEP 643)."""
    assert (look(data, SDIST).metadata_file is not None) is is_served


@pytest.mark.parametrize(
    ("data", "code", "verdicts"),
    [
        (packed(TarPart("demo-1.0/setup.py")), "pkg-info-missing", "reject reject hold"),
        (make_sdist(files={"a.py": b"", "A.py": b""}), "path-collision", "reject hold hold"),
        (make_sdist(files={"aux.py": b""}), "path-not-portable", "reject hold hold"),
        (
            packed(TarPart("owner-demo-abc/PKG-INFO", metadata_bytes("demo", "1.0"))),
            "sdist-folder-name",
            "reject reject hold",
        ),
        (
            with_fields(("License-File", "LICENSE"), metadata_version="2.4"),
            "license-file-missing",
            "reject hold accept",
        ),
        (make_sdist(files={"../evil": b""}), "path-escapes", "reject reject reject"),
        (packed(TarPart("demo-1.0/PKG-INFO/", kind=b"5")), "pkg-info-not-a-file", "reject reject reject"),
    ],
)
def test_who_asks_decides_how_much_a_rule_weighs(data: bytes, code: str, verdicts: str) -> None:
    """Old sdists may have old manners, and a person looks; safety is the same for all."""
    for expectation, verdict in zip((UPLOAD, SDIST, LEGACY), verdicts.split(), strict=True):
        inspection = look(data, expectation)
        assert codes(inspection) - {"pyproject-missing"} == {code}
        assert inspection.verdict == verdict, expectation


def old_sdist(name: str, version: str, top: str, **fields: str) -> bytes:
    """An sdist as distutils wrote it."""
    text = metadata_bytes(name, version, metadata_version="1.0", fields=list(fields.items()))
    return packed(TarPart(f"{top}/PKG-INFO", text), TarPart(f"{top}/setup.py", b"setup()\n"))


@pytest.mark.parametrize(
    ("filename", "name", "version", "wanted"),
    [
        ("Zope.Interface-4.0.tar.gz", "Zope.Interface", "4.0", "filename-not-normalized"),
        ("python-dateutil-2.8.tar.gz", "python-dateutil", "2.8", "filename-not-normalized"),
        ("foo-bar-1.0-r123.tar.gz", "foo-bar", "1.0-r123", "filename-not-normalized"),
        ("pytz-2004d.tar.gz", "pytz", "2004d", "version-not-pep440"),
        ("foo-bar-final.tar.gz", "foo-bar", "final", "version-not-pep440 filename-not-normalized"),
    ],
)
def test_old_names_and_versions_are_accepted_for_old_files(
    filename: str, name: str, version: str, wanted: str
) -> None:
    """Names that PEP 625 forbids and versions that PEP 440 does not know only inform."""
    data = old_sdist(name, version, filename.removesuffix(".tar.gz"), Summary="UNKNOWN")
    inspection = look(data, Expectation(filename, is_legacy=True))
    assert inspection.verdict is Verdict.ACCEPT, inspection.findings
    assert codes(inspection) - {"metadata-version-invalid"} == set(wanted.split())


@pytest.mark.parametrize(
    ("expectation", "code", "verdict"),
    [
        (Expectation("demo-1.0-1.tar.gz"), "filename-ambiguous", Verdict.HOLD),
        (Expectation("demo-1.0-1.tar.gz", is_legacy=True), "filename-ambiguous", Verdict.HOLD),
        (Expectation("demo-1.0-1.tar.gz", "demo", is_legacy=True), "filename-ambiguous", Verdict.HOLD),
        (
            Expectation("demo-1.0-1.tar.gz", "demo", "1.0-1", is_legacy=True),
            "filename-not-normalized",
            Verdict.ACCEPT,
        ),
        (Expectation("demo-1.0-1.tar.gz", "demo", "1.0.post1"), "filename-not-normalized", Verdict.REJECT),
        (
            Expectation("demo-1.0-1.tar.gz", "demo-1-0", "1", is_legacy=True),
            "project-mismatch",
            Verdict.REJECT,
        ),
        (Expectation("demo-1.0-1.tar.gz", "other", is_legacy=True), "project-mismatch", Verdict.REJECT),
        (Expectation("demo-1.0-1.tar.gz", "demo", "2.0", is_legacy=True), "version-mismatch", Verdict.REJECT),
        (Expectation("demo.tar.gz"), "filename-invalid", Verdict.REJECT),
        (Expectation("demo-1.0.linux-x86_64.tar.gz", is_legacy=True), "filename-invalid", Verdict.REJECT),
        (Expectation("demo-1.0-py2.7.egg", is_legacy=True), "filename-invalid", Verdict.REJECT),
        (Expectation("demo-1.0.win32.exe", is_legacy=True), "filename-invalid", Verdict.REJECT),
        (Expectation("a b-1.0.tar.gz", is_legacy=True), "filename-invalid", Verdict.REJECT),
    ],
)
def test_a_name_with_two_readings_waits_for_a_person(
    expectation: Expectation, code: str, verdict: Verdict
) -> None:
    """A hyphen may belong to the name or to the version; only the very release asked for resolves it (T-14)."""
    inspection = look(old_sdist("demo", "1.0-1", "demo-1.0-1"), expectation)
    assert code in codes(inspection)
    assert inspection.verdict is verdict, inspection.findings


def test_zip_sdist_is_read_by_the_same_rules() -> None:
    """An old .zip sdist is accepted, and nothing in it may climb."""
    parts = [ZipPart(str(part.name), part.data) for part in sdist_parts()]
    expectation = Expectation("demo-1.0.zip", is_legacy=True)
    inspection = look(make_zip([ZipPart("demo-1.0/", attributes=0o040755 << 16), *parts]), expectation)
    assert (codes(inspection), inspection.verdict) == ({"sdist-format-retired"}, Verdict.ACCEPT)
    assert inspection.metadata is not None
    assert look(make_zip(parts), Expectation("demo-1.0.zip", "demo", "1.0")).verdict is Verdict.REJECT
    evil = ZipPart("demo-1.0/../../evil", b"")
    assert "path-escapes" in codes(look(make_zip([*parts, evil]), expectation))


def test_bomb_packed_twice_is_held() -> None:
    """An archive in an sdist that unpacks to far more than it holds is for a person to see."""
    data = make_sdist(files={"data.gz": make_gzip(bytes(16 << 20))})
    assert (codes(look(data, UPLOAD)), look(data, UPLOAD).verdict) == ({"nested-bomb"}, Verdict.HOLD)


def test_sdist_without_pyproject_is_advised() -> None:
    """Nobody is refused for it, an old sdist is not even told."""
    for expectation, told in (
        (UPLOAD, {"pyproject-missing"}),
        (SDIST, {"pyproject-missing"}),
        (LEGACY, set()),
    ):
        inspection = look(packed(*sdist_parts()[:1]), expectation)
        assert (codes(inspection), inspection.verdict) == (told, Verdict.ACCEPT)


def test_damaged_pyproject_only_informs_who_did_not_upload_it() -> None:
    """An uploader can correct what no installer can read; an old sdist is as it is."""
    data = make_sdist(files={"pyproject.toml": b"\xff"})
    for expectation, verdict in ((UPLOAD, Verdict.REJECT), (SDIST, Verdict.ACCEPT), (LEGACY, Verdict.ACCEPT)):
        inspection = look(data, expectation)
        assert (codes(inspection), inspection.verdict) == ({"pyproject-damaged"}, verdict)
