"""Member paths: what no archive may name, whoever unpacks it and on whatever system."""

from collections.abc import Callable

import pytest
from tests.support.archives import make_wheel
from tests.support.looks import WHEEL, codes, look

from homeport.domain.inspection import Verdict


def with_path(path: str) -> bytes:
    """A good wheel that holds and records one more file."""
    return make_wheel(files={path: b"x"})


HOSTILE: list[tuple[str, Callable[[], bytes], str, str]] = [
    ("NUL in a name", lambda: with_path("demo/a\0.py"), "path-hidden-characters", "C readers stop there"),
    ("ANSI in a name", lambda: with_path("demo/\x1b[2J.py"), "path-hidden-characters", "speaks to terminals"),
    ("newline in a name", lambda: with_path("demo/a\nb.py"), "path-hidden-characters", "a line of RECORD"),
    ("right-to-left", lambda: with_path("demo/\u202eyp.exe"), "path-hidden-characters", "looks other"),
    ("zero width", lambda: with_path("demo/a\u200b.py"), "path-hidden-characters", "looks the same"),
    ("slip", lambda: with_path("../evil.py"), "path-escapes", "written outside"),
    ("slip to a sibling", lambda: with_path("demo/../../demo-evil/x"), "path-escapes", "shares a prefix"),
    ("absolute", lambda: with_path("/etc/cron.d/x"), "path-absolute", "written outside"),
    ("drive", lambda: with_path("C:/windows/x"), "path-absolute", "written outside"),
    ("UNC", lambda: with_path("\\\\host\\share\\x"), "path-backslash", "written outside"),
    ("backslash", lambda: with_path("demo\\..\\..\\x"), "path-backslash", "written outside on Windows"),
    ("NTFS stream", lambda: with_path("demo/a.py:evil"), "path-not-portable", "hidden stream"),
    ("device name", lambda: with_path("demo/NUL.txt"), "path-not-portable", "a device on Windows"),
    ("device with digits", lambda: with_path("demo/com¹"), "path-not-portable", "a device on Windows"),
    ("trailing dot", lambda: with_path("demo/__init__.py."), "path-not-portable", "collides on Windows"),
    ("trailing blank", lambda: with_path("demo/__init__.py "), "path-not-portable", "collides on Windows"),
    ("case", lambda: with_path("demo/__INIT__.py"), "path-collision", "collides on Windows and macOS"),
    (
        "composition",
        lambda: make_wheel(files={"demo/\u00e9.py": b"a", "demo/e\u0301.py": b"b"}),
        "path-collision",
        "collides on macOS",
    ),
    (
        "file and folder",
        lambda: make_wheel(files={"demo/a": b"", "demo/a/b.py": b""}),
        "path-file-and-folder",
        "cannot be",
    ),
    (
        "folder then file",
        lambda: make_wheel(files={"demo/a/b.py": b"", "demo/A": b""}),
        "path-file-and-folder",
        "cannot be",
    ),
    ("double slash", lambda: with_path("demo//a.py"), "path-not-plain", "a second spelling"),
    ("dot segment", lambda: with_path("demo/./a.py"), "path-not-plain", "a second spelling"),
    ("empty name", lambda: with_path(""), "path-not-plain", "no name"),
    ("deep", lambda: with_path("d/" * 4000 + "x"), "path-too-deep", "exhausts a recursive reader"),
    ("long", lambda: with_path("d" * 401), "path-too-long", "cannot be written"),
]


@pytest.mark.parametrize(
    ("build", "code", "why"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_hostile_path_is_rejected(build: Callable[[], bytes], code: str, why: str) -> None:
    """A name that climbs, hides, collides or means something else elsewhere is a reject with its own code."""
    inspection = look(build(), WHEEL)
    assert inspection.verdict is Verdict.REJECT, why
    assert code in codes(inspection), inspection.findings
