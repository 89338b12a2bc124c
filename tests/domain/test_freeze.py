"""Freezes: what they cover, and what is said of them."""

from datetime import UTC, datetime

import pytest

from homeport.domain.freeze import Freeze, frozen_reason, objection, told_frozen
from homeport.domain.names import ReleaseVersion

AT = datetime(2026, 3, 4, tzinfo=UTC)
WHEEL = "demo-1.0-py3-none-any.whl"
FILE = Freeze(1, "demo", "1.0", WHEEL, "A virus.", "root", AT)
RELEASE = Freeze(2, "demo", "2.0", "", "A key.", "root", AT)


def version(text: str) -> ReleaseVersion:
    """The version of that text."""
    return ReleaseVersion.parse(text)


@pytest.mark.parametrize(
    ("text", "filename", "is_frozen"),
    [
        ("1.0", WHEEL, True),
        ("1", "Demo-1-py3-none-any.whl", True),
        ("1.0", "demo-1.0-py2.py3-none-any.whl", False),
        ("1.0", "demo-1.0.tar.gz", False),
        ("1.0", "", False),
        ("2.0", "demo-2.0.tar.gz", True),
        ("2.0.0", "", True),
        ("2.1", "", False),
    ],
)
def test_what_is_covered(text: str, filename: str, *, is_frozen: bool) -> None:
    """A file in any spelling of its name, and everything of a release in any spelling of its version."""
    refusal = objection([FILE, RELEASE], version(text), filename)
    assert (refusal is not None) is is_frozen
    if refusal:
        assert refusal.code == "frozen"
        assert ("A virus." if text.startswith("1") else "A key.") in refusal.sentence


def test_what_is_said() -> None:
    """A freeze names what it is about, and everybody is told why."""
    assert (FILE.what, RELEASE.what, FILE.is_live) == (WHEEL, "demo 2.0", True)
    assert told_frozen("demo 2.0", "A key.") == (
        "demo 2.0 is frozen: an administrator of this index keeps it from being served. A key."
    )
    assert frozen_reason([FILE, RELEASE], version("1.0"), WHEEL) == "A virus."
    assert frozen_reason([FILE, RELEASE], version("2")) == "A key."
    assert frozen_reason([FILE, RELEASE], version("1.0")) == ""
