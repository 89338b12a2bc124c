"""Notices as people get them: kinds, choices, addresses that take no mail, what waits, and previews."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from markupsafe import escape
from tests.support.mail import Post, with_mail
from tests.support.world import Fakes, add_person, add_project, fake_world, grant

import homeport
from homeport.domain.account import Caller, Scope, Token, User
from homeport.domain.account_link import LinkPurpose
from homeport.domain.bounce import ADDRESS_REFUSED
from homeport.domain.errors import Forbidden, Invalid, NotFound
from homeport.domain.mail import Letter
from homeport.domain.notice import Topic
from homeport.flows.account_links import mail_verification
from homeport.flows.accounts import verify_email
from homeport.flows.bounces import mark_bounced, show_unreachable, take_report
from homeport.flows.notice_choices import (
    choose,
    show_choices,
    show_unsubscribing,
    unsubscribe,
    unsubscribe_address,
)
from homeport.flows.notice_folders import notice_folders
from homeport.flows.notice_previews import list_kinds, preview
from homeport.flows.notify import tell, tell_members, topic_of, write_notice
from homeport.ports.notices import Notice

SOURCES = Path(homeport.__file__).parent
FACTS = {"project": "demo", "told": "a.whl", "by": "bob", "files": ["a.whl"]}


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def post(fakes: Fakes) -> Post:
    """The same world, sending mail."""
    return with_mail(fakes.world)


@pytest.fixture
def ada(post: Post) -> User:
    """Somebody with a verified address."""
    return verified(post, "ada")


def verified(post: Post, name: str, *, is_admin: bool = False) -> User:
    """Somebody with a verified address."""
    user = add_person(post.world, name, is_admin=is_admin)
    with post.world.store.write() as tx:
        tx.users.put_email(user.id, user.email, verified_at=post.world.clock.now())
    return again(post, user)


def again(post: Post, user: User) -> User:
    """The account as it is now."""
    with post.world.store.read() as tx:
        found = tx.users.by_id(user.id)
    assert found is not None
    return found


def told(post: Post, *people: User, kind: str = "files-published", about: str = "") -> Notice:
    """Tell them of a published file."""
    at = post.world.clock.now()
    notice = write_notice(kind, notice_folders().examples[kind], path="/project/demo/", at=at, about=about)
    with post.world.store.write() as tx:
        tell(tx, [again(post, one) for one in people], notice)
    return notice


def inbox(post: Post, user: User) -> list[str]:
    """The kinds of notices in an inbox, newest first."""
    with post.world.store.read() as tx:
        return [notice.kind for notice in tx.notices.of_user(user.id, limit=99)]


# Kinds


def test_every_example_is_written_whole() -> None:
    """Every kind's example has the facts that its templates name, and becomes a subject, words or lists, and a page."""
    folders = notice_folders()
    assert set(folders.kinds) == set(folders.examples)
    for name, kind in folders.kinds.items():
        written = folders.templates.write(name, folders.examples[name])
        assert written.subject, name
        assert written.text, name
        assert written.page.startswith("<"), name
        assert kind.to, name
        assert kind.when, name


def test_every_page_is_plain() -> None:
    """No colours, classes, pictures or scripts in what a template writes: it is read on any ground."""
    told = re.compile(r"<(?:style|script|img|link|form)\b|class=|color|background|\bon[a-z]+=")
    for page in (SOURCES / "notices").glob("*/page.html"):
        assert not told.search(page.read_text()), page


def test_every_kind_that_is_written_has_its_folder() -> None:
    """What flows write by name is there; what is there is written by some flow."""
    sources = "\n".join(path.read_text() for path in (SOURCES / "flows").rglob("*.py"))
    written = set(re.findall(r'(?:write_notice|_tell\w*)\(\s*(?:tx, \w+, [\w.]+, )?"([a-z-]+)"', sources))
    kinds = set(notice_folders().kinds)
    assert written <= kinds
    assert {kind for kind in kinds if f'"{kind}"' not in sources} <= {"release-yanked", "release-unyanked"}


