"""How two release files differ: by path whatever their version, and by what they say of themselves."""

from dataclasses import replace

import pytest

from homeport.domain.contents import (
    Contents,
    FieldChange,
    Likeness,
    Member,
    Paths,
    compare_contents,
    previous_of,
)
from homeport.domain.digests import Sha256
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion

METADATA = CoreMetadata("2.1", "demo", "1.0", summary="Old.", requires_dist=("a", "b"), description="x")


def like(filename: str, version: str, kind: str = "sdist", *, is_hosted: bool = True) -> Likeness:
    """A file to compare with."""
    return Likeness(
        filename, ReleaseVersion.parse_legacy(version), kind, Sha256.of(filename.encode()), is_hosted
    )


OWN = like("demo-3.0-py3-none-any.whl", "3.0", "bdist_wheel")


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        ([], None),
        ([like("demo-2.0.tar.gz", "2.0")], None),
        ([like("demo-3.0-py3-none-any.whl", "3.0", "bdist_wheel")], None),
        ([like("demo-4.0-py3-none-any.whl", "4.0", "bdist_wheel")], None),
        (
            [
                like("demo-1.0-py3-none-any.whl", "1.0", "bdist_wheel"),
                like("demo-2.0-cp312-cp312-win32.whl", "2.0", "bdist_wheel"),
            ],
            "demo-2.0-cp312-cp312-win32.whl",
        ),
        (
            [
                like("demo-2.0-zz-none-any.whl", "2.0", "bdist_wheel"),
                like("demo-2.0-py3-none-any.whl", "2.0", "bdist_wheel", is_hosted=False),
            ],
            "demo-2.0-py3-none-any.whl",
        ),
    ],
)
def test_what_a_file_is_compared_with(candidates: list[Likeness], chosen: str | None) -> None:
    """The newest older file of its kind, and of that version the one for the same platforms."""
    previous = previous_of(OWN, candidates)
    assert (previous.filename if previous else None) == chosen


def test_a_hosted_file_is_preferred() -> None:
    """Of the same file, what is hosted is compared with before what is only planned."""
    planned = like("demo-2.0-py3-none-any.whl", "2.0", "bdist_wheel", is_hosted=False)
    assert previous_of(OWN, [planned, replace(planned, is_hosted=True)]) == replace(planned, is_hosted=True)


def test_files_are_compared_whatever_the_version() -> None:
    """Folders named after a version are the same folder; size and content decide whether a file is another one."""
    old = Contents(
        (
            Member("demo-1.0/a.py", 1, "aa"),
            Member("demo-1.0/b.py", 1, "bb"),
            Member("demo-1.0/c.py", 1, "cc"),
            Member("demo-1.0/d.py", 4, "dd"),
        ),
        METADATA,
    )
    new = Contents(
        (
            Member("demo-2.0/a.py", 1, "aa"),
            Member("demo-2.0/b.py", 1, "xx"),
            Member("demo-2.0/d.py", 5, "dd"),
            Member("demo-2.0/e.py", 1, "ee"),
        ),
        replace(METADATA, version="2.0"),
    )
    diff = compare_contents(old, new)
    assert (diff.added, diff.removed) == (Paths(("e.py",), 1), Paths(("c.py",), 1))
    assert (diff.changed, diff.same) == (Paths(("b.py", "d.py"), 2), 1)
    assert (diff.fields, diff.is_description_changed, diff.is_whole) == ((), False, True)


def test_a_wheels_metadata_folder_is_one() -> None:
    """The dist-info of one version is that of the other; what lies beside it keeps its path."""
    old = Contents((Member("demo/a.py", 1, "a"), Member("demo-1.0.dist-info/RECORD", 1, "a")))
    new = Contents((Member("demo/a.py", 1, "a"), Member("demo-2.0.dist-info/RECORD", 1, "b")))
    diff = compare_contents(old, new)
    assert (diff.changed, diff.added, diff.removed) == (
        Paths(("dist-info/RECORD",), 1),
        Paths((), 0),
        Paths((), 0),
    )


@pytest.mark.parametrize(
    "partial",
    [
        Contents((Member("a", 1, "a"),), left_out=1),
        Contents((Member("a", 1, "a"),), problem="It broke off."),
        Contents((Member("a", 1),)),
    ],
)
def test_what_was_not_compared_is_said(partial: Contents) -> None:
    """A list that is cut, broken or not looked into makes no whole comparison, and no difference either."""
    diff = compare_contents(
        Contents((Member("a", 1, "b" if not partial.members[0].holds else "a"),)), partial
    )
    assert (diff.is_whole, diff.changed.total) == (False, 0)


def test_metadata_are_compared_line_by_line() -> None:
    """Each field tells what only one of the two says; a description is only said to be another."""
    new = replace(
        METADATA,
        summary="New.",
        requires_dist=("b", "c" * 900),
        description="y",
        project_urls=(("Home", "https://x.example/"),),
    )
    diff = compare_contents(Contents(metadata=METADATA), Contents(metadata=new))
    assert diff.fields == (
        FieldChange("summary", ("Old.",), ("New.",)),
        FieldChange("project-urls", (), ("Home, https://x.example/",)),
        FieldChange("requires-dist", ("a",), ("c" * 500,)),
    )
    assert diff.is_description_changed
    assert compare_contents(Contents(), Contents(metadata=new)).fields == ()


def test_long_lists_are_cut() -> None:
    """Two hundred paths are shown, and how many there are."""
    diff = compare_contents(Contents(), Contents(tuple(Member(f"x/{n}", 1, "a") for n in range(300))))
    assert (len(diff.added.shown), diff.added.total) == (200, 300)
