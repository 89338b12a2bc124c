"""Who is asking: accounts, passwords, tokens, sessions, and the first administrator's link."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.invariants import entries
from tests.support.world import Fakes, add_person, add_project, fake_world

from homeport.domain.account import Caller, Scope, User
from homeport.domain.errors import Conflict, Invalid, NotFound, Unauthenticated
from homeport.flows.sign_in import (
    SETUP_LINK_LASTS,
    add_user,
    become_first_admin,
    find_user,
    is_setup_link,
    offer_setup_link,
    sign_in,
    sign_in_with_token,
)
from homeport.flows.tokens import TokenWish, create_token
from homeport.flows.users import set_password

PASSWORD = "correct horse battery"
MOMENT = timedelta(microseconds=1)
UPLOAD = frozenset({Scope.UPLOAD})


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def ada(fakes: Fakes) -> User:
    """Somebody with a password."""
    return add_user(fakes.world, "ada", "ada@example.org", PASSWORD, is_admin=False)


# Accounts


def test_an_account_is_made_and_told(fakes: Fakes, ada: User) -> None:
    """A new account is found by its name, its password is not stored, and the ledger has it without its address."""
    assert find_user(fakes.world, "ada") == ada
    stored = fakes.store.committed.password_hashes[ada.id]
    assert stored is not None
    assert PASSWORD not in stored
    (entry,) = entries(fakes.store)
    assert (entry["kind"], entry["details"]) == ("user-added", {"user": "ada", "admin": False})


@pytest.mark.parametrize(
    ("name", "email", "password", "code"),
    [
        ("Ada", "ada@example.org", PASSWORD, "user-name-invalid"),
        ("ada", "ada", PASSWORD, "email-invalid"),
        ("ada", "ada@example.org", "too short", "password-length"),
        ("ada", "ada@example.org", "", "password-length"),
    ],
)
def test_an_account_that_says_nonsense_is_refused(
    fakes: Fakes, name: str, email: str, password: str, code: str
) -> None:
    """Name, address and password are checked before anything is written; an empty password is not none."""
    with pytest.raises(Invalid) as refused:
        add_user(fakes.world, name, email, password, is_admin=False)
    assert refused.value.code == code
    assert fakes.store.committed.users == {}


def test_a_name_is_given_once(fakes: Fakes, ada: User) -> None:
    """A second account of one name is a conflict, and leaves no entry."""
    with pytest.raises(Conflict):
        add_user(fakes.world, "ada", "other@example.org", None, is_admin=True)
    assert len(entries(fakes.store)) == 1


def test_an_unknown_name_is_not_found(fakes: Fakes) -> None:
    """A name without an account is a refusal that says how to make one."""
    with pytest.raises(NotFound, match="homeport user add") as refused:
        find_user(fakes.world, "nobody")
    assert refused.value.code == "user-unknown"


# Passwords


def test_a_password_opens(fakes: Fakes, ada: User) -> None:
    """Name and password together are the caller, without a token."""
    assert sign_in(fakes.world, "ada", PASSWORD).user == ada


@pytest.mark.parametrize(
    ("name", "password"), [("ada", PASSWORD + "!"), ("eve", PASSWORD), ("ada", ""), ("bot", "")]
)
def test_a_wrong_password_and_an_unknown_name_look_alike(
    fakes: Fakes, ada: User, name: str, password: str
) -> None:
    """Whatever is wrong, the answer is the same, and so is the work (T-27)."""
    add_user(fakes.world, "bot", "bot@example.org", None, is_admin=False)
    with pytest.raises(Unauthenticated) as refused:
        sign_in(fakes.world, name, password)
    assert refused.value.code == "credentials-wrong"
    assert refused.value.sentence == "The user name or password, or the token, is not known here."


def test_a_password_is_set_and_replaced(fakes: Fakes, ada: User) -> None:
    """An account gets a password, or another one; the one before opens nothing more."""
    bot = add_user(fakes.world, "bot", "bot@example.org", None, is_admin=False)
    set_password(fakes.world, "bot", PASSWORD)
    assert sign_in(fakes.world, "bot", PASSWORD).user == bot
    set_password(fakes.world, "ada", "another long password")
    assert sign_in(fakes.world, "ada", "another long password").user == ada
    with pytest.raises(Unauthenticated):
        sign_in(fakes.world, "ada", PASSWORD)


def test_a_password_is_set_for_somebody_and_long_enough(fakes: Fakes, ada: User) -> None:
    """A short password, and one for nobody, is refused, and the old one stays."""
    with pytest.raises(Invalid) as short:
        set_password(fakes.world, "ada", "too short")
    with pytest.raises(NotFound) as unknown:
        set_password(fakes.world, "nobody", PASSWORD)
    assert (short.value.code, unknown.value.code) == ("password-length", "user-unknown")
    assert sign_in(fakes.world, "ada", PASSWORD).user == ada


# Tokens


def test_a_token_is_shown_once_and_opens(fakes: Fakes, ada: User) -> None:
    """The text of a token signs its user in with its scopes, and stands nowhere in the store."""
    add_project(fakes.world, ada, "My.Demo")
    text = create_token(fakes.world, Caller(ada), TokenWish(UPLOAD, ("my_demo",), timedelta(days=90))).text
    caller = sign_in(fakes.world, "__token__", text)
    assert caller == sign_in_with_token(fakes.world, text)
    assert caller.user == ada
    token = caller.token
    assert token is not None
    assert (token.scopes, token.projects) == (UPLOAD, frozenset({"my-demo"}))
    assert token.expires_at == fakes.clock.now() + timedelta(days=90)
    assert text not in repr(fakes.store.committed)


def test_a_token_for_everything_that_never_ends(fakes: Fakes, ada: User) -> None:
    """Without projects and a time a token is for all of its user's, for good."""
    text = create_token(fakes.world, Caller(ada), TokenWish(frozenset(Scope))).text
    fakes.clock.advance(timedelta(days=10_000))
    token = sign_in_with_token(fakes.world, text).token
    assert token is not None
    assert (token.projects, token.expires_at) == (frozenset(), None)


