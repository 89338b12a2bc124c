"""Names of new projects: who gets which, and what is told."""

import sys
from itertools import product

import pytest
from hypothesis import given
from hypothesis.strategies import data, from_regex, sampled_from

from homeport.domain.errors import Conflict, Invalid
from homeport.domain.name_policy import ReservedNames, new_name_refusal
from homeport.domain.names import ProjectName
from homeport.domain.stdlib_names import STDLIB_NAMES

LIST = """
# ours
acme           # the company
Acme-*
data.lake-*
 homeport
"""
RESERVED = ReservedNames.parse(LIST)
SWAPS = {"1": "1liIL", "l": "1liIL", "i": "1liIL", "o": "oO0", "0": "oO0"}


def code_of(name: str, reserved: ReservedNames = RESERVED, other: str = "", *, may_name: bool = True) -> str:
    """The code of the refusal; empty when the name is given."""
    found = ProjectName.parse(other) if other else None
    refusal = new_name_refusal(ProjectName.parse(name), reserved, found, may_name_other=may_name)
    return refusal.code if refusal else ""


@pytest.mark.parametrize(
    "name", ["json", "JSON", "os", "asyncio", "tomllib", "distutils", "test", "py_compile"]
)
def test_v49_names_of_modules(name: str) -> None:
    """V49: what ``import`` finds in the standard library of any Python is nobody's project, however it is spelled."""
    assert code_of(name) == "name-of-stdlib"


@pytest.mark.parametrize("name", ["json5", "os-path", "tomli", "pip", "thread"])
def test_other_names_are_free(name: str) -> None:
    """A name that imports nothing of the standard library is given."""
    assert code_of(name) == ""


def test_the_list_holds_for_every_python() -> None:
    """Modules that came or went between 3.8 and 3.14 are all there, and all of this Python's."""
    assert {"binhex", "distutils", "graphlib", "tomllib", "annotationlib", "concurrent"} <= STDLIB_NAMES
    public = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    assert {ProjectName.parse(name).normalized for name in public} <= STDLIB_NAMES


@pytest.mark.parametrize(
    "name",
    ["acme", "ACME", "ac-me", "acme-tools", "Acme_x", "data-lake.one", "homeport", "h0meport", "home_port"],
)
def test_v49_reserved_names(name: str) -> None:
    """V49: names on the list, what looks like them, and names with a reserved beginning are kept."""
    assert code_of(name) == "name-reserved"
    assert code_of(name, ReservedNames()) == ""


@pytest.mark.parametrize("name", ["acmetools", "my-acme", "data-lake", "datalake-one", "homeports"])
def test_names_beside_the_list(name: str) -> None:
    """A beginning reserves what follows its hyphen, and no more."""
    assert code_of(name) == ""


def test_a_wrong_list_is_told_line_by_line() -> None:
    """Every line that is no name is told with its number; comments and blank lines are none."""
    with pytest.raises(Invalid) as refused:
        ReservedNames.parse("ok\n\n-bad\n# fine\nalso bad\n*\n-*\nfine-*")
    assert refused.value.code == "reserved-names-invalid"
    assert [problem.partition(":")[0] for problem in refused.value.problems] == [
        "line 3",
        "line 5",
        "line 6",
        "line 7",
    ]


@given(data(), from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True))
def test_v50_look_alikes_are_one_form(picked: object, name: str) -> None:
    """V50: whatever a careless reader confuses, in any combination, has one form (T-15)."""
    drawn = picked  # a name apart from it only by what looks alike
    other = "".join(drawn.draw(sampled_from(SWAPS.get(letter, letter))) for letter in name)  # type: ignore[attr-defined]
    other = other.replace("-", drawn.draw(sampled_from(["-", "_", ".", ""])))  # type: ignore[attr-defined]
    assert ProjectName.parse(other).look_alike == ProjectName.parse(name).look_alike


def test_t15_five_hundred_pairs() -> None:
    """More than five hundred spellings of one name are all taken for it, and none of them for another."""
    spellings = {
        "".join(pick) for pick in product("1lI", "o0O", "1iL", "oO0", "l1i", ("", "-", "_", "."), "x")
    }
    forms = {ProjectName.parse(spelling).look_alike for spelling in spellings}
    assert len(spellings) > 500
    assert forms == {ProjectName.parse("lolol-x").look_alike}
    assert ProjectName.parse("lolol-y").look_alike not in forms


def test_v50_the_other_project_is_named_where_it_may_be() -> None:
    """V50: the refusal says which project it is taken for, but not one that the reader may know nothing of."""
    name, other = ProjectName.parse("f00"), ProjectName.parse("Foo")
    told = new_name_refusal(name, RESERVED, other, may_name_other=True)
    hidden = new_name_refusal(name, RESERVED, other, may_name_other=False)
    assert isinstance(told, Conflict)
    assert isinstance(hidden, Conflict)
    assert (told.code, hidden.code) == ("name-look-alike", "name-look-alike")
    assert "the project Foo" in told.sentence
    assert "Foo" not in hidden.sentence
    assert "too similar to one that is taken" in hidden.sentence
