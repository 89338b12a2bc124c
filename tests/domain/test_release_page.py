"""Which release is the latest, when it is yanked, and what a file's Python version is."""

import pytest
from tests.support.builders import NOW, digests

from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.release import HostedFile, Origin
from homeport.domain.release_page import ReleasedVersion, latest, python_version, released_versions


def hosted(version: str, filename: str = "", yanked: str | None = None) -> HostedFile:
    """A file of that version."""
    return HostedFile(
        project="demo",
        version=ReleaseVersion.parse_legacy(version),
        filename=filename or f"demo-{version}.tar.gz",
        kind=FileKind.SDIST,
        size_bytes=5,
        digests=digests(),
        published_at=NOW,
        origin=Origin.UPLOAD,
        yanked=yanked,
    )


def released(version: str, yanked: str | None = None) -> ReleasedVersion:
    """A version without files."""
    return ReleasedVersion(version, (), yanked)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ({"1.0": None, "1.10": None, "1.9": None}, "1.10"),
        ({"1.0": None, "2.0rc1": None}, "1.0"),
        ({"1.0": None, "2.0.dev3": None, "1.0.post1": None}, "1.0.post1"),
        ({"1.0a1": None, "1.0rc1": None}, "1.0rc1"),
        ({"1.0": None, "2.0": "broken"}, "1.0"),
        ({"1.0": None, "2.0": ""}, "1.0"),
        ({"1.0rc1": None, "2.0": "broken"}, "1.0rc1"),
        ({"1.0": "broken", "2.0": "broken", "3.0b1": "broken"}, "2.0"),
        ({"early-alpha": None, "0.0.1": None}, "0.0.1"),
        ({"early-alpha": None, "0.1rc1": None}, "0.1rc1"),
        ({"early-alpha": None, "late-alpha": None}, "late-alpha"),
    ],
)
def test_the_latest_is_not_yanked_and_final(versions: dict[str, str | None], expected: str) -> None:
    """Not yanked comes first, then final, then PEP 440 order; what is no PEP 440 version comes last."""
    found = latest([released(version, yanked) for version, yanked in versions.items()])
    assert found is not None
    assert found.version == expected


def test_without_versions_there_is_no_latest() -> None:
    """A project without releases has no latest one."""
    assert latest([]) is None


def test_versions_are_in_order_with_their_files() -> None:
    """Versions come oldest first, those without files too, and files by their names."""
    files = [hosted("1.10"), hosted("1.9", "demo-1.9.zip"), hosted("1.9")]
    versions = released_versions(["1.10", "1.9", "1.0rc1"], files, {})
    assert [(one.version, [file.filename for file in one.files]) for one in versions] == [
        ("1.0rc1", []),
        ("1.9", ["demo-1.9.tar.gz", "demo-1.9.zip"]),
        ("1.10", ["demo-1.10.tar.gz"]),
    ]


def test_v54_two_spellings_are_one_release() -> None:
    """V54: files of every spelling are of the release, which is shown as it was registered first, and yanked as one."""
    files = [hosted(version) for version in ("1.0.0", "1.0", "2.0c1", "2rc1")]
    shown = released_versions(["1.0", "2.0rc1"], files, {"1": "Broken."})
    assert [(one.version, len(one.files), one.yanked) for one in shown] == [
        ("1.0", 2, "Broken."),
        ("2.0rc1", 2, None),
    ]
    assert [one.key for one in shown] == ["1", "2rc1"]


@pytest.mark.parametrize(
    ("yanks", "files", "expected"),
    [
        ({}, [None, None], None),
        ({}, [None, "broken"], None),
        ({}, ["broken", "broken"], "broken"),
        ({}, ["", ""], ""),
        ({"1.0": "said"}, [None, "broken"], "said"),
        ({"1.0": ""}, [], ""),
        ({"2.0": "other"}, [], None),
    ],
)
def test_a_release_is_yanked_as_a_whole(
    yanks: dict[str, str], files: list[str | None], expected: str | None
) -> None:
    """It is yanked when that was said of it, or when each of its files is."""
    made = [hosted("1.0", f"demo-1.0.{number}.tar.gz", reason) for number, reason in enumerate(files)]
    (version,) = released_versions(["1.0"], made, yanks)
    assert version.yanked == expected


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("demo-1.0-py3-none-any.whl", "py3"),
        ("demo-1.0-1build-cp311-cp311-manylinux_2_17_x86_64.whl", "cp311"),
        ("demo-1.0-py2.py3-none-any.whl", "py2.py3"),
        ("demo-1.0.tar.gz", "source"),
        ("demo-1.0.zip", "source"),
    ],
)
def test_python_version(filename: str, expected: str) -> None:
    """A wheel's is its Python tag, an sdist's is a word."""
    assert python_version(filename) == expected
