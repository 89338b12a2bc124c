"""Everything is rendered anew after the way of rendering has changed, and only then."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.fake_store import FakeStore, FakeTransaction
from tests.support.fake_tables import Tables
from tests.support.invariants import broken
from tests.support.project_lists import stored_list
from tests.support.world import Fakes, add_person, add_project, fake_world

from homeport.domain.account import Caller
from homeport.domain.index_page import RENDERING
from homeport.domain.project import ProjectStatus
from homeport.flows import render_everything as module
from homeport.flows.change_status import change_status
from homeport.flows.render_everything import render_everything


class Stopped(Exception):  # noqa: N818 - thrown to see what is left
    """The process ends here."""


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of seven projects, one of them quarantined, whose pages were never rendered by today's rendering."""
    with fake_world(tmp_path) as fakes:
        owner, admin = add_person(fakes.world, "ada"), Caller(add_person(fakes.world, "root", is_admin=True))
        for number in range(7):
            add_project(fakes.world, owner, f"p{number}")
        change_status(fakes.world, admin, "p3", ProjectStatus.QUARANTINED, "looks like another")
        forget(fakes.store)
        yield fakes


def forget(store: FakeStore) -> None:
    """What was rendered is gone, as after an upgrade of the schema."""
    tables = store.committed.snapshot()
    tables.pages, tables.segments, tables.facts = {}, {("old", "json"): b"old"}, {"rendering": RENDERING - 1}
    store.committed = tables


def test_every_page_and_the_list(fakes: Fakes) -> None:
    """All pages are as their projects are, the list names who is listed, and the rendering is remembered."""
    serials = {one.id: one.serial for one in fakes.store.committed.projects.values()}
    render_everything(fakes.store)
    assert broken(fakes) == []
    assert {one.id: one.serial for one in fakes.store.committed.projects.values()} == serials
    assert fakes.store.committed.pages["p2", "json"].serial == serials[3]
    assert [one.name for one in stored_list(fakes.store)] == ["p0", "p1", "p2", "p4", "p5", "p6"]
    with fakes.store.read() as tx:
        assert tx.pages.rendering() == RENDERING


@pytest.mark.parametrize("at_once", [1, 3, 7, 8])
def test_some_at_a_time(fakes: Fakes, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """However many are rendered in one transaction, none is forgotten, and no transaction is longer than that."""
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    counts = count_pages(fakes, monkeypatch)
    render_everything(fakes.store)
    assert broken(fakes) == []
    assert sum(counts) == 14
    assert max(counts) <= 2 * at_once


def test_nothing_happens_twice(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is of today's rendering is left as it is, without a write."""
    render_everything(fakes.store)
    before = fakes.store.committed

    def refuse() -> None:
        raise AssertionError("nothing is written")

    monkeypatch.setattr(fakes.store, "write", refuse)
    render_everything(fakes.store)
    assert fakes.store.committed is before


def test_rendering_anew_changes_no_byte(fakes: Fakes) -> None:
    """Equal projects give equal pages: another rendering of the same leaves every tag as it was (H18)."""
    render_everything(fakes.store)
    before = fakes.store.committed
    forget(fakes.store)
    render_everything(fakes.store)
    assert fakes.store.committed == before


def test_a_rendering_that_was_cut_off_begins_again(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are not said to be of today's rendering before all are; the next start does what is left."""
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    with monkeypatch.context() as cut:
        cut.setattr(module, "render_whole_list", stop)
        with pytest.raises(Stopped):
            render_everything(fakes.store)
    assert len(fakes.store.committed.pages) == 14
    with fakes.store.read() as tx:
        assert tx.pages.rendering() == RENDERING - 1
    render_everything(fakes.store)
    assert broken(fakes) == []


def test_an_index_without_projects(tmp_path: Path) -> None:
    """A new index gets its empty list."""
    with fake_world(tmp_path) as fakes:
        render_everything(fakes.store)
        assert stored_list(fakes.store) == []
        assert fakes.store.committed.facts == {"rendering": RENDERING}


def stop(tx: FakeTransaction) -> None:
    """End here, with the transaction open."""
    raise Stopped


def count_pages(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pages each transaction puts."""
    counts: list[int] = []
    over = FakeTransaction.over

    def counted(tables: Tables, *, sends_mail: bool) -> FakeTransaction:
        tx = over(tables, sends_mail=sends_mail)
        put = tx.pages.put

        def noted(*page: object) -> None:
            counts[-1] += 1
            put(*page)  # type: ignore[arg-type]

        counts.append(0)
        monkeypatch.setattr(tx.pages, "put", noted)
        return tx

    monkeypatch.setattr(FakeTransaction, "over", counted)
    return counts
