"""The contract of ``ports.standing_consents``: the consent of a project, who is due, and every change; by fake and SQLite."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tests.support.fake_store import FakeStore
from tests.support.world import set_status

from homeport.adapters.db.store import SqlStore
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.names import ProjectName
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.standing_consent import StandingConsent, StandingLine
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
DAY = timedelta(days=1)
FIRST = StandingConsent("demo", "ada", ("site.test",), ("*",), NOW, NOW + 90 * DAY)
LINE = StandingLine(
    7, NOW, Kind.STANDING_CONSENT_GIVEN, "ada", ("a.test",), ("/*",), ("*",), date(2026, 12, 31)
)


def add_projects(store: Store, *names: str, mode: HostingMode = HostingMode.CACHE) -> list[Project]:
    """Projects in that mode."""
    with store.write() as tx:
        return [tx.projects.add(ProjectName.parse(name), mode, NOW) for name in names]


def test_the_standing_consent_is_replaced(store: FakeStore | SqlStore) -> None:
    """A project has one standing consent, the one given last, every field of it."""
    (project,) = add_projects(store, "Demo")
    second = StandingConsent(
        project="demo",
        given_by="bob",
        hosts=("site.test", "cdn.test"),
        patterns=("*.whl",),
        given_at=NOW + DAY,
        expires_at=NOW + 90 * DAY,
        paths=("/acme/*", "*"),
        reminded=30,
        withdrawn_at=NOW + 2 * DAY,
    )
    with store.write() as tx:
        assert tx.standing_consents.of_project(project.id) is None
        tx.standing_consents.put(project.id, FIRST)
        assert tx.standing_consents.of_project(project.id) == FIRST
        tx.standing_consents.put(project.id, second)
    with store.read() as tx:
        assert tx.standing_consents.of_project(project.id) == second
        assert tx.standing_consents.of_project(project.id + 1) is None
        assert dict(tx.standing_consents.of_projects({project.id, project.id + 1})) == {project.id: second}
        assert dict(tx.standing_consents.of_projects(())) == {}
        assert tx.standing_consents.naming("cdn.test") == [(project.id, second)]
        assert tx.standing_consents.naming("cdn") == []


def test_a_host_is_named_on_every_port(store: FakeStore | SqlStore) -> None:
    """By its name alone, with a port, or by plain http; a longer name is another host."""
    named = {
        "alone": "cdn.test",
        "port": "cdn.test:8443",
        "plain": "http://cdn.test",
        "both": "http://cdn.test:8080",
        "longer": "my.cdn.test",
        "address": "[::1]:8443",
    }
    projects = add_projects(store, *named)
    with store.write() as tx:
        for project, host in zip(projects, named.values(), strict=True):
            standing = replace(FIRST, project=project.name.normalized, hosts=("site.test", host))
            tx.standing_consents.put(project.id, standing)
        keys = [project.id for project in projects]
        assert [key for key, _ in tx.standing_consents.naming("cdn.test")] == keys[:4]
        assert [key for key, _ in tx.standing_consents.naming("my.cdn.test")] == keys[4:5]
        assert [key for key, _ in tx.standing_consents.naming("::1")] == keys[5:]
        assert [key for key, _ in tx.standing_consents.naming("site.test")] == keys


def test_who_is_due(store: FakeStore | SqlStore) -> None:
    """The most urgent first; what was told, was withdrawn, is quarantined, or is in another mode, waits."""
    late, soon, told, withdrawn, bad = add_projects(store, "late", "soon", "told", "withdrawn", "bad")
    (only,) = add_projects(store, "only", mode=HostingMode.ONLY)
    due_on = FIRST.ends_on - 30 * DAY
    with store.write() as tx:
        for project in (late, soon, told, withdrawn, bad, only):
            tx.standing_consents.put(project.id, replace(FIRST, project=project.name.normalized))
        tx.standing_consents.put(soon.id, replace(FIRST, project="soon", expires_at=FIRST.expires_at - DAY))
        tx.standing_consents.put(told.id, replace(FIRST, project="told", reminded=30))
        tx.standing_consents.put(withdrawn.id, replace(FIRST, project="withdrawn", withdrawn_at=NOW))
    set_status(store, bad, ProjectStatus.QUARANTINED)
    with store.read() as tx:
        due = tx.standing_consents.due
        assert due(due_on - 2 * DAY, limit=9) == []
        assert [key for key, _ in due(due_on - DAY, limit=9)] == [soon.id]
        assert [key for key, _ in due(due_on, limit=9)] == [soon.id, late.id]
        assert [key for key, _ in due(due_on, limit=1)] == [soon.id]
        assert [key for key, _ in due(due_on + 23 * DAY, limit=9)] == [soon.id, late.id, told.id]


def test_every_change_is_remembered(store: FakeStore | SqlStore) -> None:
    """The changes of one project come newest first, whole, and no more than are asked for."""
    demo, other = add_projects(store, "demo", "other")
    withdrawn = replace(
        LINE, serial=9, kind=Kind.STANDING_CONSENT_WITHDRAWN, hosts=(), reason="No more.", paths=("/a/*",)
    )
    with store.write() as tx:
        for serial, project, line in (
            (7, demo, LINE),
            (8, other, replace(LINE, serial=8)),
            (9, demo, withdrawn),
        ):
            assert line.serial == serial
            tx.standing_consents.add_line(project.id, line)
    with store.read() as tx:
        assert list(tx.standing_consents.lines(demo.id, limit=9)) == [withdrawn, LINE]
        assert list(tx.standing_consents.lines(demo.id, limit=1)) == [withdrawn]
