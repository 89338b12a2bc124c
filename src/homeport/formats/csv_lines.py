"""What was told in JSON, as comma-separated values for spreadsheets (RFC 4180).

A cell that a spreadsheet would take for a formula gets an apostrophe before it: what stands in it comes from outside, or is
what somebody wrote.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO

# Also after a blank that is dropped, and in the full width of East Asian scripts, which spreadsheets read alike.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_lines(columns: Sequence[str], pieces: Iterable[Iterable[Mapping[str, object]]]) -> Iterator[str]:
    """Objects, a line each, below the names of the ``columns``; piece by piece."""
    yield _lines([columns])
    for told in pieces:
        yield _lines([_cell(one[name]) for name in columns] for one in told)


def _lines(rows: Iterable[Sequence[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    text = _text(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _text(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={told}" for name, told in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
