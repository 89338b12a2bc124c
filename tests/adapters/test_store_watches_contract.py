"""The contract of ``ports.watches``: what is remembered, what is due, and what is told once; by fake and SQLite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.support.builders import standing
from tests.support.fake_store import FakeStore
from tests.support.world import set_status

from homeport.adapters.db.store import SqlStore
from homeport.domain.digests import Sha256
from homeport.domain.drift import Consequence, HostMemory, Seen, Sign, State, Tls, Watch
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ProjectName
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.source import SourceKind
from homeport.ports.store import Store, Transaction
from homeport.ports.watches import EventFilter, Stakes

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
HOUR = timedelta(hours=1)
SEEN = Seen(Sign.MOVED, "cdn.test", "It moved.")


def add_project(store: Store, name: str = "demo", mode: HostingMode = HostingMode.CACHE) -> Project:
    """A project."""
    with store.write() as tx:
        return tx.projects.add(ProjectName.parse(name), mode, NOW)


def watch(
    project: Project, filename: str = "demo-1.0.tar.gz", host: str = "site.test", **fields: object
) -> Watch:
    """A watch that is due now."""
    made = Watch(
        project_id=project.id,
        project=project.name.normalized,
        filename=filename,
        url=f"https://{host}/{filename}",
        host=host,
        source=SourceKind.LISTING,
        sha256=Sha256.of(b"bytes"),
        size_bytes=5_000_000_000,
        agreed_at=NOW - HOUR,
        due_at=NOW,
        read_at=NOW,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def due(tx: Transaction, limit: int = 99, per_host: int = 99, at: datetime = NOW) -> list[str]:
    """The files whose sources are looked at next."""
    return [one.filename for one in tx.watches.due(at, limit=limit, per_host=per_host)]


def test_a_watch_is_remembered_whole(store: FakeStore | SqlStore) -> None:
    """What is put is found, replaced, listed by file name, and forgotten; every field of it."""
    project = add_project(store)
    first, second = watch(project, "b.whl"), watch(project, "a.whl")
    full = replace(
        first,
        home="cdn.test",
        etag='"one"',
        last_modified="today",
        state=State.CHANGED,
        seen="f" * 64,
        problem="Other bytes.",
        failures=3,
        since=NOW,
        looked_at=NOW + HOUR,
        read_at=NOW + HOUR,
        due_at=NOW + 2 * HOUR,
    )
    with store.write() as tx:
        tx.watches.put(first)
        tx.watches.put(second)
        tx.watches.put(full)
    with store.write() as tx:
        assert tx.watches.find(project.id, "b.whl") == full
        assert tx.watches.find(project.id, "c.whl") is None
        assert list(tx.watches.of_project(project.id)) == [second, full]
        tx.watches.forget(project.id, "b.whl")
        tx.watches.forget(project.id, "b.whl")
        assert list(tx.watches.of_project(project.id)) == [second]


def test_what_is_due_comes_oldest_first_and_some_of_each_host(store: FakeStore | SqlStore) -> None:
    """A host with many files that are due leaves room for the others."""
    project = add_project(store)
    with store.write() as tx:
        for number in range(4):
            tx.watches.put(watch(project, f"{number}.whl", "many.test", due_at=NOW - HOUR * (9 - number)))
        tx.watches.put(watch(project, "5.whl", "few.test", due_at=NOW - HOUR))
        tx.watches.put(watch(project, "6.whl", "few.test", due_at=NOW + HOUR))
        assert due(tx) == ["0.whl", "1.whl", "2.whl", "3.whl", "5.whl"]
        assert due(tx, per_host=2) == ["0.whl", "1.whl", "5.whl"]
        assert due(tx, limit=2) == ["0.whl", "1.whl"]
        assert due(tx, at=NOW + HOUR)[-1] == "6.whl"


def test_what_may_not_be_asked_waits(store: FakeStore | SqlStore) -> None:
    """Frozen hosts, projects that are pypi-only and those that take no files are left alone until that ends."""
    project, only = add_project(store), add_project(store, "only", HostingMode.ONLY)
    quarantined = add_project(store, "bad")
    set_status(store, quarantined, ProjectStatus.QUARANTINED)
    with store.write() as tx:
        tx.watches.put(watch(project, "open.whl"))
        tx.watches.put(watch(project, "frozen.whl", "frozen.test"))
        tx.watches.put(watch(only, "only.whl"))
        tx.watches.put(watch(quarantined, "bad.whl"))
        tx.hosts.freeze("frozen.test", "drift", "It is somebody else's.", NOW)
        assert due(tx) == ["open.whl"]
        tx.hosts.unfreeze("frozen.test")
        assert due(tx) == ["frozen.whl", "open.whl"]


def test_looking_soon(store: FakeStore | SqlStore) -> None:
    """All watches of one project are due at once; what was due before stays so, and others are left alone."""
    project, other = add_project(store), add_project(store, "other")
    with store.write() as tx:
        tx.watches.put(watch(project, "late.whl", due_at=NOW + HOUR))
        tx.watches.put(watch(project, "early.whl", due_at=NOW - HOUR))
        tx.watches.put(watch(other, "other.whl", due_at=NOW + HOUR))
        assert tx.watches.hasten(project.id, NOW) == 2
        assert due(tx) == ["early.whl", "late.whl"]


def test_who_depends_on_a_host(store: FakeStore | SqlStore) -> None:
    """The projects that came from there, those that changed there, and the oldest consent."""
    first, second = add_project(store), add_project(store, "other")
    with store.write() as tx:
        assert tx.watches.stakes("site.test") is None
        tx.watches.put(watch(first, "a.whl"))
        tx.watches.put(watch(first, "b.whl", state=State.CHANGED, agreed_at=NOW))
        tx.watches.put(watch(second, "c.whl", agreed_at=NOW - 3 * HOUR))
        tx.watches.put(watch(second, "d.whl", "else.test", state=State.CHANGED))
        assert tx.watches.stakes("site.test") == Stakes(
            (first.id, second.id), frozenset({first.id}), NOW - 3 * HOUR
        )


def test_what_is_remembered_of_a_host(store: FakeStore | SqlStore) -> None:
    """Everything, or nothing yet; the newest memory counts."""
    whole = HostMemory(
        "site.test", Tls("key", "Issuer, Authority"), frozenset({"a", "b"}), NOW, NOW, NOW + HOUR, NOW
    )
    with store.write() as tx:
        assert tx.watches.host("site.test") is None
        for memory in (HostMemory("site.test"), whole, HostMemory("site.test")):
            tx.watches.put_host(memory)
            assert tx.watches.host("site.test") == memory


def test_each_thing_is_told_once(store: FakeStore | SqlStore) -> None:
    """The same sign of the same file at the same host is told once; another of either is another thing."""
    project, other = add_project(store), add_project(store, "other")
    place = ("site.test", "https://site.test/a.whl", "a.whl")
    with store.write() as tx:
        tell = tx.watches.tell
        assert tell(project.id, place, SEEN, Consequence.TELL, NOW)
        assert not tell(project.id, place, SEEN, Consequence.TELL, NOW + HOUR)
        assert tell(other.id, place, SEEN, Consequence.TELL, NOW)
        assert tell(project.id, ("site.test", "", ""), SEEN, Consequence.FREEZE, NOW)
        assert tell(project.id, place, replace(SEEN, what="more.test"), Consequence.TELL, NOW)
        assert tell(project.id, place, replace(SEEN, sign=Sign.GONE), Consequence.VOID, NOW)
    with store.read() as tx:
        every = tx.watches.events(EventFilter(), limit=9)
        assert [one.id for one in every] == sorted((one.id for one in every), reverse=True)
        assert len(every) == 5
        assert every[-1].project == "demo"
        assert (every[-1].host, every[-1].url, every[-1].filename) == place
        assert (every[-1].sign, every[-1].what, every[-1].sentence) == (Sign.MOVED, "cdn.test", "It moved.")
        assert (every[-1].consequence, every[-1].at) == (Consequence.TELL, NOW)


def test_events_are_asked_for(store: FakeStore | SqlStore) -> None:
    """By project, host and sign, and a page at a time."""
    project, other = add_project(store), add_project(store, "other")
    with store.write() as tx:
        for number, (one, host) in enumerate([(project, "a.test"), (project, "b.test"), (other, "a.test")]):
            sign = Sign.GONE if number else Sign.MOVED
            tx.watches.tell(one.id, (host, "", ""), replace(SEEN, sign=sign), Consequence.TELL, NOW)

        def found(wanted: EventFilter, limit: int = 9) -> list[tuple[str, str]]:
            return [(one.project, one.host) for one in tx.watches.events(wanted, limit=limit)]

        assert found(EventFilter("demo")) == [("demo", "b.test"), ("demo", "a.test")]
        assert found(EventFilter(host="a.test")) == [("other", "a.test"), ("demo", "a.test")]
        assert found(EventFilter(sign=Sign.MOVED)) == [("demo", "a.test")]
        assert found(EventFilter("demo", "b.test", Sign.GONE)) == [("demo", "b.test")]
        newest = tx.watches.events(EventFilter(), limit=1)[0]
        assert found(EventFilter(before=newest.id), limit=1) == [("demo", "b.test")]


def test_signs_are_counted_by_project(store: FakeStore | SqlStore) -> None:
    """Those after a moment, of the named projects; where none was told, nothing is."""
    first, second, third = (add_project(store, name) for name in ("first", "second", "third"))
    with store.write() as tx:
        for number, (project, at) in enumerate(
            [(first, NOW), (first, NOW + HOUR), (first, NOW + HOUR), (second, NOW + HOUR), (third, NOW)]
        ):
            place = ("site.test", f"https://site.test/{number}", f"{number}.whl")
            tx.watches.tell(project.id, place, SEEN, Consequence.TELL, at)
        assert tx.watches.told_since({first.id, third.id}, NOW) == {first.id: 2}
        assert tx.watches.told_since(set(), NOW) == {}


def test_who_consented_to_a_host(store: FakeStore | SqlStore) -> None:
    """Every standing consent that names exactly this host is found, however names resemble each other."""
    names = {
        "demo": ("site.test", "a.test"),
        "other": ("my-site.test", "site.test.test"),
        "third": ("site_test",),
    }
    with store.write() as tx:
        projects = {}
        for name, hosts in names.items():
            projects[name] = tx.projects.add(ProjectName.parse(name), HostingMode.CACHE, NOW)
            tx.standing_consents.put(projects[name].id, replace(standing(*hosts), project=name))
        (found,) = tx.standing_consents.naming("site.test")
        assert (found[0], found[1].hosts) == (projects["demo"].id, names["demo"])
        assert [one for one, _ in tx.standing_consents.naming("site_test")] == [projects["third"].id]


def test_who_administers(store: FakeStore | SqlStore) -> None:
    """Administrators by name; a disabled one is none."""
    with store.write() as tx:
        people = {
            name: tx.users.add(name, f"{name}@example.org", None, is_admin=name != "ada", at=NOW)
            for name in ("zoe", "ada", "bob", "off")
        }
        tx.users.disable(people["off"].id, NOW)
        assert [user.name for user in tx.users.administrators()] == ["bob", "zoe"]
