"""The outbox leaves: at least once, in time, and with links that work; and what administrators see of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.builders import user
from tests.support.mail import Post, with_mail
from tests.support.world import Fakes, add_person, fake_world

from homeport.domain.account import Caller
from homeport.domain.account_link import LinkPurpose
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from homeport.domain.mail import KEPT, PAUSES, Letter, Mail, Message
from homeport.flows.account_links import whose_link
from homeport.flows.notify import tell
from homeport.flows.outbox import drop_mail, send_test_mail, show_outbox, try_mail_again
from homeport.flows.send_mails import PAUSE_SECONDS, send_mails
from homeport.flows.users import set_password
from homeport.ports.notices import Notice

DOWN, REFUSED = Unavailable("The server is down."), Invalid("No such mailbox.")


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes; it sends no mail."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def post(fakes: Fakes) -> Post:
    """The same world, sending mail."""
    return with_mail(fakes.world)


@pytest.fixture
def root(post: Post) -> Caller:
    """An administrator."""
    return Caller(add_person(post.world, "root", is_admin=True))


def write(post: Post, *recipients: str, **more: Any) -> None:
    """Put letters into the outbox."""
    with post.world.store.write() as tx:
        for recipient in recipients:
            letter = Letter(f"{recipient}@example.org", "subject", "text", **more)
            tx.mails.add(letter, post.world.clock.now())


def mails(fakes: Fakes) -> list[Mail]:
    """The outbox as it stands."""
    return list(fakes.store.committed.mails.values())


def sent_to(post: Post) -> list[str]:
    """Whom mail was handed over for, in order."""
    return [message.recipient.partition("@")[0] for message in post.mailer.sent]


def test_what_is_due_leaves_once_and_slowly(fakes: Fakes, post: Post) -> None:
    """In the order it was written, with a pause after each, and not again."""
    begun = fakes.clock.now()
    write(post, "ada", "bob", "cyd")
    assert send_mails(post.world) == 3
    assert send_mails(post.world) == 0
    assert sent_to(post) == ["ada", "bob", "cyd"]
    assert fakes.clock.now() - begun == timedelta(seconds=3 * PAUSE_SECONDS)
    assert all(mail.sent_at and mail.due_at is None for mail in mails(fakes))


def test_a_round_has_an_end(post: Post) -> None:
    """However much waits, a round sends a bounded part of it, and the next one goes on."""
    write(post, *(f"user{number}" for number in range(45)))
    rounds = [send_mails(post.world) for _ in range(4)]
    assert rounds == [20, 20, 5, 0]


def test_a_server_that_is_down_is_asked_later(fakes: Fakes, post: Post) -> None:
    """The round ends at the first failure; the mail waits, others are tried in the next round, nothing is lost."""
    write(post, "ada", "bob")
    post.mailer.troubles = [DOWN]
    assert send_mails(post.world) == 0
    ada, bob = mails(fakes)
    assert (ada.due_at, ada.problem) == (fakes.clock.now() + PAUSES[0], DOWN.sentence)
    assert bob.tries == 0
    assert send_mails(post.world) == 1
    fakes.clock.advance(PAUSES[0])
    assert send_mails(post.world) == 1
    assert sent_to(post) == ["bob", "ada"]
    assert mails(fakes)[0].problem == ""


def test_what_never_leaves_is_given_up(fakes: Fakes, post: Post) -> None:
    """After the last pause there is no more try, and the problem stays."""
    write(post, "ada")
    post.mailer.troubles = [DOWN] * 99
    tries = 0
    while mails(fakes)[0].due_at is not None:
        send_mails(post.world)
        tries += 1
        fakes.clock.advance(max(PAUSES))
    assert tries == len(PAUSES) + 1
    assert (mails(fakes)[0].problem, mails(fakes)[0].sent_at) == (DOWN.sentence, None)


def test_what_is_refused_for_good_stops_nobody_else(fakes: Fakes, post: Post) -> None:
    """A mailbox that does not exist is not tried again, and the round goes on."""
    write(post, "ada", "bob")
    post.mailer.troubles = [REFUSED]
    assert send_mails(post.world) == 1
    assert sent_to(post) == ["bob"]
    assert (mails(fakes)[0].due_at, mails(fakes)[0].problem) == (None, REFUSED.sentence)


def test_what_nobody_expected_of_one_mail_stops_nobody_else(
    fakes: Fakes, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    """It is given up and told once, with the id under which a person finds it; no link is left, the others leave."""
    ada = add_person(post.world, "ada")
    write(post, "ada", purpose=LinkPurpose.SET_PASSWORD, user_id=ada.id)
    write(post, "bob")
    post.mailer.troubles = [AttributeError("'NoneType' object has no attribute 'surprise'")]
    assert send_mails(post.world) == 1
    assert send_mails(post.world) == 0
    assert sent_to(post) == ["bob"]
    (told,) = [record for record in caplog.records if record.exc_info]
    assert told.message == "a mail met what nobody expected"
    assert mails(fakes)[0].due_at is None
    assert mails(fakes)[0].problem.endswith(f"{told.__dict__['fields']['error_id']}.")
    assert fakes.store.committed.account_links == {}


def test_a_try_that_fails_leaves_no_link(fakes: Fakes, post: Post) -> None:
    """However often a server is down, only the link of the mail that left is remembered."""
    ada = add_person(post.world, "ada")
    write(post, "ada", purpose=LinkPurpose.SET_PASSWORD, user_id=ada.id)
    post.mailer.troubles = [DOWN, DOWN]
    for _ in range(2):
        assert send_mails(post.world) == 0
        assert fakes.store.committed.account_links == {}
        fakes.clock.advance(max(PAUSES))
    assert len(post.links("ada@example.org")) == len(fakes.store.committed.account_links) == 1


def test_no_link_to_a_password_leaves_for_an_old_address(fakes: Fakes, post: Post) -> None:
    """A mail that was on its way when its account got another address is given up; one to verify an address is not."""
    ada = add_person(post.world, "ada")
    write(post, "ada", purpose=LinkPurpose.SET_PASSWORD, user_id=ada.id)
    write(post, "ada", purpose=LinkPurpose.VERIFY_EMAIL, user_id=ada.id)
    with post.world.store.write() as tx:
        tx.users.put_email(ada.id, "new@example.org", verified_at=None)
    (link,) = post.links("ada@example.org")
    assert link.startswith("/verify-email/")
    assert (mails(fakes)[0].due_at, mails(fakes)[0].sent_at) == (None, None)
    assert "another address" in mails(fakes)[0].problem


def test_what_is_dropped_during_a_round_does_not_leave(fakes: Fakes, post: Post) -> None:
    """A password that is replaced while other mails leave drops the links behind them."""
    ada = add_person(post.world, "ada")
    write(post, "bob")
    write(post, "ada", purpose=LinkPurpose.SET_PASSWORD, user_id=ada.id)
    hand_over = post.mailer.send

    def replacing(message: Message) -> None:
        hand_over(message)
        set_password(post.world, "ada", "correct horse battery")

    post.mailer.send = replacing  # type: ignore[method-assign]
    assert send_mails(post.world) == 1
    assert sent_to(post) == ["bob"]
    assert [mail.letter.recipient for mail in mails(fakes)] == ["bob@example.org"]


def test_a_kill_after_the_handing_over_sends_twice(fakes: Fakes, post: Post) -> None:
    """What could not be marked any more is sent again, with the same Message-ID; both links in the two work."""
    ada = add_person(post.world, "ada")
    write(post, "ada", purpose=LinkPurpose.SET_PASSWORD, user_id=ada.id)
    before = fakes.store.committed.mails
    send_mails(post.world)
    fakes.store.committed.mails = before
    send_mails(post.world)
    first, second = post.mailer.sent
    assert first.id == second.id
    links = post.links("ada@example.org")
    assert len(set(links)) == 2
    for link in links:
        whose_link(post.world, link.rpartition("/")[2], LinkPurpose.SET_PASSWORD)


def test_no_link_leaves_for_a_disabled_account(fakes: Fakes, post: Post) -> None:
    """A mail that was on its way when its account was disabled stays, and says why."""
    ada = add_person(post.world, "ada")
    write(post, "ada", purpose=LinkPurpose.SET_PASSWORD, user_id=ada.id)
    with post.world.store.write() as tx:
        tx.users.disable(ada.id, post.world.clock.now())
    assert send_mails(post.world) == 0
    assert post.mailer.sent == []
    assert fakes.store.committed.account_links == {}
    assert "disabled" in mails(fakes)[0].problem


def test_what_left_is_forgotten_after_a_while(fakes: Fakes, post: Post) -> None:
    """The outbox is no archive."""
    write(post, "ada")
    send_mails(post.world)
    fakes.clock.advance(KEPT + timedelta(seconds=1))
    write(post, "bob")
    send_mails(post.world)
    assert [mail.letter.recipient for mail in mails(fakes)] == ["bob@example.org"]


def test_without_a_mail_server_nothing_is_done(fakes: Fakes) -> None:
    """No round looks for anything."""
    assert send_mails(fakes.world) == 0


# Notices


@pytest.mark.parametrize(
    ("person", "gets_mail"),
    [({"is_verified": True}, True), ({}, False), ({"is_verified": True, "is_disabled": True}, False)],
)
def test_notices_go_to_verified_addresses(
    fakes: Fakes, post: Post, person: dict[str, bool], gets_mail: bool
) -> None:
    """Everybody has the notice in the inbox; mail goes where somebody is known to read it."""
    ada = user("ada", **person)
    notice = Notice("news", "News", "There are news.", "/project/demo/", post.world.clock.now())
    with post.world.store.write() as tx:
        tell(tx, [ada, ada], notice)
    assert [told for _, told in fakes.store.committed.notices] == [notice]
    post.send()
    assert [message.subject for message in post.mailer.sent] == (["News"] if gets_mail else [])
    if gets_mail:
        assert "There are news.\n\nhttps://index.test/project/demo/\n" in post.mailer.sent[0].text


# The outbox as administrators see it


def test_administrators_see_what_went_wrong(fakes: Fakes, post: Post, root: Caller) -> None:
    """How many wait, and every mail that failed, with the reason."""
    write(post, "ada", "bob")
    post.mailer.troubles = [REFUSED]
    send_mails(post.world)
    write(post, "cyd")
    outbox = show_outbox(post.world, root)
    assert (outbox.are_sent, outbox.waiting) == (True, 1)
    assert [mail.letter.recipient for mail in outbox.troubled] == ["ada@example.org"]


def test_a_mail_is_tried_again_by_hand(fakes: Fakes, post: Post, root: Caller) -> None:
    """After what was wrong was put right, an administrator lets it leave; then there is nothing to decide."""
    write(post, "ada")
    post.mailer.troubles = [REFUSED]
    send_mails(post.world)
    (mail,) = mails(fakes)
    try_mail_again(post.world, root, mail.id)
    assert send_mails(post.world) == 1
    for decide in (try_mail_again, drop_mail):
        with pytest.raises(NotFound) as refused:
            decide(post.world, root, mail.id)
        assert refused.value.code == "mail-unknown"


def test_a_mail_is_dropped(fakes: Fakes, post: Post, root: Caller) -> None:
    """It never leaves."""
    write(post, "ada")
    drop_mail(post.world, root, mails(fakes)[0].id)
    assert send_mails(post.world) == 0
    with pytest.raises(NotFound):
        drop_mail(post.world, root, 1)


def test_a_test_mail_goes_to_who_asks(post: Post, root: Caller, fakes: Fakes) -> None:
    """Also to an address that is not verified; where no mail is sent, that is told."""
    send_test_mail(post.world, root)
    assert post.subjects("root@example.org") == ["Mail works"]
    fakes.store.sends_mail = False
    with pytest.raises(Conflict) as refused:
        send_test_mail(post.world, root)
    assert refused.value.code == "mail-off"


def test_only_administrators_see_the_outbox(post: Post) -> None:
    """It is full of other people's addresses."""
    ada = Caller(add_person(post.world, "ada"))
    for look in (
        lambda: show_outbox(post.world, ada),
        lambda: try_mail_again(post.world, ada, 1),
        lambda: drop_mail(post.world, ada, 1),
        lambda: send_test_mail(post.world, ada),
    ):
        with pytest.raises(Forbidden):
            look()
