"""People change and verify their addresses, and strangers learn nothing from it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.accounts import ANOTHER, PASSWORD, kinds, secret_of, user_named
from tests.support.invariants import entries
from tests.support.mail import Post
from tests.support.world import Fakes

from homeport.domain.account import Caller, Scope, User
from homeport.domain.account_link import LinkPurpose
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited
from homeport.domain.mail import LINKS_WITHIN, MOST_LINKS, Letter
from homeport.domain.rights import FRESH_FOR
from homeport.flows.accounts import (
    PasswordChange,
    ask_reset,
    change_email,
    change_password,
    set_password_by_link,
    verify_email,
)
from homeport.flows.sign_in import add_user
from homeport.flows.tokens import TokenWish, create_token

MOMENT = timedelta(microseconds=1)


def test_another_address_counts_when_its_reader_says_so(fakes: Fakes, post: Post, ada: User) -> None:
    """Until the link is used the old address stays; then the new one is verified, and the old one is told."""
    ask_reset(post.world, "ada")
    (reset,) = post.links("ada@example.org")
    assert change_email(post.world, Caller(ada), "new@example.org")
    assert user_named(post.world, "ada") == ada
    assert post.subjects("ada@example.org")[-1] == "Another e-mail address is wanted for your account"
    (link,) = post.links("new@example.org")
    verify_email(post.world, secret_of(link))
    assert user_named(post.world, "ada") == replace(ada, email="new@example.org")
    assert post.subjects("ada@example.org")[-1] == "Your e-mail address was changed"
    assert kinds(fakes)[-2:] == [("email-changed", "ada"), ("email-verified", "ada")]
    assert "example.org" not in str(entries(fakes.store)), "the ledger holds no address"
    with pytest.raises(NotFound):
        set_password_by_link(post.world, secret_of(reset), ANOTHER)


def test_without_mail_an_address_is_changed_at_once(fakes: Fakes) -> None:
    """It is not verified by that, and a taken one is told plainly; the same one changes nothing."""
    world = fakes.world
    ada = add_user(world, "ada", "ada@example.org", PASSWORD, is_admin=False)
    add_user(world, "bob", "bob@example.org", PASSWORD, is_admin=False)
    assert not change_email(world, Caller(ada), "new@example.org")
    assert user_named(world, "ada") == replace(ada, email="new@example.org")
    with pytest.raises(Conflict) as taken:
        change_email(world, Caller(ada), "bob@example.org")
    assert taken.value.code == "email-taken"
    changed = user_named(world, "ada")
    before = len(entries(fakes.store))
    assert not change_email(world, Caller(changed), "new@example.org")
    assert len(entries(fakes.store)) == before


def test_an_address_of_somebody_else_is_answered_alike(post: Post, ada: User) -> None:
    """Who asks for another's address is told the same; the other is told who wants it, and nothing changes."""
    eve = add_user(post.world, "eve", "eve@example.org", PASSWORD, is_admin=False)
    assert change_email(post.world, Caller(eve), "ada@example.org") is True
    assert post.subjects("ada@example.org") == ["Your address has an account already"]
    assert post.subjects("eve@example.org") == ["Another e-mail address is wanted for your account"]
    assert user_named(post.world, "eve") == eve


@pytest.mark.parametrize("wanted", ["ada@example.org", "free@example.org"])
def test_asking_ends_alike_for_every_address(fakes: Fakes, post: Post, ada: User, wanted: str) -> None:
    """So many may be asked for within the hour, whether somebody has them or not, and however full that mailbox is."""
    eve = add_user(post.world, "eve", "eve@example.org", PASSWORD, is_admin=False)
    with post.world.store.write() as tx:
        for _ in range(MOST_LINKS - 1):
            letter = Letter(wanted, "subject", "", purpose=LinkPurpose.SET_PASSWORD, user_id=ada.id)
            tx.mails.add(letter, post.world.clock.now())
    for _ in range(MOST_LINKS):
        assert change_email(post.world, Caller(eve), wanted) is True
    with pytest.raises(RateLimited) as refused:
        change_email(post.world, Caller(eve), wanted)
    assert refused.value.code == "mail-enough"
    letters = [mail.letter for mail in fakes.store.committed.mails.values()]
    assert sum(letter.recipient == wanted for letter in letters) == MOST_LINKS
    assert post.links("eve@example.org") == []