def test_a_kind_without_a_folder_has_no_topic() -> None:
    """It is mailed as it always was."""
    assert topic_of("drift") is Topic.DRIFT
    assert topic_of("news") is None


# Once, and where it is wanted


def test_nobody_is_told_twice_of_one_thing(post: Post, ada: User) -> None:
    """Neither in the inbox nor by mail, however often a flow writes it."""
    for _ in range(3):
        told(post, ada, ada, about="7")
    told(post, ada, about="8")
    assert inbox(post, ada) == ["files-published"] * 2
    assert len(post.subjects(ada.email)) == 2


def test_a_project_is_told_to_who_maintains_it(post: Post, ada: User) -> None:
    """As a page, too, and not to who did it."""
    bob = verified(post, "bob")
    project = add_project(post.world, ada, "demo")
    grant(post.world, project, bob)
    notice = write_notice("files-published", FACTS, path="/project/demo/", at=post.world.clock.now())
    with post.world.store.write() as tx:
        tell_members(tx, project, notice, but_not="bob")
    assert post.subjects(bob.email) == []
    (message,) = post.mailer.sent
    assert message.recipient == ada.email
    assert "- a.whl\n" in message.text
    assert ">a.whl</li>" in message.page
    assert message.page.count('href="https://index.test/project/demo/"') == 1


def test_a_topic_is_switched_off(post: Post, ada: User) -> None:
    """Its notices stay in the inbox; what must be mailed is mailed all the same."""
    choose(post.world, Caller(ada), {Topic.PLANS, Topic.DRIFT})
    shown = {choice.topic: choice.is_mailed for choice in show_choices(post.world, Caller(ada))}
    assert [topic for topic, is_mailed in shown.items() if not is_mailed] == [
        Topic.HOSTING,
        Topic.FILES,
        Topic.PEOPLE,
        Topic.INDEX,
    ]
    for kind in ("files-published", "drift", "exemption-ended"):
        told(post, ada, kind=kind)
    assert inbox(post, ada) == ["exemption-ended", "drift", "files-published"]
    assert len(post.subjects(ada.email)) == 2
    choose(post.world, Caller(ada), set(Topic))
    told(post, ada)
    assert len(post.subjects(ada.email)) == 3


def test_no_token_chooses(post: Post, ada: User) -> None:
    """A person does."""
    token = Token(1, ada.name, frozenset(Scope), frozenset(), post.world.clock.now(), None)
    for act in (
        lambda: choose(post.world, Caller(ada, token), set()),
        lambda: show_choices(post.world, Caller(ada, token)),
    ):
        with pytest.raises(Forbidden):
            act()


# The address in each mail


def sealed_in(address: str) -> str:
    """The last part of an address."""
    return address.rpartition("/")[2]


def test_a_mail_says_where_its_topic_ends(post: Post, ada: User) -> None:
    """In the header, the text and the page; looking changes nothing, using it ends that topic for that person."""
    bob = verified(post, "bob")
    told(post, ada, bob)
    post.send()
    message = next(message for message in post.mailer.sent if message.recipient == ada.email)
    assert message.unsubscribe.startswith("https://index.test/unsubscribe/")
    assert message.unsubscribe in message.page
    assert message.text.endswith(f"\nNo more mails like this one: {message.unsubscribe}\n")
    sealed = sealed_in(message.unsubscribe)
    assert show_unsubscribing(post.world, sealed).is_mailed
    assert show_unsubscribing(post.world, sealed).user.id == ada.id
    for _ in range(2):
        assert not unsubscribe(post.world, sealed).is_mailed
    told(post, ada, bob)
    told(post, ada, kind="drift")
    assert len(post.subjects(ada.email)) == 2
    assert len(post.subjects(bob.email)) == 2


