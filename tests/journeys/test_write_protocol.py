"""The write protocol, step by step: killed before each of them, and in the order that ARCHITECTURE.md promises.

Each mistake of threats G-04 is planted, and must be found: in the order of what the index asks the kernel for, by a
kill, or by both. A fifth of ``HOMEPORT_KILLS`` is how often the sound index is killed, and from 200 on every mistake is
looked for by kills, too.
"""

import os
from pathlib import Path

import pytest
from tests.support.cut_off import HOSTED, cut_off, order_of, prepare, steps_of
from tests.support.mistakes import BY_A_KILL, MISTAKES, OUT_OF_ORDER

KILLS = int(os.environ.get("HOMEPORT_KILLS", "30"))
# Kills take their time: a short run makes them for what nothing else shows.
KILLED = [name for name in BY_A_KILL if KILLS >= 200 or name not in OUT_OF_ORDER]
pytestmark = [pytest.mark.journey, pytest.mark.kill, pytest.mark.timeout(180 + 2 * KILLS)]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where a file may be uploaded, and another one that was agreed to may be published."""
    folder = tmp_path_factory.mktemp("prepared") / "home"
    prepare(folder)
    return folder


@pytest.mark.parametrize("deed", HOSTED)
def test_every_step(prepared: Path, tmp_path: Path, deed: str) -> None:
    """Before whichever step it is killed, the home is whole, and what is done again comes through.

    The steps are spread evenly over the deed, the last among them; in a long run it is every one.
    """
    last = steps_of(prepared, tmp_path, deed)
    for kill_at in range(last, 0, -max(1, last * 5 // KILLS)):
        assert cut_off(prepared, tmp_path, deed, kill_at) == [], kill_at


WRITE_PROTOCOL = [
    "read the temporary file",  # by who judges it
    "sync the temporary file",
    "read the temporary file",
    "link the temporary file to the blob",
    "sync blobs/ab/cd",
    "sync blobs/ab",
    "sync blobs",
    "commit",
]
"""ARCHITECTURE.md, “How bytes become a file”."""


def test_the_order_of_a_write(prepared: Path, tmp_path: Path) -> None:
    """The bytes, then their name, then every folder on the way are on the disk before one transaction says so."""
    assert order_of(prepared, tmp_path, "upload") == WRITE_PROTOCOL


@pytest.mark.parametrize("name", OUT_OF_ORDER)
def test_finds_a_mistake_in_the_order(prepared: Path, tmp_path: Path, name: str) -> None:
    """What a kill may miss, because the kernel lives on, is seen in what the index asks of it."""
    assert order_of(prepared, tmp_path, "upload", MISTAKES[name]) != WRITE_PROTOCOL


@pytest.mark.parametrize("name", KILLED)
def test_finds_a_mistake_by_a_kill(prepared: Path, tmp_path: Path, name: str) -> None:
    """One kill before the right step shows what was planted; the last steps are tried first."""
    deed, words = BY_A_KILL[name]
    last = steps_of(prepared, tmp_path, deed, MISTAKES[name])
    found = (cut_off(prepared, tmp_path, deed, kill_at, MISTAKES[name]) for kill_at in range(last, 0, -1))
    problem = next(filter(None, found), None)
    assert problem is not None, f"{last} kills did not show that {name}"
    assert words in problem[0]
