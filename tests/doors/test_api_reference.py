"""The page about the API names what each call of it asks for, as the API describes itself."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.api_door import ApiDoor, api_door

REFERENCE = Path(__file__).parent.parent.parent / "docs" / "reference" / "http.md"
_ROW = re.compile(r"\| `(?P<call>[A-Z]+) /api/v1(?P<path>/[^` ?]*)`[^|]*\|(?P<body>[^|]*)\|", re.MULTILINE)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ApiDoor]:
    """An index with its API."""
    with api_door(tmp_path) as opened:
        yield opened


def asked_for(operation: dict[str, Any]) -> set[str]:
    """The names of what a call's body, or its query, may hold."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    query = (one["name"] for one in operation.get("parameters", ()) if one["in"] == "query")
    return {*body.get("properties", {}), *query}


def test_every_field_of_a_call_is_named(door: ApiDoor) -> None:
    """A row of the page leaves out nothing that its call asks for, and is about a call that there is."""
    described = door.call("GET", "/openapi.json", {}).json["paths"]
    shapes = {re.sub(r"\{\w+\}", "{}", path): calls for path, calls in described.items()}
    unnamed, rows = {}, 0
    for row in _ROW.finditer(REFERENCE.read_text()):
        path, rows = re.sub(r"<\w+>", "{}", row["path"]), rows + 1
        if path in {"/openapi.json", "/hosting-log"}:
            continue
        left = asked_for(shapes[path][row["call"].lower()]) - set(re.findall(r"`(\w+)`", row["body"]))
        if left and row["body"].strip() != "as for adding":
            unnamed[row["path"]] = left
    assert unnamed == {}
    assert rows > 50
