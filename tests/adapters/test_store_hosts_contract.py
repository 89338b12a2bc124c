"""The contract of ``ports.hosts``: hosts and the bytes of a day, by fake and SQLite."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from homeport.domain.manners import Frozen, Host, HostState
from homeport.domain.robots import Robots, RobotsStatus
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
TODAY = date(2026, 3, 4)
MOMENT = timedelta(microseconds=1)
FULL = Host(
    "files.example.org:8080",
    asked_at=NOW,
    next_at=NOW + timedelta(seconds=1),
    holder="0123456789abcdef",
    held_until=NOW + timedelta(seconds=300),
    failures=7,
    resting_until=NOW + timedelta(hours=1),
    problem="timed-out",
    robots=Robots(RobotsStatus.TROUBLE, "User-agent: *\nDisallow: /ä", NOW, 2.5, "It broke off."),
    frozen=Frozen(NOW, "ada", "Its domain was sold."),
)


def test_a_host_comes_back_as_it_was(store: Store) -> None:
    """All of a host is remembered, and all of it replaced."""
    with store.write() as tx:
        assert tx.hosts.find(FULL.name) == Host(FULL.name)
        assert not tx.hosts.is_listed(FULL.name)
        tx.hosts.put(FULL)
    with store.write() as tx:
        assert tx.hosts.find(FULL.name) == FULL
        assert tx.hosts.is_listed(FULL.name)
        tx.hosts.put(Host(FULL.name))
    with store.read() as tx:
        assert tx.hosts.find(FULL.name) == Host(FULL.name)
        assert tx.hosts.is_listed(FULL.name)


def test_freezing(store: Store) -> None:
    """A host is frozen, known or not, and nothing else of it changes; unfreezing undoes that, and makes no host up."""
    with store.write() as tx:
        tx.hosts.put(replace(FULL, frozen=None))
        for name in (FULL.name, "new.example.org"):
            tx.hosts.freeze(name, "ada", "Its domain was sold.", NOW)
        assert tx.hosts.find(FULL.name) == FULL
        assert tx.hosts.find("new.example.org") == Host("new.example.org", frozen=FULL.frozen)
        for name in (FULL.name, "new.example.org", "nowhere.example.org"):
            tx.hosts.unfreeze(name)
        assert tx.hosts.find(FULL.name) == replace(FULL, frozen=None)
        assert tx.hosts.find("new.example.org") == Host("new.example.org")
        assert not tx.hosts.is_listed("nowhere.example.org")


def test_lists_by_state_and_name(store: Store) -> None:
    """Each host is in the list of the state it has, to the moment; names are searched as they are written."""
    hosts = {
        "a.test": Host("a.test"),
        "b.test": Host("b.test", next_at=NOW + MOMENT),
        "c.test": Host("c.test", next_at=NOW, held_until=NOW + MOMENT, holder="x"),
        "d.test": Host("d.test", next_at=NOW + MOMENT, resting_until=NOW + MOMENT),
        "e.test": Host("e.test", resting_until=NOW, next_at=NOW, held_until=NOW),
        "f.test": replace(FULL, name="f.test"),
        "g_g.test": Host("g_g.test", frozen=FULL.frozen),
    }
    with store.write() as tx:
        for host in hosts.values():
            tx.hosts.put(host)

        def names(
            state: HostState | None = None, text: str = "", after: str = "", limit: int = 99
        ) -> list[str]:
            return [host.name for host in tx.hosts.listed(NOW, state, text, after=after, limit=limit)]

        assert names() == list(hosts)
        for state in HostState:
            assert names(state) == [name for name, host in hosts.items() if host.state(NOW) is state]
        assert names(HostState.READY) == ["a.test", "e.test"]
        assert names(after="b.test", limit=2) == ["c.test", "d.test"]
        assert names(text="G_G") == ["g_g.test"]
        assert names(text="g%") == names(text="c_t") == []
        assert tx.hosts.listed(NOW, text="f.", limit=1) == [hosts["f.test"]]


def test_bytes_of_a_day(store: Store) -> None:
    """Bytes add up by name and day, beyond four gigabytes; nothing taken is nothing told."""
    names = ["example.org", "*.example.org", "other.example"]
    with store.write() as tx:
        assert tx.hosts.taken(names, TODAY) == {}
        tx.hosts.take("example.org", TODAY, 3)
        tx.hosts.take("example.org", TODAY, 5 * 1024**3)
        tx.hosts.take("*.example.org", TODAY, 1)
        tx.hosts.take("example.org", TODAY + timedelta(days=1), 9)
    with store.read() as tx:
        assert tx.hosts.taken(names, TODAY) == {"example.org": 5 * 1024**3 + 3, "*.example.org": 1}
        assert tx.hosts.taken(names, TODAY + timedelta(days=1)) == {"example.org": 9}
        assert tx.hosts.taken([], TODAY) == {}


def test_old_bytes_are_forgotten(store: Store) -> None:
    """What was taken from a host more than a month ago is not kept; other names' is theirs to forget."""
    with store.write() as tx:
        tx.hosts.take("example.org", TODAY, 3)
        tx.hosts.take("other.example", TODAY, 4)
        tx.hosts.take("example.org", TODAY + timedelta(days=31), 1)
        assert tx.hosts.taken(["example.org"], TODAY) == {"example.org": 3}
        tx.hosts.take("example.org", TODAY + timedelta(days=32), 1)
        assert tx.hosts.taken(["example.org", "other.example"], TODAY) == {"other.example": 4}
