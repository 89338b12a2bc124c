"""The contract of ``ports.store``: who signs in, by name, by the link of a new index, and by token."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.store_rows import add_user

from homeport.domain.account import Scope, Token, User
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
SECRET, OTHER = Sha256.of(b"secret"), Sha256.of(b"other")

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
