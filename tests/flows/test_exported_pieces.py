"""Long lists of administrators: read in pieces that are bounded, each by itself, however long the list is."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from tests.support.world import Fakes, add_person, add_project, fake_world

from homeport.domain.account import Caller
from homeport.domain.errors import Forbidden
from homeport.domain.hosting import HostingMode
from homeport.domain.rehost import Purpose
from homeport.domain.removal_request import RemovalRequest
from homeport.flows import bounces, policies, removal_requests
from homeport.flows.survey import show
from homeport.ports.store import Transaction
from homeport.ports.world import World

Every = Callable[[World, Caller], Iterator[Sequence[Any]]]
LISTS: list[tuple[object, str, Every, Callable[[Any], object], list[object]]] = [
    (show, "_COUNTED_AT_ONCE", show.every_survey, lambda view: view.survey.id, [3, 2, 1]),
    (policies, "AT_ONCE", policies.every_decision, lambda one: one.revision, [3, 2, 1]),
    (removal_requests, "AT_ONCE", removal_requests.every_request, lambda one: one.reason, ["c", "b", "a"]),
    (bounces, "AT_ONCE", bounces.every_unreachable, lambda one: one[0].name, ["a", "b", "c"]),
]


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """An index whose every list has three lines."""
    with fake_world(tmp_path) as fakes:
        people = [add_person(fakes.world, name) for name in "abc"]
        project = add_project(fakes.world, people[0], "demo", HostingMode.CACHE)
        now = fakes.clock.now()
        with fakes.world.store.write() as tx:
            rehost = tx.rehosts.add(project.id, Purpose.HISTORY, "", by="a", at=now, metadata=None)
            for person in people:
                tx.surveys.add(None, by=person.name, at=now)
                tx.policies.put(tx.policies.current(), by="root", reason="Why.", at=now)
                tx.users.put_mail_problem(person.id, "550", now)
                tx.removal_requests.add(
                    RemovalRequest(0, project.id, "demo", rehost.id, ("demo.zip",), person.name, "a", now)
                )
        yield fakes


@pytest.mark.parametrize(("module", "bound", "every", "told", "expected"), LISTS)
def test_a_piece_at_a_time(
    fakes: Fakes,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    bound: str,
    every: Every,
    told: Callable[[Any], object],
    expected: list[object],
) -> None:
    """Each goes on behind the one before, none is read before it is asked for, and nobody else gets any."""
    monkeypatch.setattr(module, bound, 2)
    reads, read = list[AbstractContextManager[Transaction]](), fakes.store.read

    def counted() -> AbstractContextManager[Transaction]:
        reads.append(read())
        return reads[-1]

    monkeypatch.setattr(fakes.store, "read", counted)
    pieces = every(fakes.world, Caller(add_person(fakes.world, "root", is_admin=True)))
    before = len(reads)
    first = next(pieces)
    assert (list(map(told, first)), len(reads) - before) == (expected[:2], 1)
    assert [list(map(told, piece)) for piece in pieces] == [expected[2:]]
    with pytest.raises(Forbidden):
        every(fakes.world, Caller(add_person(fakes.world, "eve")))
