"""People's own accounts: signing up, addresses, passwords, and what strangers learn from it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.fake_passwords import FakePasswords
from tests.support.invariants import entries
from tests.support.mail import Post, with_mail
from tests.support.world import Fakes, fake_world

from homeport.domain.account import AccountPolicy, Caller, Scope, User
from homeport.domain.account_link import LinkPurpose
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited, Unauthenticated
from homeport.domain.mail import LINKS_WITHIN, MOST_LINKS, Letter
from homeport.domain.rights import FRESH_FOR
from homeport.domain.throttle import PER_ADDRESS, WINDOW
from homeport.flows.account_links import new_link, whose_link
from homeport.flows.accounts import (
    PasswordChange,
    ask_reset,
    change_email,
    change_password,
    set_password_by_link,
    sign_up,
    verify_email,
)
from homeport.flows.organisations import create_organisation
from homeport.flows.sessions import find_session, open_session
from homeport.flows.sign_in import add_user, sign_in
from homeport.flows.tokens import TokenWish, create_token
from homeport.flows.users import disable_user, set_password
from homeport.ports.world import World

PASSWORD, ANOTHER = "correct horse battery", "staple of horses and batteries"
OPEN = AccountPolicy(sign_up_is_open=True)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes; it sends no mail."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def post(fakes: Fakes) -> Post:
    """The same world, open for everybody and sending mail."""
    return with_mail(fakes.world, accounts=OPEN)


@pytest.fixture
def ada(post: Post) -> User:
    """Somebody with a password and a verified address."""
    return verified(post, add_user(post.world, "ada", "ada@example.org", PASSWORD, is_admin=False))


def verified(post: Post, user: User) -> User:
    """``user``, whose address is verified."""
    with post.world.store.write() as tx:
        tx.users.put_email(user.id, user.email, verified_at=post.world.clock.now())
    return user_named(post.world, user.name)


def user_named(world: World, name: str) -> User:
    """The account as it stands."""
    with world.store.read() as tx:
        found = tx.users.by_name(name)
    assert found is not None
    return found


def secret_of(link: str) -> str:
    """The secret in a link's path."""
    return link.rpartition("/")[2]


def kinds(fakes: Fakes) -> list[tuple[str, str]]:
    """What the ledger says was done, and by whom."""
    return [(entry["kind"], entry["actor"]) for entry in entries(fakes.store)]


# Signing up


def test_who_signs_up_has_an_account_and_gets_a_link(fakes: Fakes, post: Post) -> None:
    """The account is there at once, unverified; its link verifies the address, once."""
    sign_up(post.world, "ada", "ada@example.org", PASSWORD)
    assert not sign_in(post.world, "ada", PASSWORD).user.is_verified
    (link,) = post.links("ada@example.org")
    assert link.startswith("/verify-email/")
    verify_email(post.world, secret_of(link))
    assert user_named(post.world, "ada").is_verified
    assert kinds(fakes) == [("user-added", "ada"), ("email-verified", "ada")]
    with pytest.raises(NotFound) as again:
        verify_email(post.world, secret_of(link))
    assert again.value.code == "link-ended"


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


# Addresses


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


# Passwords


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