def test_what_must_be_mailed_has_no_such_address(post: Post, ada: User) -> None:
    """Nor has a mail that nobody's account is known for."""
    told(post, ada, kind="exemption-ended")
    with post.world.store.write() as tx:
        tx.mails.add(Letter("x@example.org", "s", "t", html="<p>t</p>", kind="drift"), post.world.clock.now())
        tx.mails.add(Letter("y@example.org", "s", "t"), post.world.clock.now())
    post.send()
    assert [message.unsubscribe for message in post.mailer.sent] == ["", "", ""]
    assert not any("No more mails" in f"{message.text}{message.page}" for message in post.mailer.sent)
    assert [bool(message.page) for message in post.mailer.sent] == [True, True, False]
    assert "Open the page" not in post.mailer.sent[1].page


def test_no_other_secret_ends_mails(post: Post, ada: User) -> None:
    """What was sealed for something else, or by nobody, is refused; so is an account that is gone."""
    assert post.world.sealer is not None
    seal = post.world.sealer.seal
    others = [seal(f"https://index.example\n{ada.id}\nfiles"), seal("unsubscribe\n999\nfiles"), b"x"]
    for sealed in (*(one.decode() for one in others), "\ud800"):
        for act in (show_unsubscribing, unsubscribe):
            with pytest.raises(NotFound) as refused:
                act(post.world, sealed)
            assert refused.value.code == "unsubscribe-unknown"
    nowhere = replace(post.world, sealer=None)
    assert unsubscribe_address(nowhere, ada.id, Topic.FILES) == ""
    with pytest.raises(NotFound):
        show_unsubscribing(nowhere, "x")


# Addresses that take no mail

DEAD = Invalid("The mail server refused the address: 550 5.1.1 No such mailbox", code=ADDRESS_REFUSED)


def test_a_refused_address_is_marked_and_spared(post: Post, ada: User) -> None:
    """It gets no more notices by mail, an administrator sees whom, and a link that is asked for still goes there."""
    root, marked_at = Caller(verified(post, "root", is_admin=True)), post.world.clock.now()
    told(post, ada)
    post.mailer.troubles = [DEAD]
    post.send()
    assert again(post, ada).mail_problem == DEAD.sentence
    (shown,) = show_unreachable(post.world, root)
    assert (shown.user.name, shown.since) == ("ada", marked_at)
    told(post, ada, kind="exemption-ended")
    assert post.subjects(ada.email) == []
    assert inbox(post, ada) == ["exemption-ended", "files-published"]
    with post.world.store.write() as tx:
        mail_verification(tx, again(post, ada), ada.email, post.world.clock.now())
    (link,) = post.links(ada.email)
    verify_email(post.world, link.rpartition("/")[2])
    assert again(post, ada).mail_problem == ""
    assert show_unreachable(post.world, root) == []
    told(post, ada)
    assert len(post.subjects(ada.email)) == 2
    with pytest.raises(Forbidden):
        show_unreachable(post.world, Caller(ada))


def test_only_the_address_of_the_account_is_marked(post: Post, ada: User) -> None:
    """A new address that is not verified yet, or that is another one by now, says nothing of the account's."""
    with post.world.store.write() as tx:
        mail_verification(tx, ada, "typo@example.org", post.world.clock.now())
    post.mailer.troubles = [DEAD]
    post.send()
    assert again(post, ada).mail_problem == ""
    told(post, ada)
    post.mailer.troubles = [Invalid("The message was refused.", code="mail-refused")]
    post.send()
    assert again(post, ada).mail_problem == ""


def test_an_address_is_marked_by_hand(post: Post, ada: User) -> None:
    """By the shell, for an account that there is."""
    assert mark_bounced(post.world, ada.email).mail_problem == "A mail came back."
    assert mark_bounced(post.world, ada.email, "x" * 9_999).mail_problem == "x" * 500
    with pytest.raises(NotFound):
        mark_bounced(post.world, "nobody@example.org")
    with pytest.raises(Invalid):
        mark_bounced(post.world, "nobody")


