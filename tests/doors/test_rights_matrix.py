"""Who may do what: every route and method there is, asked by everybody there is (G-27).

1. A row says who may. Everybody else gets the answer that they deserve, and leaves nothing in the ledger.
2. A route without its row fails, and so does a row without its route. Rows are in ``tests.support.rights_calls``
   and ``tests.support.rights_pages``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from tests.support.api_door import Told
from tests.support.rights import Actor, Doors, Prepared, Request, doors, prepared
from tests.support.rights_calls import API
from tests.support.rights_pages import OPEN, PAGES
from tests.support.rights_rows import KEEPERS, Row

BAD = 400


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The index before anybody asks."""
    return prepared(tmp_path_factory.mktemp("rights") / "state")


@pytest.fixture(scope="module")
def untouched(state: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The doors at which those ask who may not: nothing changes there."""
    with doors(state, tmp_path_factory.mktemp("rights") / "untouched") as opened:
        yield opened


@dataclass(frozen=True)
class Door:
    """How one door is asked, and how it refuses; ``strangers`` show nothing that it knows."""

    ask: Callable[[Doors, Actor, Request], Told]
    strangers: frozenset[Actor]
    asks_to_sign_in: Callable[[Told], bool]

    def refuses(self, actor: Actor, row: Row, told: Told) -> bool:
        """True when ``told`` is what the row wants for those who may not."""
        if actor in self.strangers:
            return self.asks_to_sign_in(told)
        # A token that is for something else is told so, before it is said what there is.
        refused = 404 if row.is_hidden and actor not in KEEPERS else row.refused
        return told.status in ({refused, 403} if actor is Actor.ELSEWHERE else {refused})


def leads_to_sign_in(told: Told) -> bool:
    """True for a redirect to the form."""
    return told.status == 303 and told.headers["location"].startswith("/sign-in/?next=")


PROGRAMS = Door(Doors.api, frozenset({Actor.ANONYMOUS, Actor.EXPIRED}), lambda told: told.status == 401)
BROWSERS = Door(Doors.page, frozenset({Actor.ANONYMOUS, Actor.EXPIRED, Actor.ELSEWHERE}), leads_to_sign_in)


def wrongs(row: Row, door: Door, state: Prepared, untouched: Doors, scratch: Path) -> list[str]:
    """What was answered otherwise than the row says."""
    found, before = [], untouched.serial()
    for actor in Actor:
        if actor in row.allowed:
            with doors(state, scratch / actor.name) as own:
                told = door.ask(own, actor, row.request)
            if told.status != row.answered if row.answered else told.status >= BAD:
                found.append(f"{actor.name} may, and was told {told.status} {told.text[:300]}")
            continue
        told = door.ask(untouched, actor, row.request)
        if not door.refuses(actor, row, told):
            found.append(f"{actor.name} may not, and was told {told.status} {told.text[:300]}")
    if untouched.serial() != before:
        found.append("who may not left something in the ledger")
    return found


@pytest.mark.parametrize("name", API)
def test_calls(name: str, state: Prepared, untouched: Doors, tmp_path: Path) -> None:
    """A call is answered to who may, and to nobody else."""
    assert "\n".join(wrongs(API[name], PROGRAMS, state, untouched, tmp_path)) == ""


@pytest.mark.parametrize("name", PAGES)
def test_pages(name: str, state: Prepared, untouched: Doors, tmp_path: Path) -> None:
    """A page is shown, and a form taken, from who may; who is not signed in is asked to."""
    assert "\n".join(wrongs(PAGES[name], BROWSERS, state, untouched, tmp_path)) == ""


def test_every_route_has_its_row(untouched: Doors) -> None:
    """Whoever adds a route says here who may ask for it."""
    there = {f"{method} {path}" for method, path in routes(untouched.app)}
    rows = {" ".join(name.split(" ")[:2]) for name in (*API, *PAGES)}
    assert there - rows - OPEN == set(), "routes without a row"
    assert (rows | OPEN) - there == set(), "rows without a route"


def routes(app: Starlette) -> Iterator[tuple[str, str]]:
    """Every method and path."""
    for route in app.routes:
        assert isinstance(route, Route)
        for method in route.methods or ():
            if method != "HEAD":
                yield method, route.path
