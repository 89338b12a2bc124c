"""What a survey saw, as comma-separated values for spreadsheets (RFC 4180).

A cell that a spreadsheet would take for a formula gets an apostrophe before it: what stands in it comes from outside.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from homeport.domain.survey import Link, Look
from homeport.formats.survey_json import link_json, look_json

LOOK_COLUMNS = (
    "project",
    "class",
    "hosted_files",
    "external_files",
    "hashed_files",
    "dead_files",
    "links",
    "problem",
    "looked_at",
)
LINK_COLUMNS = (
    "project",
    "filename",
    "version",
    "url",
    "host",
    "found_on",
    "source",
    "seen_by",
    "claimed",
    "tls",
    "hosted_here",
    "reach",
    "status",
    "size",
    "code",
    "problem",
    "checked",
)
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def looks_csv(pieces: Iterable[Iterable[Look]]) -> Iterator[str]:
    """Projects, a line each, below the names of the columns; piece by piece."""
    yield _lines([LOOK_COLUMNS])
    for looks in pieces:
        told = (look_json(look) for look in looks)
        yield _lines([_cell(one[name]) for name in LOOK_COLUMNS] for one in told)


def links_csv(pieces: Iterable[Iterable[tuple[str, Link]]]) -> Iterator[str]:
    """Links with their projects, a line each, below the names of the columns; piece by piece."""
    yield _lines([LINK_COLUMNS])
    for links in pieces:
        told = (link_json(project, link) for project, link in links)
        yield _lines([_cell(one[name]) for name in LINK_COLUMNS] for one in told)


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
    if isinstance(value, dict):
        return " ".join(f"{name}={digest}" for name, digest in value.items())
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text
