"""Lists as files to keep: which there are, and JSON that is written piece by piece."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from homeport.domain.errors import NotFound
from homeport.web.page import Download

CSV, JSON = "text/csv; charset=utf-8", "application/json"


def export(
    asked: str, stem: str, csv: Callable[[], Iterator[str]], rows: Callable[[], Iterable[dict[str, Any]]]
) -> Download:
    """``stem``.csv or ``stem``.json, whichever is asked for by its name."""
    if asked == f"{stem}.csv":
        return Download(asked, CSV, csv())
    if asked == f"{stem}.json":
        return Download(asked, JSON, json_list(rows()))
    raise NotFound(f"There is no such file: there are {stem}.csv and {stem}.json.", code="page-unknown")


def json_list(values: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A JSON list, one value at a time."""
    separator = "["
    for value in values:
        yield separator + json.dumps(value)
        separator = ",\n"
    yield "]" if separator != "[" else "[]"
