"""People sign up, and strangers learn nothing from it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.accounts import OPEN, PASSWORD, kinds, secret_of, user_named
from tests.support.mail import Post
from tests.support.world import Fakes

from homeport.domain.account import Caller, User
from homeport.domain.account_link import LinkPurpose
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited
from homeport.domain.throttle import PER_ADDRESS, WINDOW
from homeport.flows.account_links import whose_link
from homeport.flows.accounts import ask_reset, sign_up, verify_email
from homeport.flows.organisations import create_organisation
from homeport.flows.sign_in import add_user, sign_in
from homeport.flows.users import disable_user

MOMENT = timedelta(microseconds=1)


def test_who_signs_up_has_an_account_and_gets_a_link(fakes: Fakes, post: Post) -> None:
    """The account is there at once, unverified; its link verifies the address, once."""
    sign_up(post.world, "ada", "ada@example.org", PASSWORD)
    assert not sign_in(post.world, "ada", PASSWORD).user.is_verified
    (link,) = post.links("ada@example.org")
    assert link.startswith("/verify-email/")
    verify_email(post.world, secret_of(link))
    assert user_named(post.world, "ada").is_verified
    assert kinds(fakes) == [("user-added", "ada"), ("email-verified", "ada")]
    with pytest.raises(Conflict) as again:
        verify_email(post.world, secret_of(link))
    assert again.value.code == "link-verified", "who opens it again has nothing to ask for"
    fakes.clock.advance(timedelta(hours=25))
    with pytest.raises(NotFound) as late:
        verify_email(post.world, secret_of(link))
    assert late.value.code == "link-ended"


def test_without_mail_an_account_is_whole_at_once(fakes: Fakes) -> None:
    """Nothing is mailed, and what is taken is told plainly: there is no other way to tell."""
    world = replace(fakes.world, accounts=OPEN)
    sign_up(world, "ada", "ada@example.org", PASSWORD)
    assert sign_in(world, "ada", PASSWORD).user.name == "ada"
    assert fakes.store.committed.mails == {}
    with pytest.raises(Conflict) as taken:
        sign_up(world, "bob", "ada@example.org", PASSWORD)
    assert taken.value.code == "user-exists"


def test_a_closed_index_takes_nobody(fakes: Fakes) -> None:
    """Where sign-up is closed, who asks is told whom to ask."""
    with pytest.raises(Forbidden) as refused:
        sign_up(fakes.world, "ada", "ada@example.org", PASSWORD)
    assert refused.value.code == "sign-up-closed"
    assert fakes.store.committed.users == {}


def test_everything_wrong_is_told_at_once(fakes: Fakes, post: Post) -> None:
    """Name, address and password are judged together."""
    with pytest.raises(Invalid) as refused:
        sign_up(post.world, "root", "nobody", "short")
    assert len(refused.value.problems) == 3
    assert fakes.store.committed.users == {}


def test_an_address_with_an_account_is_answered_alike(fakes: Fakes, post: Post, ada: User) -> None:
    """Who signs up with somebody's address sees nothing of it; the owner is told, and offered another password."""
    sign_up(post.world, "eve", "ada@example.org", PASSWORD)
    with post.world.store.read() as tx:
        assert tx.users.by_name("eve") is None
    assert post.subjects("ada@example.org") == ["Your address has an account already"]
    assert post.links("ada@example.org")[0].startswith("/set-password/")


def test_an_unverified_address_is_decided_by_its_reader(post: Post) -> None:
    """When nobody has verified the address yet, its mailbox gets the link that does, for the account that names it."""
    add_user(post.world, "squatter", "ada@example.org", PASSWORD, is_admin=False)
    sign_up(post.world, "ada", "ada@example.org", PASSWORD)
    (link,) = post.links("ada@example.org")
    assert link.startswith("/verify-email/")
    assert whose_link(post.world, secret_of(link), LinkPurpose.VERIFY_EMAIL)[0].name == "squatter"


def test_the_owner_of_a_disabled_account_gets_no_link(post: Post, ada: User) -> None:
    """A disabled account is not opened by way of a mail either."""
    disable_user(post.world, None, "ada")
    sign_up(post.world, "eve", "ada@example.org", PASSWORD)
    ask_reset(post.world, "ada")
    assert post.subjects("ada@example.org") == []


def test_a_taken_name_is_told(post: Post, ada: User) -> None:
    """Names are public; also together with a taken address, the name is what is told."""
    for email in ("eve@example.org", "ada@example.org"):
        with pytest.raises(Conflict) as refused:
            sign_up(post.world, "ada", email, PASSWORD)
        assert refused.value.code == "user-exists"
    assert post.subjects("ada@example.org") == []


def test_an_organisations_name_is_told_as_taken_alike(post: Post, ada: User) -> None:
    """Whether the address has an account makes no difference in the answer, to the letter."""
    create_organisation(post.world, Caller(ada), "acme")
    told = set()
    for email in ("eve@example.org", "ada@example.org"):
        with pytest.raises(Conflict) as refused:
            sign_up(post.world, "acme", email, PASSWORD)
        told.add((refused.value.code, refused.value.sentence))
    assert told == {("user-exists", "The name acme is taken: choose another.")}
    assert post.subjects("ada@example.org") == []


def test_strangers_ask_so_often_and_no_more(fakes: Fakes, post: Post) -> None:
    """From one address so many accounts and links are asked for within the window; from another one may still ask."""
    for number in range(PER_ADDRESS - 1):
        sign_up(post.world, f"user{number}", f"user{number}@example.org", PASSWORD, "192.0.2.1")
    ask_reset(post.world, "nobody", "192.0.2.1")
    with pytest.raises(RateLimited) as refused:
        sign_up(post.world, "more", "more@example.org", PASSWORD, "192.0.2.1")
    with pytest.raises(RateLimited):
        ask_reset(post.world, "user1", "192.0.2.1")
    assert refused.value.code == "asked-too-often"
    assert refused.value.retry_after_seconds == WINDOW.total_seconds()
    sign_up(post.world, "more", "more@example.org", PASSWORD, "192.0.2.2")
    fakes.clock.advance(WINDOW + MOMENT)
    sign_up(post.world, "later", "later@example.org", PASSWORD, "192.0.2.1")
