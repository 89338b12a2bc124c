"""The lab: every known way to make a crawler speak to what it must not, tried over real sockets and real look-ups.

It needs namespaces of its own, as root or where users may make them; elsewhere it is skipped, and ``make lab``
(``HOMEPORT_LAB=required``) fails.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.lab.inside import NO_GROUND
from tests.lab.vectors import CONTROLS, FURTHER, NUMBERED, Vector

pytestmark = pytest.mark.journey

ROOT = Path(__file__).parents[2]
IN_NAMESPACES = ("unshare", "--map-root-user", "--net", "--mount")
# G-20: a lab in which careless clients do not leak proves nothing about careful ones.
NAIVE_LEAKS, IS_PRIVATE_LEAKS = 80, 35


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    """What every client's tries came to."""
    try:
        subprocess.run([*IN_NAMESPACES, "true"], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return _none(f"no namespaces can be made here: {getattr(error, 'stderr', '') or error}")
    program = [*IN_NAMESPACES, sys.executable, "-m", "tests.lab.inside"]
    ran = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode == NO_GROUND:
        return _none(f"a network of its own cannot be laid out here: {ran.stderr}")
    assert (ran.returncode, ran.stderr) == (0, "")
    result: dict[str, Any] = json.loads(ran.stdout)
    return result


def _none(why: str) -> dict[str, Any]:
    if os.environ.get("HOMEPORT_LAB") == "required":
        pytest.fail(f"the lab was asked for, and {why}")
    pytest.skip(why)


@pytest.mark.parametrize("vector", [*NUMBERED, *FURTHER, *CONTROLS], ids=lambda vector: vector.id)
def test_nothing_inside_is_spoken_to(seen: dict[str, Any], vector: Vector) -> None:
    """Not one packet goes where it must not, and the fetch ends as the vector says; public sites are reached."""
    assert seen["ours"][vector.id] == {"ended": vector.ends, "leaks": []}, vector.technique


def test_rebinding_never_wins(seen: dict[str, Any]) -> None:
    """A name that turns with every look-up never gets a packet inside, however often it is tried."""
    assert seen["rebinding"] == []


def test_answers_over_tcp_are_read(seen: dict[str, Any]) -> None:
    """Truncated answers were asked for again, so that the vectors behind them were really tried."""
    assert seen["over_tcp"] >= 2


@pytest.mark.parametrize(("client", "leaks"), [("naive", NAIVE_LEAKS), ("is_private", IS_PRIVATE_LEAKS)])
def test_the_lab_has_teeth(seen: dict[str, Any], client: str, leaks: int) -> None:
    """Clients as people write them are caught, on as many vectors as were measured elsewhere."""
    leaked = [vector for vector, came in seen[client].items() if came["leaks"]]
    assert len(leaked) >= leaks


def test_the_numbered_set_is_whole() -> None:
    """There are 102 numbered vectors, and each technique has its own name."""
    assert [vector.id for vector in NUMBERED] == [f"V{number:02}" for number in range(102)]
    techniques = [vector.technique for vector in (*NUMBERED, *FURTHER, *CONTROLS)]
    assert len(set(techniques)) == len(techniques)
