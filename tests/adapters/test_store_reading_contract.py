"""The contract of ``ports.store``: what scripts and mirrors read, and that an index serves it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from tests.support.builders import digests
from tests.support.fake_store import FakeStore
from tests.support.store_rows import add_project
from tests.support.world import real_world, set_status

from homeport.adapters.db.store import SqlStore
from homeport.domain.errors import Conflict
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.release import HostedFile, Origin
from homeport.ports.catalogue import NewRelease, Provenance
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)


def register(store: Store, project: Project, version: str, summary: str = "", minute: int = 0) -> NewRelease:
    """A release, so many minutes later; what a list says of it."""
    parsed, at = ReleaseVersion.parse_legacy(version), NOW + timedelta(minutes=minute)
    metadata = CoreMetadata("2.1", project.name.display, version, summary=summary)
    with store.write() as tx:
        tx.releases.put(project.id, parsed, metadata, replace=False, at=at)
    return NewRelease(project.name, parsed.normalized, summary, at)


def add_file(store: Store, project: Project, size_bytes: int, filename: str = "demo-1.0.tar.gz") -> None:
    """A file of that size."""
    file = HostedFile(
        project=project.name.normalized,
        version=ReleaseVersion.parse("1.0"),
        filename=filename,
        kind=FileKind.SDIST,
        size_bytes=size_bytes,
        digests=digests(filename.encode()),
        published_at=NOW,
        origin=Origin.UPLOAD,
    )
    with store.write() as tx:
        tx.files.add(project.id, file, Provenance("ada"), None)


def make_private(store: Store, project: Project) -> None:
    """Only its members may read the project."""
    with store.write() as tx:
        tx.projects.set_private(project.id, is_private=True)


# The ledger


def append(store: Store, count: int) -> None:
    """So many entries."""
    with store.write() as tx:
        for _ in range(count):
            tx.ledger.append(Kind.PROJECT_CREATED, at=NOW, actor="ada", project="demo", details={})


def test_the_last_entry(store: Store) -> None:
    """The newest serial is that of the last entry; 0 before there is any."""
    with store.read() as tx:
        assert tx.ledger.last() == 0
    append(store, 3)
    with store.read() as tx:
        assert tx.ledger.last() == 3


def test_entries_in_windows(store: Store) -> None:
    """A window begins behind a serial, and holds no more than was asked for."""
    append(store, 5)
    with store.read() as tx:
        assert [one.seq for one in tx.ledger.entries(after=1, limit=3)] == [2, 3, 4]
        assert [one.seq for one in tx.ledger.entries(after=3, limit=3)] == [4, 5]
        assert list(tx.ledger.entries(after=5, limit=3)) == []
        assert [one.seq for one in tx.ledger.entries(after=3)] == [4, 5]


# Projects


def test_projects_by_name(store: FakeStore | SqlStore) -> None:
    """Projects are found by their PEP 503 forms, whatever their state; a name that nobody has is left out."""
    demo, gone = add_project(store, "My.Demo"), add_project(store, "gone")
    add_project(store, "other")
    set_status(store, gone, ProjectStatus.QUARANTINED)
    with store.read() as tx:
        found = tx.projects.named({"my-demo", "gone", "nobody", "My.Demo"})
        assert tx.projects.named(set()) == {}
    assert found.keys() == {"my-demo", "gone"}
    assert found["my-demo"] == demo
    assert found["gone"].status is ProjectStatus.QUARANTINED


def test_the_largest_projects(store: FakeStore | SqlStore) -> None:
    """The listed projects with most bytes come first; a file that came counts, one that was refused does not."""
    sizes = {"small": 1, "Large": 7, "middle": 3, "hidden": 100, "gone": 90}
    projects = {name: add_project(store, name) for name in (*sizes, "empty")}
    for name, size in sizes.items():
        add_file(store, projects[name], size)
    add_file(store, projects["middle"], 2, "demo-1.1.tar.gz")
    make_private(store, projects["hidden"])
    set_status(store, projects["gone"], ProjectStatus.QUARANTINED)
    with pytest.raises(Conflict):
        add_file(store, projects["small"], 50)
    with store.read() as tx:
        assert list(tx.projects.largest(limit=3)) == [("Large", 7), ("middle", 5), ("small", 1)]
        assert dict(tx.projects.largest(limit=9))["empty"] == 0
        assert tx.files.total_bytes() == 203


# Releases


def test_the_latest_releases(store: FakeStore | SqlStore) -> None:
    """Releases of listed projects come newest first, each with its summary and the moment it was registered."""
    demo, other = add_project(store, "My.Demo"), add_project(store, "other")
    gone, hidden = add_project(store, "gone"), add_project(store, "hidden")
    first = register(store, demo, "1.0", "A “small” bird", minute=1)
    second = register(store, other, "0.1-RC1", minute=2)
    register(store, gone, "1.0", minute=3)
    register(store, hidden, "1.0", minute=4)
    third = register(store, demo, "1.1", "A large bird", minute=5)
    set_status(store, gone, ProjectStatus.QUARANTINED)
    make_private(store, hidden)
    with store.read() as tx:
        assert list(tx.releases.latest(limit=9)) == [third, second, first]
        assert list(tx.releases.latest(limit=2)) == [third, second]
        assert list(tx.releases.latest_of(demo.id, limit=9)) == [third, first]
        assert list(tx.releases.latest_of(demo.id, limit=1)) == [third]
        assert second.version == "0.1rc1"


def test_the_latest_releases_are_sought_within_a_bound(store: Store) -> None:
    """Many releases that nobody may see end the walk: an older one behind them is not found, whatever it costs."""
    demo, hidden = add_project(store, "demo"), add_project(store, "hidden")
    make_private(store, hidden)
    shown = register(store, demo, "1.0")
    for number in range(19):
        register(store, hidden, f"1.{number}")
    with store.read() as tx:
        assert list(tx.releases.latest(limit=1)) == [shown]
    register(store, hidden, "2.0")
    with store.read() as tx:
        assert list(tx.releases.latest(limit=1)) == []


def test_updating_a_release_does_not_make_it_new(store: Store) -> None:
    """A release keeps the moment it was first registered, and tells its new summary."""
    demo = add_project(store)
    release = register(store, demo, "1.0", "old")
    later = CoreMetadata("2.1", "demo", "1.0", summary="new")
    with store.write() as tx:
        tx.releases.put(demo.id, ReleaseVersion.parse("1.0"), later, replace=True, at=NOW + timedelta(days=1))
    with store.read() as tx:
        (found,) = tx.releases.latest(limit=9)
    assert (found.at, found.summary) == (release.at, "new")


def test_yanked_releases(store: Store) -> None:
    """The reasons of yanked releases are told by version, an empty one too; those of other projects are not."""
    demo, other = add_project(store), add_project(store, "other")
    for project in (demo, other):
        for version in ("1.0", "1.1", "1.2"):
            register(store, project, version)
    with store.write() as tx:
        tx.releases.set_yanked(demo.id, "1.0", "It bites.")
        tx.releases.set_yanked(demo.id, "1.1", "")
        tx.releases.set_yanked(other.id, "1.2", "Other.")
    with store.read() as tx:
        assert tx.releases.yanks(demo.id) == {"1.0": "It bites.", "1.1": ""}
    with store.write() as tx:
        tx.releases.set_yanked(demo.id, "1.0", None)
    with store.read() as tx:
        assert tx.releases.yanks(demo.id) == {"1.1": ""}


# Cost


def test_no_table_is_scanned(tmp_path: Path) -> None:
    """Whatever scripts and mirrors ask, an index answers; only a whole list walks one, in its order."""
    asked: list[tuple[str, object]] = []
    with real_world(tmp_path) as real:
        demo = add_project(real.store)
        engine = real.store._reading

        @event.listens_for(engine, "before_cursor_execute")
        def _remember(*told: object) -> None:
            asked.append((str(told[2]), told[3]))

        with real.store.read() as tx:
            tx.ledger.last()
            list(tx.ledger.entries(after=5, limit=10))
            tx.projects.named({"a", "b"})
            tx.projects.listed("a", None, limit=10)
            tx.projects.largest(limit=10)
            tx.releases.yanks(demo.id)
            tx.releases.latest(limit=10)
            tx.releases.latest_of(demo.id, limit=10)
            tx.releases.versions(demo.id)
            tx.files.total_bytes()
        plans: dict[str, list[str]] = {}
        with engine.connect() as connection:
            for statement, parameters in [one for one in asked if one[0].startswith("SELECT")]:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
                plans[statement] = [row.detail for row in rows]
    assert len(plans) == 10
    for statement, steps in plans.items():
        for step in steps:
            # SQLite's word for walking along an index from one end, which LIMIT ends.
            walks = step in {"SCAN ledger", "SCAN projects USING INDEX ix_projects_size_bytes"}
            # A list that was given with the statement is no table.
            walks = walks or step.startswith("SCAN anon_")
            assert walks or not step.startswith("SCAN") or "CONSTANT" in step, (statement, step)


def test_sizes_are_kept_not_counted(tmp_path: Path) -> None:
    """The sums are those of the rows: what is kept for reading and what is true agree."""
    with real_world(tmp_path) as real:
        one, other = add_project(real.store, "one"), add_project(real.store, "other")
        for number, project in enumerate((one, other, one), start=1):
            add_file(real.store, project, number, f"demo-1.{number}.tar.gz")
        with real.store._reading.connect() as connection:
            counted = connection.execute(
                text("SELECT project_id, sum(size_bytes) FROM files GROUP BY 1 ORDER BY 1")
            ).all()
            kept = connection.execute(text("SELECT id, size_bytes FROM projects ORDER BY 1")).all()
        assert [tuple(row) for row in kept] == [tuple(row) for row in counted] == [(one.id, 4), (other.id, 2)]
