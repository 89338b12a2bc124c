"""The checks of standards F.1 to F.9, as far as V28, by their ids, and whether each is named by a test that runs a real index."""

import ast
import re
from pathlib import Path

JOURNEYS = Path(__file__).parents[1]
LAST = {"r": 16, "n": 23, "j": 26, "h": 18, "f": 21, "q": 11, "s": 16, "w": 38, "v": 28}
CHECKS = {f"{letter}{number:02}" for letter, last in LAST.items() for number in range(1, last + 1)}
CHECKS |= {f"v{number}" for number in (49, 50, 51, 52, 53, 54)}
# Of Upload 2.0 (F.15) only this one needs installers; the others are tested at the door.
CHECKS |= {"u13"}
# An id stands between underscores in a test's name; ``j01_to_j16`` names those between only in passing.
NAMED = re.compile(r"(?<=_)(?:[a-z]\d\d_to_[a-z]\d\d|([a-z]\d\d))(?=_|$)")


def names_in(file: Path) -> list[str]:
    """The names of the test functions at the top of a module."""
    functions = (node for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef))
    return [function.name for function in functions if function.name.startswith("test_")]


def named() -> set[str]:
    """Every id that a journey's name names."""
    names = [name for file in JOURNEYS.rglob("test_*.py") for name in names_in(file)]
    return {check for name in names for check in NAMED.findall(name) if check}


def test_every_check_has_its_test() -> None:
    """No check is without a test of its own, and no test names a check that does not exist."""
    assert sorted(CHECKS - named()) == []
    assert sorted(named() - CHECKS) == []


def test_names_are_read() -> None:
    """An id counts when it stands alone; a range, a longer number and a word do not."""
    assert NAMED.findall("test_n15_n19_nothing_fits") == ["n15", "n19"]
    assert [found for found in NAMED.findall("test_j01_to_j16_r031_as_s1_h04x") if found] == []