def test_ones_own_address_is_verified_so_often(post: Post) -> None:
    """Links to the address that the account has are bounded by the mailbox alone; nobody is warned of them."""
    eve = add_user(post.world, "eve", "eve@example.org", PASSWORD, is_admin=False)
    for _ in range(MOST_LINKS):
        assert change_email(post.world, Caller(eve), eve.email) is True
    with pytest.raises(RateLimited):
        change_email(post.world, Caller(eve), eve.email)
    assert post.subjects(eve.email) == ["Verify your e-mail address"] * MOST_LINKS


def test_an_address_that_was_taken_meanwhile_stays_its_owners(post: Post, ada: User) -> None:
    """Two may ask for a free address; the first who reads its mail has it, and the other's link is refused."""
    eve = add_user(post.world, "eve", "eve@example.org", PASSWORD, is_admin=False)
    change_email(post.world, Caller(ada), "new@example.org")
    change_email(post.world, Caller(eve), "new@example.org")
    first, second = post.links("new@example.org")
    verify_email(post.world, secret_of(first))
    with pytest.raises(Conflict) as refused:
        verify_email(post.world, secret_of(second))
    assert refused.value.code == "email-taken"
    assert user_named(post.world, "eve") == eve


def test_the_newest_use_ends_older_links(post: Post, ada: User) -> None:
    """After an address was verified, a link to another one that still lies around does nothing."""
    change_email(post.world, Caller(ada), "old@example.org")
    change_email(post.world, Caller(ada), "new@example.org")
    (older,), (newer,) = post.links("old@example.org"), post.links("new@example.org")
    verify_email(post.world, secret_of(newer))
    with pytest.raises(NotFound):
        verify_email(post.world, secret_of(older))


def test_a_mailbox_is_not_flooded(fakes: Fakes, post: Post, ada: User) -> None:
    """So many links are asked for by one account, and go to one address, within the hour; who asks for more waits."""
    for number in range(MOST_LINKS):
        change_email(post.world, Caller(ada), f"new{number}@example.org")
    with pytest.raises(RateLimited) as refused:
        change_email(post.world, Caller(ada), "more@example.org")
    assert refused.value.code == "mail-enough"
    for _ in range(MOST_LINKS + 1):
        ask_reset(post.world, "ada")
    assert len(post.links("ada@example.org")) == MOST_LINKS
    fakes.clock.advance(LINKS_WITHIN)
    change_email(post.world, Caller(ada), "more@example.org")
    assert len(post.links("more@example.org")) == 1


def test_a_token_changes_neither_address_nor_password(post: Post, ada: User) -> None:
    """Whoever has a token has not the account (I-15)."""
    made = create_token(post.world, Caller(ada), TokenWish(scopes=frozenset(Scope)))
    caller = Caller(ada, made.token)
    with pytest.raises(Forbidden) as email:
        change_email(post.world, caller, "eve@example.org")
    with pytest.raises(Forbidden) as password:
        change_password(post.world, caller, PasswordChange(PASSWORD, ANOTHER))
    assert email.value.code == password.value.code == "in-person-only"


def test_an_address_is_changed_by_who_showed_it_lately(fakes: Fakes, post: Post, ada: User) -> None:
    """A browser that was left open a while ago does not give the account away."""
    caller = Caller(ada, confirmed_at=post.world.clock.now())
    fakes.clock.advance(FRESH_FOR + MOMENT)
    with pytest.raises(Forbidden) as refused:
        change_email(post.world, caller, "new@example.org")
    assert refused.value.code == "confirm-needed"


@pytest.mark.parametrize("email", ["", "nobody", "a@example.org\r\nBcc: b@example.org", "a b@example.org"])
def test_what_is_no_address_is_refused(post: Post, ada: User, email: str) -> None:
    """Nothing is written for it."""
    with pytest.raises(Invalid) as refused:
        change_email(post.world, Caller(ada), email)
    assert refused.value.code == "email-invalid"