def report(message_id: str, recipient: str) -> bytes:
    """A delivery report of one mail."""
    return f"""\
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: <{message_id}@example.org>

--b--
""".encode()


def test_a_report_marks_whom_the_mail_went_to(post: Post, ada: User) -> None:
    """The one mail's recipient, in any spelling of case; twice is once."""
    told(post, ada)
    post.send()
    (sent,) = post.mailer.sent
    for _ in range(2):
        (marked,) = take_report(post.world, report(sent.id, "ADA@example.org"))
        assert (marked.name, marked.mail_problem) == ("ada", "A mail came back: 5.1.1")


def test_a_report_marks_nobody_else(post: Post, ada: User, fakes: Fakes) -> None:
    """No mail of that identity, another recipient, another address by now, a mail to nobody's account."""
    bob = verified(post, "bob")
    told(post, ada)
    with post.world.store.write() as tx:
        tx.mails.add(Letter("x@example.org", "s", "t"), post.world.clock.now())
    post.send()
    sent, to_nobody = post.mailer.sent
    other_time = sent.id[:-1] + ("1" if sent.id[-1] == "0" else "0")
    unknown = f"homeport.999.{sent.id.split('.', 2)[2]}"
    assert take_report(post.world, report(unknown, ada.email)) == []
    assert take_report(post.world, report(other_time, ada.email)) == []
    assert take_report(post.world, report(sent.id, bob.email)) == []
    assert take_report(post.world, report(to_nobody.id, "x@example.org")) == []
    with post.world.store.write() as tx:
        tx.users.put_email(ada.id, "new@example.org", verified_at=None)
    assert take_report(post.world, report(sent.id, ada.email)) == []
    assert fakes.store.committed.mail_problem_at == {}


def test_nobody_reports_the_mail_of_another(post: Post, ada: User) -> None:
    """Who was told in the same moment has the neighbouring number, and still cannot name the other's mail."""
    eve = verified(post, "eve")
    told(post, ada, eve)
    post.send()
    to_ada, to_eve = (sent.id.split(".") for sent in post.mailer.sent)
    assert (int(to_ada[1]), to_ada[2]) == (int(to_eve[1]) - 1, to_eve[2])
    guessed = ".".join([*to_ada[:3], to_eve[3]])
    assert take_report(post.world, report(guessed, ada.email)) == []
    with pytest.raises(Invalid):
        take_report(post.world, report(".".join(to_ada[:3]), ada.email))
    assert again(post, ada).mail_problem == ""


def test_a_link_to_a_dead_address_of_the_account_marks_it(post: Post, ada: User) -> None:
    """Who forgot a password is not reached either."""
    with post.world.store.write() as tx:
        tx.mails.add(
            Letter(ada.email, "s", "t", purpose=LinkPurpose.SET_PASSWORD, user_id=ada.id),
            post.world.clock.now(),
        )
    post.mailer.troubles = [DEAD]
    post.send()
    assert again(post, ada).mail_problem == DEAD.sentence


# Previews


def test_every_kind_has_a_preview(post: Post) -> None:
    """With the subject, the text and the page that would leave; for administrators."""
    root = Caller(verified(post, "root", is_admin=True))
    kinds = list_kinds(root)
    assert {kind.name for kind in kinds} == set(notice_folders().kinds)
    for kind in kinds:
        shown = preview(post.world, root, kind.name)
        assert shown.page.startswith("<!doctype html>")
        assert f"<title>{escape(shown.subject)}</title>" in shown.page
        assert shown.text.endswith("Which notices come by mail: https://index.test/account/notices/\n")
    with pytest.raises(NotFound):
        preview(post.world, root, "../../settings")
    ada = Caller(verified(post, "ada"))
    for act in (lambda: list_kinds(ada), lambda: preview(post.world, ada, "drift")):
        with pytest.raises(Forbidden):
            act()
