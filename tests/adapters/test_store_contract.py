"""The contract of ``ports.store``: transactions, accounts, tokens, ledger, pages and notices, by fake and SQLite."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from tests.support.fake_store import FakeStore
from tests.support.world import real_world

from homeport.adapters.db import moments
from homeport.domain.account import Scope, Token, User
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


@pytest.fixture(params=["fake", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each store that keeps the contract."""
    if request.param == "fake":
        yield FakeStore()
        return
    with real_world(tmp_path) as real:
        yield real.store


def add_user(store: Store, name: str = "ada", *, is_admin: bool = False) -> User:
    """An account."""
    with store.write() as tx:
        return tx.users.add(name, f"{name}@example.org", f"hash of {name}", is_admin=is_admin, at=NOW)


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


# Accounts


def test_accounts_are_found_by_name(store: Store) -> None:
    """An account is found by its name, with everything that was said of it."""
    ada, root = add_user(store, "ada"), add_user(store, "root", is_admin=True)
    with store.read() as tx:
        assert (ada.name, ada.email, ada.is_admin) == ("ada", "ada@example.org", False)
        assert root.is_admin
        assert tx.users.by_name("ada") == ada
        assert tx.users.by_name("root") == root
        assert tx.users.by_name("nobody") is None
        assert tx.users.password_hash(ada.id) == "hash of ada"
        assert tx.users.password_hash(root.id + 1) is None
        assert tx.users.count() == 2


def test_an_account_may_have_no_password(store: Store) -> None:
    """Without a password nothing is stored of one."""
    with store.write() as tx:
        user = tx.users.add("ada", "ada@example.org", None, is_admin=False, at=NOW)
        assert tx.users.password_hash(user.id) is None


def test_a_password_is_set_and_replaced(store: Store) -> None:
    """A password takes the place of none and of another; of this account only."""
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    with store.write() as tx:
        bot = tx.users.add("bot", "bot@example.org", None, is_admin=False, at=NOW)
        tx.users.put_password(bot.id, "first")
        tx.users.put_password(ada.id, "second")
    with store.read() as tx:
        assert tx.users.password_hash(bot.id) == "first"
        assert tx.users.password_hash(ada.id) == "second"
        assert tx.users.password_hash(bob.id) == "hash of bob"


def test_an_administrator_is_made(store: Store) -> None:
    """An index has an administrator when one was added or made; nobody else becomes one by it."""
    ada, bob = add_user(store, "ada"), add_user(store, "bob")
    with store.read() as tx:
        assert not tx.users.has_administrator()
    with store.write() as tx:
        tx.users.make_administrator(ada.id)
        assert tx.users.has_administrator()
    with store.read() as tx:
        assert tx.users.by_name("ada") == replace(ada, is_admin=True)
        assert tx.users.by_name("bob") == bob
        assert tx.users.password_hash(ada.id) == "hash of ada"


def test_an_added_administrator_counts(store: Store) -> None:
    """Who was added as administrator is one."""
    add_user(store, "root", is_admin=True)
    with store.read() as tx:
        assert tx.users.has_administrator()


@pytest.mark.parametrize(("name", "email"), [("ada", "new@example.org"), ("new", "ada@example.org")])
def test_names_and_addresses_are_given_once(store: Store, name: str, email: str) -> None:
    """Neither a name nor an address is given to two accounts."""
    add_user(store, "ada")
    with pytest.raises(Conflict) as refused, store.write() as tx:
        tx.users.add(name, email, None, is_admin=False, at=NOW)
    assert refused.value.code == "user-exists"


def test_the_setup_link_is_used_once(store: Store) -> None:
    """The one-time link works once, before its end, and a newer one replaces it."""
    with store.write() as tx:
        assert not tx.users.has_setup_link(SECRET, NOW)
        tx.users.put_setup_link(OTHER, NOW + MOMENT)
        tx.users.put_setup_link(SECRET, NOW + MOMENT)
        assert not tx.users.has_setup_link(OTHER, NOW)
        assert not tx.users.take_setup_link(OTHER, NOW)
        assert tx.users.has_setup_link(SECRET, NOW)
        assert not tx.users.has_setup_link(SECRET, NOW + MOMENT)
        assert not tx.users.take_setup_link(SECRET, NOW + MOMENT)
        assert tx.users.take_setup_link(SECRET, NOW)
        assert not tx.users.take_setup_link(SECRET, NOW)
        assert not tx.users.has_setup_link(SECRET, NOW)


# Tokens


@pytest.mark.parametrize("expires_at", [None, NOW + MOMENT])
def test_tokens_are_found_by_their_digest(store: Store, expires_at: datetime | None) -> None:
    """A token comes back as it was given, with its user; another digest finds nothing."""
    user = add_user(store)
    scopes, projects = frozenset({Scope.UPLOAD, Scope.READ}), frozenset({"demo", "other"})
    with store.write() as tx:
        tx.tokens.add(SECRET, user.id, scopes=scopes, projects=projects, at=NOW, expires_at=expires_at)
    with store.read() as tx:
        found = tx.tokens.by_digest(SECRET, NOW)
        assert tx.tokens.by_digest(OTHER, NOW) is None
    assert found is not None
    assert found == (Token(found[0].id, "ada", scopes, projects, NOW, expires_at), user)


