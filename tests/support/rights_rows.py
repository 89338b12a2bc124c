"""Rows of the table of rights: who may, what they ask, and what the others are told."""

from dataclasses import dataclass, replace
from datetime import timedelta

from tests.support.catalogue import wheel_name
from tests.support.rights import PERSONS, Actor, Request

from homeport.adapters.system import SystemClock

NEXT_WEEK = (SystemClock().now() + timedelta(days=7)).date().isoformat()
SIGNED_IN = PERSONS + Actor.ELSEWHERE
KEEPERS = "MO"
"""A maintainer, or an owner."""


@dataclass(frozen=True)
class Row:
    """Who may, and what they ask. ``refused`` is what those with an account are told who may not."""

    allowed: str
    request: Request
    refused: int = 403
    answered: int = 0
    """What those are told who may; 0 is any success."""
    is_hidden: bool = False
    """True when who has no role in the project is told that there is no such thing: numbers tell no names."""


def call(method: str, path: str, allowed: str, refused: int = 403, /, **body: object) -> tuple[str, Row]:
    """A row of the management API; ``path`` is filled in by the usual names."""
    return f"{method} /api/v1{path}", Row(allowed, Request(method, f"/api/v1{filled(path)}", body), refused)


def page(path: str, allowed: str, refused: int = 403) -> tuple[str, Row]:
    """A row of a page that is looked at."""
    return f"GET {path}", Row(allowed, Request("GET", filled(path)), refused)


def form(
    path: str, do: str, allowed: str, refused: int = 403, /, **fields: str | list[str]
) -> tuple[str, Row]:
    """A row of a button that is pressed."""
    sent = {"do": do, **fields} if do else fields
    return f"POST {path} {do}".strip(), Row(allowed, Request("POST", filled(path), fields=sent), refused)


def answered(status: int, row: tuple[str, Row]) -> tuple[str, Row]:
    """``row``, in which those who may are told why it does not go on."""
    return row[0], replace(row[1], answered=status)


def hidden(row: tuple[str, Row]) -> tuple[str, Row]:
    """``row``, which strangers to the project cannot tell from a number that nothing has."""
    return row[0], replace(row[1], is_hidden=True)


def about(last: str, row: tuple[str, Row]) -> tuple[str, Row]:
    """``row``, about another person or project than the usual one, named last in the path."""
    request = row[1].request
    path = f"{request.path.rpartition('/')[0]}/{last}"
    return row[0], replace(row[1], request=replace(request, path=path))


FILLED = {
    "{name}": "demo",
    "{version}": "1.0",
    "{user}": "zoe",
    "{id}": "1",
    "{item}": "1",
    "{project}": "demo",
    "{team}": "core",
    "{kind}": "drift",
    "{export}": "links.csv",
    "{filename}": wheel_name("demo", "1.0"),
    "{fingerprint}": "ab" * 20,
    "{file}": "events.csv",
    "{table}": "exemptions.csv",
    "{delivery}": "1",
}


def filled(path: str) -> str:
    """The path with the names of what there is."""
    if path.startswith(("/organisations/", "/manage/organisations/")):
        path = path.replace("{name}", "acme")
    if path.startswith(("/users/", "/admin/users/")):
        path = path.replace("{name}", "zoe")
    if path.startswith(("/hosts/", "/admin/hosts/")):
        path = path.replace("{name}", "files.example.org")
    for gap, name in FILLED.items():
        path = path.replace(gap, name)
    return path
