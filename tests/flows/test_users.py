"""Administration of accounts: who may do it, what it does, and that somebody always can."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.invariants import entries
from tests.support.world import Fakes, fake_world

from homeport.domain.account import Caller, Scope, User
from homeport.domain.account_link import HANDED_LASTS, LinkPurpose
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from homeport.domain.rights import FRESH_FOR
from homeport.flows.account_links import whose_link
from homeport.flows.accounts import set_password_by_link
from homeport.flows.sessions import find_session, open_session
from homeport.flows.sign_in import add_user, sign_in, sign_in_with_token
from homeport.flows.tokens import TokenWish, create_token
from homeport.flows.users import (
    PAGE_LENGTH,
    demote_user,
    disable_user,
    enable_user,
    invite_user,
    list_users,
    make_link,
    promote_user,
    set_password,
    show_user,
)
from homeport.ports.world import World

PASSWORD = "correct horse battery"
MOMENT = timedelta(microseconds=1)
CHANGES = (make_link, disable_user, enable_user, promote_user, demote_user)


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def root(fakes: Fakes) -> Caller:
    """The one administrator."""
    return Caller(add_user(fakes.world, "root", "root@example.org", PASSWORD, is_admin=True))


@pytest.fixture
def ada(fakes: Fakes) -> User:
    """Somebody with a password."""
    return add_user(fakes.world, "ada", "ada@example.org", PASSWORD, is_admin=False)


def newest(fakes: Fakes) -> tuple[str, str, str]:
    """The newest entry: what, by whom, to whom."""
    entry = entries(fakes.store)[-1]
    return entry["kind"], entry["actor"], entry["details"]["user"]


def notices(fakes: Fakes, user: User) -> list[str]:
    """The subjects of what a person was told."""
    with fakes.store.read() as tx:
        return [notice.subject for notice in tx.notices.of_user(user.id, limit=9)]


def secret_of(url: str) -> str:
    """The secret in a link."""
    return url.rpartition("/")[2]


def test_an_invited_user_begins_with_a_link(fakes: Fakes, root: Caller) -> None:
    """The account has no password until its link was used; the administrator is told the link once."""
    link = invite_user(fakes.world, root, "bob", "bob@example.org", is_admin=True)
    assert newest(fakes) == ("user-added", "root", "bob")
    assert link.url.startswith("https://index.test/set-password/")
    assert link.until == fakes.clock.now() + HANDED_LASTS
    assert not show_user(fakes.world, root, "bob").has_password
    set_password_by_link(fakes.world, secret_of(link.url), PASSWORD)
    assert sign_in(fakes.world, "bob", PASSWORD).user.is_admin
    assert secret_of(link.url) not in str(fakes.store.committed)


@pytest.mark.parametrize(
    ("name", "email", "kind"),
    [
        ("Bob", "bob@example.org", Invalid),
        ("bob", "bob", Invalid),
        ("ada", "bob@example.org", Conflict),
        ("bob", "ada@example.org", Conflict),
    ],
)
def test_nonsense_and_what_is_taken_is_refused(
    fakes: Fakes, root: Caller, ada: User, name: str, email: str, kind: type[Exception]
) -> None:
    """An administrator is told plainly what is wrong, and no account is made."""
    with pytest.raises(kind):
        invite_user(fakes.world, root, name, email, is_admin=False)
    with pytest.raises(Invalid) as refused:
        invite_user(fakes.world, root, "Bob", "bob", is_admin=False)
    assert len(refused.value.problems) == 2, "both are told at once"
    assert len(fakes.store.committed.users) == 2


def test_a_link_is_made_for_who_forgot(fakes: Fakes, root: Caller, ada: User) -> None:
    """It ends after some days, the user gets a notice of it, and the ledger says who made it."""
    link = make_link(fakes.world, root, "ada")
    assert newest(fakes) == ("password-link-made", "root", "ada")
    assert notices(fakes, ada) == ["A link to set your password was made"]
    fakes.clock.advance(HANDED_LASTS - MOMENT)
    assert whose_link(fakes.world, secret_of(link.url), LinkPurpose.SET_PASSWORD)[0] == ada
    fakes.clock.advance(MOMENT)
    with pytest.raises(NotFound):
        whose_link(fakes.world, secret_of(link.url), LinkPurpose.SET_PASSWORD)


def test_a_disabled_account_gets_no_link(fakes: Fakes, root: Caller, ada: User) -> None:
    """It would open nothing: the account is enabled first."""
    disable_user(fakes.world, root, "ada")
    with pytest.raises(Conflict) as refused:
        make_link(fakes.world, root, "ada")
    assert refused.value.code == "user-disabled"


def test_disabled_is_refused_every_way(fakes: Fakes, root: Caller, ada: User) -> None:
    """Password, token, session and link open nothing; enabled, the password and the tokens are as they were."""
    world = fakes.world
    token = create_token(world, Caller(ada), TokenWish(scopes=frozenset({Scope.UPLOAD}))).text
    session, link = open_session(world, ada), make_link(world, root, "ada")
    assert disable_user(world, root, "ada").is_disabled
    assert newest(fakes) == ("user-disabled", "root", "ada")
    ways: tuple[Callable[[], object], ...] = (
        lambda: sign_in(world, "ada", PASSWORD),
        lambda: sign_in_with_token(world, token),
        lambda: set_password_by_link(world, secret_of(link.url), PASSWORD),
    )
    for way in ways:
        with pytest.raises((Unauthenticated, NotFound)):
            way()
    assert find_session(world, session) is None
    assert not enable_user(world, root, "ada").is_disabled
    assert newest(fakes) == ("user-enabled", "root", "ada")
    assert sign_in(world, "ada", PASSWORD).user == sign_in_with_token(world, token).user == ada
    assert find_session(world, session) is None, "sessions ended for good"


def test_administrators_are_made_and_unmade(fakes: Fakes, root: Caller, ada: User) -> None:
    """Each change is an entry, and the person concerned is told."""
    assert promote_user(fakes.world, root, "ada").is_admin
    assert newest(fakes) == ("administrator-made", "root", "ada")
    assert not demote_user(fakes.world, root, "ada").is_admin
    assert newest(fakes) == ("administrator-unmade", "root", "ada")
    assert notices(fakes, ada) == ["You no longer administer this index", "You administer this index"]


@pytest.mark.parametrize("change", [disable_user, demote_user])
@pytest.mark.parametrize("by", ["root", "the shell"])
def test_the_last_administrator_stays(
    fakes: Fakes, root: Caller, ada: User, change: Callable[[World, Caller | None, str], User], by: str
) -> None:
    """Nobody locks everybody out, the shell neither; a second one that is disabled does not count."""
    promote_user(fakes.world, root, "ada")
    disable_user(fakes.world, root, "ada")
    with pytest.raises(Conflict) as refused:
        change(fakes.world, root if by == "root" else None, "root")
    assert refused.value.code == "last-administrator"
    assert demote_user(fakes.world, root, "ada").is_disabled, "who is disabled administers nothing anyway"
    promote_user(fakes.world, root, "ada")
    enable_user(fakes.world, root, "ada")
    change(fakes.world, root, "root")


@pytest.mark.parametrize("change", CHANGES[1:])
def test_twice_is_once(
    fakes: Fakes, root: Caller, ada: User, change: Callable[[World, Caller | None, str], User]
) -> None:
    """What is so already leaves no entry and no notice."""
    change(fakes.world, root, "ada")
    before, told = len(entries(fakes.store)), notices(fakes, ada)
    change(fakes.world, root, "ada")
    assert (len(entries(fakes.store)), notices(fakes, ada)) == (before, told)


@pytest.mark.parametrize("change", CHANGES)
def test_only_an_administrator_in_person_may(
    fakes: Fakes, root: Caller, ada: User, change: Callable[[World, Caller | None, str], object]
) -> None:
    """Others, tokens, and who showed who they are too long ago may not; nor is anybody else but the shell asked."""
    made = create_token(fakes.world, root, TokenWish(scopes=frozenset(Scope)))
    stale = Caller(root.user, confirmed_at=fakes.clock.now())
    fakes.clock.advance(FRESH_FOR + MOMENT)
    before = len(entries(fakes.store))
    codes = []
    for caller in (Caller(ada), Caller(root.user, made.token), stale):
        with pytest.raises(Forbidden) as refused:
            change(fakes.world, caller, "ada")
        codes.append(refused.value.code)
    assert codes == ["admin-only", "admin-only", "confirm-needed"]
    assert len(entries(fakes.store)) == before
    change(fakes.world, None, "ada")


@pytest.mark.parametrize("change", [*CHANGES, show_user])
def test_nobody_is_not_found(
    fakes: Fakes, root: Caller, change: Callable[[World, Caller | None, str], object]
) -> None:
    """A name without an account is told as such."""
    with pytest.raises(NotFound) as refused:
        change(fakes.world, root, "nobody")
    assert refused.value.code == "user-unknown"


def test_the_shell_acts_for_the_account(fakes: Fakes, ada: User) -> None:
    """Without an administrator the ledger names the account itself: there may be nobody else yet (ADR 0004)."""
    promote_user(fakes.world, None, "ada")
    assert newest(fakes) == ("administrator-made", "ada", "ada")


@pytest.mark.usefixtures("root")
def test_what_the_shell_does_is_told_as_that_of_who_runs_the_index(fakes: Fakes, ada: User) -> None:
    """Nobody reads that they did themselves what they know nothing of."""
    for change in (promote_user, make_link, demote_user):
        change(fakes.world, None, "ada")
    with fakes.store.read() as tx:
        told = [notice.text for notice in tx.notices.of_user(ada.id, limit=9)]
    assert told == [
        "Whoever runs this index decided that you administer this index no longer.",
        "Whoever runs this index made a link by which the password of your account can be set.",
        "Whoever runs this index made you an administrator of this index.",
    ]


def test_the_shell_sets_a_password(fakes: Fakes, ada: User) -> None:
    """It is an entry, ends every session, and is told to the user."""
    secret = open_session(fakes.world, ada)
    set_password(fakes.world, "ada", "another long password")
    assert sign_in(fakes.world, "ada", "another long password").user == ada
    assert find_session(fakes.world, secret) is None
    assert newest(fakes) == ("password-changed", "ada", "ada")
    assert notices(fakes, ada) == ["Your password was changed"]


def test_accounts_are_listed_page_by_page(fakes: Fakes, root: Caller) -> None:
    """Every account is on exactly one page, by name; the last page says that nothing follows."""
    names = sorted(["root", *(f"user{number:03}" for number in range(PAGE_LENGTH + 1))])
    for name in names:
        if name != "root":
            add_user(fakes.world, name, f"{name}@example.org", None, is_admin=False)
    first = list_users(fakes.world, root)
    second = list_users(fakes.world, root, after=first.after)
    assert [account.user.name for account in [*first.accounts, *second.accounts]] == names
    assert (len(first.accounts), second.after) == (PAGE_LENGTH, "")
    (found,) = list_users(fakes.world, root, "user007@").accounts
    assert found.user.name == "user007"


def test_only_administrators_see_accounts(fakes: Fakes, root: Caller, ada: User) -> None:
    """Addresses are nobody else's business; looking needs no fresh confirmation."""
    for look in (
        lambda: list_users(fakes.world, Caller(ada)),
        lambda: show_user(fakes.world, Caller(ada), "ada"),
    ):
        with pytest.raises(Forbidden):
            look()
    stale = Caller(root.user, confirmed_at=fakes.clock.now() - FRESH_FOR - MOMENT)
    assert list_users(fakes.world, stale).accounts
    assert show_user(fakes.world, stale, "ada").user == ada


@pytest.mark.parametrize("change", CHANGES)
def test_who_is_no_administrator_any_more_changes_nothing(
    fakes: Fakes, root: Caller, ada: User, change: Callable[[World, Caller, str], object]
) -> None:
    """Who was an administrator when they knocked is asked again in the transaction that counts."""
    former = Caller(add_user(fakes.world, "max", "max@example.org", PASSWORD, is_admin=True))
    demote_user(fakes.world, root, "max")
    before = fakes.store.committed
    with pytest.raises(Forbidden) as refused:
        change(fakes.world, former, ada.name)
    assert refused.value.code == "admin-only"
    with pytest.raises(Forbidden):
        invite_user(fakes.world, former, "eve", "eve@example.org", is_admin=True)
    disable_user(fakes.world, root, "max")
    with pytest.raises(Unauthenticated):
        change(fakes.world, former, ada.name)
    assert fakes.store.committed.users[ada.id] == before.users[ada.id]
