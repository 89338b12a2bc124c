"""Member paths: honest names in every script are accepted, up to the very limits (G-15)."""

import pytest
from tests.support.archives import make_sdist, make_wheel
from tests.support.looks import SDIST, WHEEL, codes, look

from homeport.domain.inspection import Verdict
from homeport.formats.archive.paths import MAX_DEPTH, MAX_PATH_BYTES


@pytest.mark.parametrize(
    "path",
    [
        "demo/ünï.py",
        "demo/文書/読む.txt",
        "demo/عربي.txt",
        "demo/हिन्दी.txt",
        "demo/☀\ufe0f.svg",
        "demo/a b.txt",
        "demo/.hidden",
        "demo/~backup~",
        "demo/auxiliary.py",
        "demo/com10.txt",
        "demo/console.py",
        "demo/a,b;c=d&e+f@g!.txt",
        "demo/..data/x",
        f"demo/{'é' * 197}",
        f"{'d/' * (MAX_DEPTH - 1)}x",
    ],
)
def test_honest_path_is_accepted(path: str) -> None:
    """Scripts of the world, emoji, punctuation, names that only look like devices, and the very limits are fine."""
    assert len(path.encode()) <= MAX_PATH_BYTES
    assert look(make_wheel(files={path: b"x"}), WHEEL).findings == ()


@pytest.mark.parametrize(
    "path", ["demo/what?.txt", "demo/*.py", "demo/a<b>.txt", 'demo/"quoted"', "demo/a|b"]
)
def test_path_that_windows_cannot_write_informs(path: str) -> None:
    """Where nothing can be misread, people on Windows are thought of with a word only."""
    inspection = look(make_wheel(files={path: b"x"}), WHEEL)
    assert (codes(inspection), inspection.verdict) == ({"path-not-on-windows"}, Verdict.ACCEPT)


def test_many_files_in_many_folders_are_accepted() -> None:
    """Folders that exist because files lie in them collide with nothing."""
    files = {f"pkg/{a}/{b}.py": b"" for a in range(20) for b in range(20)}
    assert look(make_sdist(files=files), SDIST).findings == ()