def test_a_token_ends(store: Store) -> None:
    """At the moment a token expires it is not known any more; one without an end goes on."""
    user = add_user(store)
    nothing: frozenset[str] = frozenset()
    ends = NOW + timedelta(days=90)
    with store.write() as tx:
        tx.tokens.add(SECRET, user.id, scopes=frozenset(), projects=nothing, at=NOW, expires_at=ends)
        tx.tokens.add(OTHER, user.id, scopes=frozenset(), projects=nothing, at=NOW, expires_at=None)
        assert tx.tokens.by_digest(SECRET, ends - MOMENT) is not None
        assert tx.tokens.by_digest(SECRET, ends) is None
        assert tx.tokens.by_digest(OTHER, ends + timedelta(days=36_500)) is not None


def test_a_token_is_told_as_it_was_made(store: Store) -> None:
    """Adding one tells the token, with its label; it is found again by its id, also when it has ended."""
    user = add_user(store)
    with store.write() as tx:
        made = tx.tokens.add(
            SECRET,
            user.id,
            scopes=frozenset({Scope.READ}),
            projects=frozenset(),
            at=NOW,
            expires_at=NOW,
            label="CI",
        )
        assert made == Token(made.id, "ada", frozenset({Scope.READ}), frozenset(), NOW, NOW, "CI")
        assert tx.tokens.find(made.id) == (made, user)
        assert tx.tokens.find(made.id + 1) is None
        assert tx.tokens.by_digest(SECRET, NOW) is None
        assert tx.tokens.by_text(SECRET) == (made, user)
        assert tx.tokens.by_text(OTHER) is None


def test_a_revoked_token_is_not_known(store: Store) -> None:
    """From its revocation on a token opens nothing; the others do."""
    user = add_user(store)
    first, second = add_token(store, user, SECRET), add_token(store, user, OTHER)
    with store.write() as tx:
        tx.tokens.revoke(first.id, NOW + MOMENT)
    with store.read() as tx:
        assert tx.tokens.by_digest(SECRET, NOW) is None
        assert tx.tokens.by_digest(OTHER, NOW) == (second, user)
        assert tx.tokens.find(first.id) == (replace(first, revoked_at=NOW + MOMENT), user)


def test_the_token_of_a_disabled_account_is_not_known(store: Store) -> None:
    """Who may not sign in does not by a token either; an account that is enabled again has its tokens."""
    user = add_user(store)
    token = add_token(store, user, SECRET)
    with store.write() as tx:
        tx.users.disable(user.id, NOW)
        assert tx.tokens.by_digest(SECRET, NOW) is None
        tx.users.enable(user.id)
        assert tx.tokens.by_digest(SECRET, NOW) == (token, user)


def test_the_use_of_a_token_is_remembered(store: Store) -> None:
    """The last time that was noted comes back with the token."""
    user = add_user(store)
    token = add_token(store, user, SECRET)
    with store.write() as tx:
        tx.tokens.note_use(token.id, NOW)
        tx.tokens.note_use(token.id, NOW + MOMENT)
    with store.read() as tx:
        assert tx.tokens.by_digest(SECRET, NOW) == (replace(token, last_used_at=NOW + MOMENT), user)


def test_tokens_are_listed_newest_first(store: Store) -> None:
    """A user's tokens, without those of others and those that ended before the given time; not too many."""
    ada, bob = add_user(store), add_user(store, "bob")
    ended = NOW + timedelta(days=1)
    live, expired, revoked, theirs = (
        add_token(store, ada, Sha256.of(b"1")),
        add_token(store, ada, Sha256.of(b"2"), ended),
        add_token(store, ada, Sha256.of(b"3")),
        add_token(store, bob, Sha256.of(b"4")),
    )
    with store.write() as tx:
        tx.tokens.revoke(revoked.id, ended)

    def listed(user: User, ended_after: datetime, limit: int = 9) -> list[int]:
        with store.read() as tx:
            return [token.id for token in tx.tokens.of_user(user.id, ended_after=ended_after, limit=limit)]

    assert listed(ada, ended - MOMENT) == [revoked.id, expired.id, live.id]
    assert listed(ada, ended) == [live.id]
    assert listed(ada, ended - MOMENT, limit=2) == [revoked.id, expired.id]
    assert listed(bob, ended) == [theirs.id]


def add_token(store: Store, user: User, digest: Sha256, expires_at: datetime | None = None) -> Token:
    """A token to upload."""
    with store.write() as tx:
        return tx.tokens.add(
            digest,
            user.id,
            scopes=frozenset({Scope.UPLOAD}),
            projects=frozenset(),
            at=NOW,
            expires_at=expires_at,
        )


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