def test_a_token_ends(fakes: Fakes, ada: User) -> None:
    """After its time a token opens nothing."""
    text = create_token(fakes.world, Caller(ada), TokenWish(UPLOAD, lasts=timedelta(hours=1))).text
    fakes.clock.advance(timedelta(hours=1) - MOMENT)
    sign_in_with_token(fakes.world, text)
    fakes.clock.advance(MOMENT)
    with pytest.raises(Unauthenticated):
        sign_in_with_token(fakes.world, text)


def test_what_is_no_token_opens_nothing(fakes: Fakes, ada: User) -> None:
    """A mistyped token, another one's form, and a password in the place of a token are not known here."""
    text = create_token(fakes.world, Caller(ada), TokenWish(UPLOAD)).text
    for wrong in (text[:-1] + ("0" if text[-1] != "0" else "1"), "", PASSWORD, text.upper()):
        with pytest.raises(Unauthenticated):
            sign_in(fakes.world, "__token__", wrong)


@pytest.mark.parametrize("lasts", [timedelta(0), timedelta(days=-1)])
def test_a_token_must_last(fakes: Fakes, ada: User, lasts: timedelta) -> None:
    """A token that ends before it begins is not made."""
    with pytest.raises(Invalid) as refused:
        create_token(fakes.world, Caller(ada), TokenWish(UPLOAD, lasts=lasts))
    assert refused.value.code == "token-invalid"


def test_a_token_names_projects_that_are_there(fakes: Fakes, ada: User) -> None:
    """A token for an unknown project is refused, and not stored."""
    with pytest.raises(NotFound):
        create_token(fakes.world, Caller(ada), TokenWish(UPLOAD, ("other",)))
    assert fakes.store.committed.tokens == {}


# The first administrator


