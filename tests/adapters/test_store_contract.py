"""The contract of ``ports.store``: transactions, times, ledger and notices, by fake and SQLite."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.support.fake_store import FakeStore
from tests.support.store_rows import add_user

from homeport.adapters.db import moments
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Unavailable
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind, verify
from homeport.domain.names import ProjectName
from homeport.domain.notice import Topic
from homeport.ports.notices import Notice
from homeport.ports.sessions import Session
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
SECRET, OTHER = Sha256.of(b"secret"), Sha256.of(b"other")


class Stopped(Exception):  # noqa: N818 - thrown to see what a transaction does
    """Something unexpected within a transaction."""


# Transactions


def test_what_was_written_is_seen_by_the_next(store: Store) -> None:
    """A transaction that ended well is seen by every one that begins after it."""
    user = add_user(store)
    with store.read() as tx:
        assert tx.users.by_name("ada") == user


def test_a_write_that_raises_leaves_nothing(store: Store) -> None:
    """Rows, ledger, pages and notices of a block that raised are gone, in every repository."""
    user = add_user(store)

    def write_in_vain() -> None:
        with store.write() as tx:
            project = tx.projects.add(ProjectName("demo"), HostingMode.ONLY, NOW)
            tx.users.add("eve", "eve@example.org", None, is_admin=False, at=NOW)
            tx.ledger.append(Kind.PROJECT_CREATED, at=NOW, actor="ada", project="demo", details={})
            tx.notices.add(user.id, Notice("kind", "subject", "text", "/", NOW))
            tx.sessions.add(Session(SECRET, user, NOW, NOW + MOMENT, NOW))
            assert tx.projects.find("demo") == project
            raise Stopped

    with pytest.raises(Stopped):
        write_in_vain()
    with store.read() as tx:
        assert tx.projects.find("demo") is None
        assert tx.users.count() == 1
        assert list(tx.ledger.entries()) == []
        assert tx.notices.of_user(user.id, limit=9) == []
        assert tx.sessions.find(SECRET, NOW) is None


def test_a_refusal_rolls_back_too(store: Store) -> None:
    """A refusal inside the block undoes what the block wrote before it."""
    add_user(store, "ada")

    def add_two() -> None:
        with store.write() as tx:
            tx.users.add("bob", "bob@example.org", None, is_admin=False, at=NOW)
            tx.users.add("ada", "new@example.org", None, is_admin=False, at=NOW)

    with pytest.raises(Conflict):
        add_two()
    with store.read() as tx:
        assert tx.users.by_name("bob") is None


def test_a_caught_refusal_spoils_nothing(store: Store) -> None:
    """A refusal that the block itself answers leaves what was written before and after it."""
    add_user(store, "ada")
    with store.write() as tx:
        tx.users.add("bob", "bob@example.org", None, is_admin=False, at=NOW)
        with pytest.raises(Conflict):
            tx.users.add("ada", "new@example.org", None, is_admin=False, at=NOW)
        tx.users.add("cyd", "cyd@example.org", None, is_admin=False, at=NOW)
    with store.read() as tx:
        assert tx.users.count() == 3


def test_a_reader_keeps_its_view(store: Store) -> None:
    """A reader does not see what is being written, nor what is committed after it first looked."""
    with store.read() as reader:
        assert reader.users.count() == 0
        with store.write() as tx:
            tx.users.add("ada", "ada@example.org", None, is_admin=False, at=NOW)
            assert tx.users.count() == 1
            with store.read() as other:
                assert other.users.count() == 0
        assert reader.users.count() == 0
    with store.read() as reader:
        assert reader.users.count() == 1


def test_a_second_writer_waits(store: Store) -> None:
    """There is one writer at a time: the second one begins when the first has ended, and sees its work."""
    order: list[str] = []
    begun = threading.Event()

    def write_second() -> None:
        begun.set()
        with store.write() as tx:
            order.append(f"second sees {tx.users.count()}")

    with store.write() as tx:
        thread = threading.Thread(target=write_second)
        thread.start()
        assert begun.wait(5)
        thread.join(0.2)
        tx.users.add("ada", "ada@example.org", None, is_admin=False, at=NOW)
        order.append("first ends")
    thread.join(10)
    assert order == ["first ends", "second sees 1"]


def test_a_writer_inside_a_writer_is_refused_by_the_fake() -> None:
    """The fake tells at once what the real store tells after its patience: another writer takes too long."""
    store = FakeStore()
    with store.write(), pytest.raises(Unavailable) as refused, store.write():
        pass
    assert refused.value.code == "database-unavailable"


def test_a_reader_that_writes_is_found_by_the_fake() -> None:
    """A flow that writes through a reader fails its test."""
    store = FakeStore()
    with pytest.raises(AssertionError, match="a reader wrote"), store.read() as tx:
        tx.users.add("ada", "ada@example.org", None, is_admin=False, at=NOW)


# Ledger


def test_the_ledger_counts_and_links(store: Store) -> None:
    """Entries are numbered from 1 without gaps, and each is linked to the one before it."""
    with store.write() as tx:
        first = tx.ledger.append(Kind.USER_ADDED, at=NOW, actor="ada", project="", details={"user": "ada"})
        second = tx.ledger.append(Kind.PROJECT_CREATED, at=NOW, actor="ada", project="demo", details={})
    with store.write() as tx:
        third = tx.ledger.append(Kind.ROLE_GRANTED, at=NOW, actor="ada", project="demo", details={})
    with store.read() as tx:
        entries = list(tx.ledger.entries())
        assert list(tx.ledger.entries(after=2)) == entries[2:]
    assert (first, second, third) == (1, 2, 3)
    assert [entry.seq for entry in entries] == [1, 2, 3]
    verification = verify(entries)
    assert (verification.entries, verification.problem) == (3, "")
    assert entries[0].body.startswith(b'{"actor":"ada","at":"2026-03-04T05:06:07.891011Z"')


def test_an_entry_that_was_rolled_back_leaves_no_gap(store: Store) -> None:
    """The number of an entry that never was is given to the next."""
    with store.write() as tx:
        tx.ledger.append(Kind.USER_ADDED, at=NOW, actor="ada", project="", details={})

    def append_in_vain() -> None:
        with store.write() as tx:
            tx.ledger.append(Kind.USER_ADDED, at=NOW, actor="bob", project="", details={})
            raise Stopped

    with pytest.raises(Stopped):
        append_in_vain()
    with store.write() as tx:
        assert tx.ledger.append(Kind.USER_ADDED, at=NOW, actor="cyd", project="", details={}) == 2
    with store.read() as tx:
        assert verify(tx.ledger.entries()).problem == ""


# Notices


def test_notices_of_a_kind_are_counted(store: Store) -> None:
    """One's own, of that kind, after a moment."""
    with store.write() as tx:
        ada, bob = (
            tx.users.add(name, f"{name}@x.test", None, is_admin=False, at=NOW) for name in ("ada", "bob")
        )
        for user, kind in ((ada, "a"), (ada, "a"), (ada, "b"), (bob, "a")):
            tx.notices.add(user.id, Notice(kind, "subject", "text", "/", NOW))
        assert tx.notices.count(ada.id, "a", NOW - timedelta(microseconds=1)) == 2
        assert tx.notices.count(ada.id, "a", NOW) == 0


