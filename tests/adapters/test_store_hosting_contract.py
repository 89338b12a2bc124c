"""The contract of ``ports.hosting``: exemptions, what is due, and the lines of the log; by fake and SQLite."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.dialects import sqlite
from tests.support.fake_store import FakeStore
from tests.support.world import real_world, set_status

from homeport.adapters.db.driver import connect_raw, sqlite_file
from homeport.adapters.db.hosting import lines_query
from homeport.adapters.db.store import SqlStore
from homeport.domain.errors import Conflict
from homeport.domain.exemption import Standing
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.hosting_log import Event, HostingLine
from homeport.domain.names import ProjectName
from homeport.domain.project import Project, ProjectStatus
from homeport.ports.hosting import ExemptionFilter
from homeport.ports.store import Store, Transaction

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
DAY = timedelta(days=1)
UNTIL = date(2026, 12, 31)


def add_projects(store: Store, *names: str) -> list[Project]:
    """Projects in pypi-ext."""
    with store.write() as tx:
        return [tx.projects.add(ProjectName.parse(name), HostingMode.EXT, NOW) for name in names]


def test_an_exemption_is_remembered_whole(store: FakeStore | SqlStore) -> None:
    """What is added and changed is found, every field of it; a project has one that did not end, at most."""
    (project,) = add_projects(store, "Demo")
    with store.write() as tx:
        assert tx.exemptions.live(project.id) is None
        given = tx.exemptions.add(project.id, "Large.", UNTIL, by="root", at=NOW, reminded=30)
        assert (given.project, given.reason, given.until) == ("demo", "Large.", UNTIL)
        assert (given.by, given.at, given.reminded, given.ended_at) == ("root", NOW, 30, None)
        assert tx.exemptions.live(project.id) == given
        with pytest.raises(Conflict):
            tx.exemptions.add(project.id, "Again.", UNTIL, by="root", at=NOW)
        longer = replace(given, until=UNTIL + DAY, reason="Larger.", by="eve", reminded=None)
        tx.exemptions.put(longer)
        assert tx.exemptions.live(project.id) == longer
        ended = replace(longer, ended_at=NOW + DAY, ended_by=Mover.CLOCK)
        tx.exemptions.put(ended)
        assert tx.exemptions.live(project.id) is None
        second = tx.exemptions.add(project.id, "", None, by="", at=NOW)
    with store.read() as tx:
        assert list(tx.exemptions.every(ExemptionFilter(), limit=9)) == [second, ended]


def test_what_is_due_comes_in_order(store: FakeStore | SqlStore) -> None:
    """The day decides; what is quarantined, ended, or has no end, waits."""
    first, second, third, endless, ended = add_projects(store, "first", "second", "third", "endless", "ended")
    with store.write() as tx:
        for number, project in enumerate((first, second, third)):
            tx.exemptions.add(project.id, "", UNTIL - number * DAY, by="root", at=NOW, reminded=7)
        tx.exemptions.add(endless.id, "", None, by="root", at=NOW)
        over = tx.exemptions.add(ended.id, "", UNTIL, by="root", at=NOW)
        tx.exemptions.put(replace(over, ended_at=NOW, ended_by=Mover.OWNER))

    def due(tx: Transaction, today: date, limit: int = 9) -> list[str]:
        return [one.project for one in tx.exemptions.due(today, limit=limit)]

    with store.read() as tx:
        assert due(tx, UNTIL - 3 * DAY) == []
        assert due(tx, UNTIL - DAY) == ["third", "second"]
        assert due(tx, UNTIL) == ["third", "second", "first"]
        assert due(tx, UNTIL, limit=1) == ["third"]
    set_status(store, second, ProjectStatus.QUARANTINED)
    with store.read() as tx:
        assert due(tx, UNTIL) == ["third", "first"]


def test_exemptions_are_asked_for(store: FakeStore | SqlStore) -> None:
    """By project, standing and end, a page at a time."""
    dated, endless, ended = add_projects(store, "dated", "endless", "ended")
    with store.write() as tx:
        for project in (dated, ended):
            one = tx.exemptions.add(project.id, "", UNTIL, by="root", at=NOW)
        tx.exemptions.put(replace(one, ended_at=NOW, ended_by=Mover.ADMIN))
        tx.exemptions.add(endless.id, "", None, by="", at=NOW)

    def found(wanted: ExemptionFilter, limit: int = 9) -> list[str]:
        return [one.project for one in tx.exemptions.every(wanted, limit=limit)]

    with store.read() as tx:
        live = tx.exemptions.live_of({one.id for one in (dated, endless, ended)})
        assert dict(live) == {one.id: tx.exemptions.live(one.id) for one in (dated, endless)}
        assert dict(tx.exemptions.live_of({ended.id})) == {}
        assert found(ExemptionFilter()) == ["endless", "ended", "dated"]
        assert found(ExemptionFilter("dated")) == ["dated"]
        for standing, name in zip(Standing, ("dated", "endless", "ended"), strict=True):
            assert found(ExemptionFilter(standing=standing)) == [name]
        assert found(ExemptionFilter(ends_by=UNTIL)) == ["dated"]
        assert found(ExemptionFilter(ends_by=UNTIL - DAY)) == []
        assert found(ExemptionFilter(), limit=1) == ["endless"]
        newest = tx.exemptions.every(ExemptionFilter(), limit=1)[0]
        assert found(ExemptionFilter(before=newest.id)) == ["ended", "dated"]


def line(serial: int, project: str) -> HostingLine:
    """A line with every field."""
    return HostingLine(
        serial,
        NOW,
        project,
        Event.EXEMPTION_GIVEN,
        HostingMode.ONLY,
        HostingMode.EXT,
        Mover.ADMIN,
        "Why.",
        UNTIL,
    )


def test_the_log(store: FakeStore | SqlStore) -> None:
    """Lines come back whole, newest first, of all projects or one; what is not listed now is left out."""
    demo, other, hidden = add_projects(store, "demo", "other", "hidden")
    moved = HostingLine(9, NOW, "demo", Event.MOVED, HostingMode.EXT, HostingMode.ONLY, Mover.OWNER)
    with store.write() as tx:
        for project, one in ((demo, line(3, "demo")), (other, line(5, "other")), (hidden, line(7, "hidden"))):
            tx.hosting_log.add(project.id, one)
        tx.hosting_log.add(demo.id, moved)

    with store.read() as tx:
        assert [one.serial for one in tx.hosting_log.of_project(demo.id, limit=9)] == [9, 3]
        assert list(tx.hosting_log.of_project(demo.id, limit=1)) == [moved]
        assert [one.serial for one in tx.hosting_log.of_project(hidden.id, limit=9)] == [7]

    def serials(project: str = "", before: int = 0, limit: int = 9) -> list[int]:
        return [one.serial for one in tx.hosting_log.lines(project, before=before, limit=limit)]

    with store.read() as tx:
        assert list(tx.hosting_log.lines("demo", limit=9)) == [moved, line(3, "demo")]
        assert serials() == [9, 7, 5, 3]
        assert serials(limit=2) == [9, 7]
        assert serials(before=7) == [5, 3]
        assert serials("demo", before=9) == [3]
        assert serials("nobody") == []
    set_status(store, other, ProjectStatus.QUARANTINED)
    with store.write() as tx:
        tx.projects.set_private(hidden.id, is_private=True)
        assert serials() == [9, 3]
        assert serials("hidden") == serials("other") == []


def test_the_last_move(store: FakeStore | SqlStore) -> None:
    """Lines that move nothing are passed over; who never moved has none."""
    demo, fresh = add_projects(store, "demo", "fresh")
    announced = HostingLine(
        11, NOW, "demo", Event.CAMPAIGN_ANNOUNCED, HostingMode.EXT, HostingMode.EXT, Mover.CLOCK
    )
    with store.write() as tx:
        tx.hosting_log.add(demo.id, announced)
        assert tx.hosting_log.last_move(demo.id) is None
        tx.hosting_log.add(demo.id, line(3, "demo"))
        assert tx.hosting_log.last_move(demo.id) == line(3, "demo")
        assert tx.hosting_log.last_move(fresh.id) is None


@pytest.mark.parametrize(("project", "before"), [("", 0), ("", 7), ("demo", 0), ("demo", 7)])
def test_every_way_to_ask_has_its_index(tmp_path: Path, project: str, before: int) -> None:
    """Nothing is read whole, and nothing is sorted: an answer costs the same however much there is."""
    with real_world(tmp_path) as real:
        query = lines_query(project, before, 100).compile(
            dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
        )
        raw = connect_raw(sqlite_file(real.database))
        plan = " ".join(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {query}"))
        raw.close()
    assert "TEMP B-TREE" not in plan, plan
    assert "SCAN projects" not in plan, plan
    assert ("ix_hosting_log_project_id_serial" in plan) == bool(project), plan