def test_the_link_makes_one_administrator(fakes: Fakes) -> None:
    """A new index offers a link; who uses it is the administrator, and it is used up."""
    secret = offer_setup_link(fakes.world)
    assert secret is not None
    assert is_setup_link(fakes.world, secret)
    root = become_first_admin(fakes.world, secret, "root", "root@example.org", PASSWORD)
    assert root.is_admin
    assert sign_in(fakes.world, "root", PASSWORD).user == root
    assert not is_setup_link(fakes.world, secret)
    with pytest.raises(NotFound) as refused:
        become_first_admin(fakes.world, secret, "eve", "eve@example.org", PASSWORD)
    assert refused.value.code == "setup-link"
    assert offer_setup_link(fakes.world) is None


def test_a_mistake_does_not_use_the_link_up(fakes: Fakes) -> None:
    """After a refused form the same link works still."""
    secret = offer_setup_link(fakes.world)
    assert secret is not None
    for name, email, password in (
        ("Root", "r@example.org", PASSWORD),
        ("root", "r", PASSWORD),
        ("root", "r@example.org", "x"),
    ):
        with pytest.raises(Invalid):
            become_first_admin(fakes.world, secret, name, email, password)
    with pytest.raises(Invalid) as refused:
        become_first_admin(fakes.world, secret, "Root", "r", "x")
    assert len(refused.value.problems) == 3, "everything that is wrong is told at once"
    assert is_setup_link(fakes.world, secret)


def test_a_newer_link_replaces_the_older(fakes: Fakes) -> None:
    """Every start of an index without administrator offers a link of its own; only the last one works."""
    older, newer = offer_setup_link(fakes.world), offer_setup_link(fakes.world)
    assert older is not None
    assert newer is not None
    assert not is_setup_link(fakes.world, older)
    assert is_setup_link(fakes.world, newer)
    assert not is_setup_link(fakes.world, "another")


def test_the_link_ends_in_time(fakes: Fakes) -> None:
    """A link that nobody used in time is over."""
    secret = offer_setup_link(fakes.world)
    assert secret is not None
    fakes.clock.advance(SETUP_LINK_LASTS)
    assert not is_setup_link(fakes.world, secret)
    with pytest.raises(NotFound):
        become_first_admin(fakes.world, secret, "root", "root@example.org", PASSWORD)


def test_the_link_ends_with_the_first_administrator(fakes: Fakes) -> None:
    """Once somebody administers the index, by whatever way, an older link makes no administrator; other accounts end nothing."""
    secret = offer_setup_link(fakes.world)
    assert secret is not None
    add_person(fakes.world, "ada")
    assert is_setup_link(fakes.world, secret)
    add_person(fakes.world, "root", is_admin=True)
    assert not is_setup_link(fakes.world, secret)
    assert offer_setup_link(fakes.world) is None
    with pytest.raises(NotFound):
        become_first_admin(fakes.world, secret, "eve", "eve@example.org", PASSWORD)


def test_the_link_takes_over_an_account_without_password(fakes: Fakes) -> None:
    """Who made an account in the terminal becomes its first administrator on the page, and keeps what it has."""
    made = add_user(fakes.world, "me", "me@example.org", None, is_admin=False)
    token = create_token(fakes.world, Caller(made), TokenWish(UPLOAD)).text
    secret = offer_setup_link(fakes.world)
    assert secret is not None
    root = become_first_admin(fakes.world, secret, "me", "other@example.org", PASSWORD)
    assert root == replace(made, is_admin=True)
    assert sign_in(fakes.world, "me", PASSWORD).user == root
    assert sign_in_with_token(fakes.world, token).user == root
    assert not is_setup_link(fakes.world, secret)
    entry = entries(fakes.store)[-1]
    assert (entry["kind"], entry["actor"], entry["details"]) == ("administrator-made", "me", {"user": "me"})


def test_the_link_takes_no_account_that_has_a_password(fakes: Fakes, ada: User) -> None:
    """An account with a password is somebody's: the link makes nobody its administrator, and still holds."""
    secret = offer_setup_link(fakes.world)
    assert secret is not None
    with pytest.raises(Conflict) as refused:
        become_first_admin(fakes.world, secret, "ada", "ada@example.org", "another long password")
    assert refused.value.code == "user-exists"
    assert sign_in(fakes.world, "ada", PASSWORD).user == ada
    assert is_setup_link(fakes.world, secret)
