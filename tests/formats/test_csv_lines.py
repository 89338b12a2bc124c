"""What was told in JSON as comma-separated values: one text for each kind of value, and none that a spreadsheet would run."""

import csv
from io import StringIO

import pytest

from homeport.formats.csv_lines import csv_lines


def cell(value: object) -> str:
    """What a spreadsheet reads where ``value`` was told."""
    lines = list(csv.reader(StringIO("".join(csv_lines(["told"], [[{"told": value}]])), newline="")))
    return lines[1][0] if lines[1] else ""


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (-7, "-7"),
        ("a,\nb", "a,\nb"),
        (["a", 1], "a, 1"),
        ({"md5": "0", "sha256": "1"}, "md5=0 sha256=1"),
    ],
)
def test_every_kind_of_value(value: object, read: str) -> None:
    """Numbers stay numbers; lists and maps become one cell."""
    assert cell(value) == read


@pytest.mark.parametrize(
    "begin", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_no_formula(begin: str) -> None:
    """Whatever a cell is made of, it begins with an apostrophe where it would be a formula."""
    text = f"{begin}1+1"
    assert [cell(value) for value in (text, [text], {text: "x"})] == [f"'{text}", f"'{text}", f"'{text}=x"]