def test_notices_are_shown_newest_first(store: Store) -> None:
    """A person sees their own newest notices, and no more than were asked for."""
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    told = [Notice("kind", f"subject {n}", "text", f"/{n}", NOW + n * MOMENT) for n in range(3)]
    with store.write() as tx:
        for notice in told:
            tx.notices.add(ada.id, notice)
        tx.notices.add(bob.id, told[0])
    with store.read() as tx:
        assert list(tx.notices.of_user(ada.id, limit=9)) == told[::-1]
        assert list(tx.notices.of_user(ada.id, limit=2)) == told[:0:-1]
        assert list(tx.notices.of_user(bob.id, limit=9)) == told[:1]


def test_a_person_is_told_once_of_a_thing(store: Store) -> None:
    """What a notice is about counts for its kind and its person; without it each one is news."""
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    notice = Notice("kind", "subject", "text", "/", NOW, html="<p>text</p>", about="7")
    news = replace(notice, about="")
    with store.write() as tx:
        assert [tx.notices.add(ada.id, notice) for _ in range(2)] == [True, False]
        assert tx.notices.add(bob.id, notice)
        assert tx.notices.add(ada.id, replace(notice, about="8"))
        assert tx.notices.add(ada.id, replace(notice, kind="other"))
        assert [tx.notices.add(ada.id, news) for _ in range(2)] == [True, True]
    with store.write() as tx:
        assert not tx.notices.add(ada.id, notice)
        told = tx.notices.of_user(ada.id, limit=9)
    assert [(one.kind, one.about, one.html) for one in told] == [
        ("kind", "", ""),
        ("kind", "", ""),
        ("other", "7", ""),
        ("kind", "8", ""),
        ("kind", "7", ""),
    ]


def test_topics_are_chosen_by_each_person(store: Store) -> None:
    """A topic is switched off and on again, for one person; twice is once."""
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    with store.write() as tx:
        for _ in range(2):
            tx.notices.put_mailed(ada.id, Topic.FILES, is_mailed=False)
        tx.notices.put_mailed(ada.id, Topic.DRIFT, is_mailed=False)
        tx.notices.put_mailed(bob.id, Topic.FILES, is_mailed=True)
        assert tx.notices.unmailed(ada.id) == {Topic.FILES, Topic.DRIFT}
        tx.notices.put_mailed(ada.id, Topic.FILES, is_mailed=True)
        assert tx.notices.unmailed(ada.id) == {Topic.DRIFT}
        assert tx.notices.unmailed(bob.id) == frozenset()


# Times


def test_times_keep_their_microseconds_and_mean_the_same_moment(store: Store) -> None:
    """A time comes back to the microsecond, in UTC, whatever zone it was written in."""
    user = add_user(store)
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-7)))
    with store.write() as tx:
        tx.notices.add(user.id, Notice("kind", "subject", "text", "/", elsewhere))
    with store.read() as tx:
        (notice,) = tx.notices.of_user(user.id, limit=1)
    assert notice.at == NOW
    assert notice.at.utcoffset() is not None


def test_a_time_without_a_zone_is_refused() -> None:
    """What names no point in time is not written: it would be another one on another machine."""
    with pytest.raises(ValueError, match="zone"):
        moments.to_text(NOW.replace(tzinfo=None))
