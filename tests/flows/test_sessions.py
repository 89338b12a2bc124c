"""Sessions: a browser is signed in, recognised, listed and signed out."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.world import Fakes, add_person, fake_world

from homeport.domain.account import User
from homeport.domain.errors import NotFound, Unauthenticated
from homeport.flows.sessions import (
    SESSION_LASTS,
    caller_of,
    close_one_of,
    close_others,
    close_session,
    find_session,
    open_session,
    show_security,
    sign_in_browser,
)
from homeport.flows.sign_in import add_user, show_password
from homeport.flows.users import disable_user, set_password
from homeport.ports.world import World

MOMENT = timedelta(microseconds=1)
PASSWORD, ANOTHER = "correct horse battery", "staple of horses and batteries"


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def ada(fakes: Fakes) -> User:
    """Somebody."""
    return add_person(fakes.world, "ada")


def user_of(world: World, secret: str) -> User | None:
    """Whose browser that is."""
    session = find_session(world, secret)
    return session.user if session else None


def test_a_session_lasts_until_its_end(fakes: Fakes, ada: User) -> None:
    """A browser stays signed in for its time; its secret is not stored."""
    secret = open_session(fakes.world, ada)
    assert user_of(fakes.world, secret) == ada
    assert user_of(fakes.world, secret + "0") is None
    assert secret not in repr(fakes.store.committed)
    fakes.clock.advance(SESSION_LASTS - MOMENT)
    assert user_of(fakes.world, secret) == ada
    fakes.clock.advance(MOMENT)
    assert user_of(fakes.world, secret) is None


def test_a_password_that_was_replaced_meanwhile_opens_nothing(fakes: Fakes) -> None:
    """Between the look at the password and the session another password counts; and so does a disabled account."""
    world = fakes.world
    add_user(world, "bob", "bob@example.org", PASSWORD, is_admin=False)
    shown = show_password(world, "bob", PASSWORD, "")
    assert shown.hashed
    assert shown.hashed not in repr(shown)
    assert user_of(world, sign_in_browser(world, shown)) == shown.user
    set_password(world, "bob", ANOTHER)
    with pytest.raises(Unauthenticated) as refused:
        sign_in_browser(world, shown)
    assert refused.value.code == "credentials-wrong"
    assert list(show_security(world, shown.user).sessions) == []
    shown = show_password(world, "bob", ANOTHER, "")
    disable_user(world, None, "bob")
    with pytest.raises(Unauthenticated):
        sign_in_browser(world, shown)


def test_signing_out_closes_one_session(fakes: Fakes, ada: User) -> None:
    """A closed session is over at once, another of the same person is not."""
    one, other = open_session(fakes.world, ada), open_session(fakes.world, ada)
    close_session(fakes.world, one)
    assert user_of(fakes.world, one) is None
    assert user_of(fakes.world, other) == ada


def test_a_session_knows_since_when_and_where(fakes: Fakes, ada: User) -> None:
    """What the browser says of itself is kept short and printable; who asks was confirmed at its beginning."""
    secret = open_session(fakes.world, ada, "A\tbrowser\n" + "x" * 300)
    session = find_session(fakes.world, secret)
    assert session is not None
    assert session.agent == "Abrowser" + "x" * 192
    assert caller_of(session).confirmed_at == session.created_at == fakes.clock.now()


def test_a_disabled_account_has_no_session(fakes: Fakes, ada: User) -> None:
    """Whoever is shut out is out at once, in every browser."""
    secret = open_session(fakes.world, ada)
    with fakes.world.store.write() as tx:
        tx.users.disable(ada.id, fakes.clock.now())
    assert find_session(fakes.world, secret) is None


def test_other_browsers_are_signed_out(fakes: Fakes, ada: User) -> None:
    """One by one or all at once, but never somebody else's; the own one stays."""
    bob = add_person(fakes.world, "bob")
    own, one, two, theirs = (open_session(fakes.world, user) for user in (ada, ada, ada, bob))
    here, there = find_session(fakes.world, own), find_session(fakes.world, theirs)
    first = find_session(fakes.world, one)
    assert here is not None
    assert there is not None
    assert first is not None
    with pytest.raises(NotFound):
        close_one_of(fakes.world, here, there.secret)
    close_one_of(fakes.world, here, first.secret)
    assert user_of(fakes.world, one) is None
    with pytest.raises(NotFound):
        close_one_of(fakes.world, here, first.secret)
    assert close_others(fakes.world, here) == 1
    assert user_of(fakes.world, two) is None
    assert list(show_security(fakes.world, ada).sessions) == [here]
    assert user_of(fakes.world, theirs) == bob
