"""People change and forget their passwords, and strangers learn nothing from it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.accounts import ANOTHER, PASSWORD, kinds, secret_of, user_named, verified
from tests.support.fake_passwords import FakePasswords
from tests.support.mail import Post
from tests.support.world import Fakes

from homeport.domain.account import Caller, Scope, User
from homeport.domain.account_link import LinkPurpose
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited, Unauthenticated
from homeport.flows.account_links import new_link, whose_link
from homeport.flows.accounts import (
    PasswordChange,
    ask_reset,
    change_email,
    change_password,
    set_password_by_link,
    verify_email,
)
from homeport.flows.sessions import find_session, open_session
from homeport.flows.sign_in import add_user, sign_in
from homeport.flows.tokens import TokenWish, create_token
from homeport.flows.users import disable_user, set_password


def test_another_password_ends_the_other_sessions(fakes: Fakes, post: Post, ada: User) -> None:
    """The old password opens nothing more, every browser but this one is signed out, links end, tokens stay."""
    world = post.world
    token = create_token(world, Caller(ada), TokenWish(scopes=frozenset({Scope.UPLOAD}))).text
    here, elsewhere = open_session(world, ada), open_session(world, ada)
    ask_reset(world, "ada")
    (reset,) = post.links("ada@example.org")
    change_password(world, Caller(ada), PasswordChange(PASSWORD, ANOTHER), but=Sha256.of(here.encode()))
    assert sign_in(world, "ada", ANOTHER).user == ada
    with pytest.raises(Unauthenticated):
        sign_in(world, "ada", PASSWORD)
    assert find_session(world, here) is not None
    assert find_session(world, elsewhere) is None
    assert sign_in(world, "__token__", token).user == ada
    with pytest.raises(NotFound):
        set_password_by_link(world, secret_of(reset), PASSWORD)
    assert ("password-changed", "ada") in kinds(fakes)
    assert post.subjects("ada@example.org")[-1] == "Your password was changed"


def test_another_password_ends_every_link(fakes: Fakes, post: Post, ada: User) -> None:
    """One to another address, asked for by whoever had the password before, moves the account no more, mailed or not."""
    change_email(post.world, Caller(ada), "eve@example.org")
    (mailed,) = post.links("eve@example.org")
    change_email(post.world, Caller(ada), "mallory@example.org")
    change_password(post.world, Caller(ada), PasswordChange(PASSWORD, ANOTHER))
    with pytest.raises(NotFound):
        verify_email(post.world, secret_of(mailed))
    assert post.links("mallory@example.org") == []
    assert user_named(post.world, "ada") == ada


def test_a_password_that_was_replaced_meanwhile_replaces_nothing(post: Post, ada: User) -> None:
    """While the new password was hashed another one came in: the old one is wrong now."""

    class Racing(FakePasswords):
        def hash(self, password: str) -> str:
            set_password(post.world, "ada", ANOTHER)
            return super().hash(password)

    world = replace(post.world, passwords=Racing())
    with pytest.raises(Forbidden) as refused:
        change_password(world, Caller(ada), PasswordChange(PASSWORD, "a third of the passwords"))
    assert refused.value.code == "password-wrong"
    assert sign_in(post.world, "ada", ANOTHER).user == ada


def test_a_link_to_a_password_is_for_its_address(post: Post, ada: User) -> None:
    """One that was made for an address that the account no longer has opens nothing."""
    with post.world.store.write() as tx:
        hour = timedelta(hours=1)
        secret = new_link(post.world, tx, ada, LinkPurpose.SET_PASSWORD, "old@example.org", hour)
    with pytest.raises(NotFound):
        whose_link(post.world, secret, LinkPurpose.SET_PASSWORD)
    with pytest.raises(NotFound):
        set_password_by_link(post.world, secret, ANOTHER)


def test_the_present_password_is_asked_for(post: Post, ada: User) -> None:
    """Who sits at an open browser and does not know it changes nothing, and does not guess for long."""
    for _ in range(10):
        with pytest.raises(Forbidden) as refused:
            change_password(post.world, Caller(ada), PasswordChange("a guess of a password", ANOTHER))
        assert refused.value.code == "password-wrong"
    with pytest.raises(RateLimited):
        change_password(post.world, Caller(ada), PasswordChange(PASSWORD, ANOTHER))


def test_a_new_password_is_long_enough(post: Post, ada: User) -> None:
    """A short one is refused before anything else."""
    with pytest.raises(Invalid) as refused:
        change_password(post.world, Caller(ada), PasswordChange(PASSWORD, "short"))
    assert refused.value.code == "password-length"


@pytest.mark.parametrize("who", ["ada", "ada@example.org"])
def test_a_forgotten_password_is_replaced_by_mail(fakes: Fakes, post: Post, ada: User, who: str) -> None:
    """By name or address; the link sets a password once, within its hour, and every browser is signed out."""
    secret = open_session(post.world, ada)
    ask_reset(post.world, who)
    (link,) = post.links("ada@example.org")
    assert whose_link(post.world, secret_of(link), LinkPurpose.SET_PASSWORD)[0] == ada
    assert set_password_by_link(post.world, secret_of(link), ANOTHER) == ada
    assert sign_in(post.world, "ada", ANOTHER).user == ada
    assert find_session(post.world, secret) is None
    with pytest.raises(NotFound):
        set_password_by_link(post.world, secret_of(link), PASSWORD)


def test_the_hour_begins_when_the_mail_leaves(fakes: Fakes, post: Post, ada: User) -> None:
    """A mail server that was down uses none of it up."""
    ask_reset(post.world, "ada")
    fakes.clock.advance(timedelta(hours=5))
    (link,) = post.links("ada@example.org")
    fakes.clock.advance(timedelta(minutes=59))
    whose_link(post.world, secret_of(link), LinkPurpose.SET_PASSWORD)
    fakes.clock.advance(timedelta(minutes=1))
    with pytest.raises(NotFound):
        whose_link(post.world, secret_of(link), LinkPurpose.SET_PASSWORD)


def test_a_link_is_for_its_purpose(post: Post, ada: User) -> None:
    """Who reads the mail of an address that is being verified does not set a password by that."""
    change_email(post.world, Caller(ada), "new@example.org")
    (link,) = post.links("new@example.org")
    with pytest.raises(NotFound):
        set_password_by_link(post.world, secret_of(link), ANOTHER)
    with pytest.raises(NotFound):
        whose_link(post.world, secret_of(link), LinkPurpose.SET_PASSWORD)


def test_strangers_learn_nothing_from_asking(fakes: Fakes, post: Post, ada: User) -> None:
    """Known, unknown, unverified and disabled: the answer is the same, and so is what is written."""
    add_user(post.world, "bob", "bob@example.org", PASSWORD, is_admin=False)
    verified(post, add_user(post.world, "cyd", "cyd@example.org", PASSWORD, is_admin=False))
    disable_user(post.world, None, "cyd")
    asked = [
        "ada",
        "ada@example.org",
        "bob",
        "bob@example.org",
        "cyd",
        "nobody",
        "nobody@example.org",
        "",
        "\0",
    ]
    for number, who in enumerate(asked, 1):
        ask_reset(post.world, who)
        assert len(fakes.store.committed.attempts) == len(fakes.store.committed.mails) == number
    post.send()
    assert {message.recipient for message in post.mailer.sent} == {"ada@example.org"}


def test_without_mail_nobody_is_let_hope(fakes: Fakes) -> None:
    """Where no mail is sent, who forgot a password is told whom to ask."""
    with pytest.raises(Conflict) as refused:
        ask_reset(fakes.world, "ada")
    assert refused.value.code == "mail-off"


def test_a_link_to_a_disabled_account_opens_nothing(post: Post, ada: User) -> None:
    """Disabling ends the links there are; and one that was made by a mail on its way is refused, too."""
    ask_reset(post.world, "ada")
    (link,) = post.links("ada@example.org")
    with post.world.store.write() as tx:
        tx.users.disable(ada.id, post.world.clock.now())
    with pytest.raises(NotFound):
        whose_link(post.world, secret_of(link), LinkPurpose.SET_PASSWORD)
    with pytest.raises(NotFound):
        set_password_by_link(post.world, secret_of(link), ANOTHER)


def test_no_secret_is_stored(fakes: Fakes, post: Post, ada: User) -> None:
    """Neither outbox nor links hold what was mailed; a digest of it does."""
    ask_reset(post.world, "ada")
    (link,) = post.links("ada@example.org")
    assert secret_of(link) not in str(fakes.store.committed)
    assert Sha256.of(secret_of(link).encode()) in fakes.store.committed.account_links
