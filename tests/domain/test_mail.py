"""Mails: tries and pauses, how a message reads, and which mail server a setting names."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import NOW

from homeport.domain.account_link import LinkPurpose, link_path
from homeport.domain.errors import Invalid
from homeport.domain.mail import (
    PAUSES,
    Letter,
    Mail,
    MailServer,
    forgotten_by,
    message_of,
    parse_mail_server,
)

LETTER = Letter("ada@example.org", "A file was published", "demo-1.0.tar.gz is here.", "/project/demo/")
MAIL = Mail(7, LETTER, NOW, due_at=NOW)
INDEX = "https://index.test"


def test_what_left_is_not_due() -> None:
    """A mail that was handed over is sent, whatever went wrong before."""
    failed = MAIL.failed(NOW, "The server is down.")
    later = NOW + PAUSES[0]
    sent = failed.sent(later)
    assert (sent.due_at, sent.sent_at, sent.tries, sent.problem) == (None, later, 2, "")


def test_pauses_grow_and_end() -> None:
    """What fails for now is tried after pauses that grow, and not again after the last."""
    mail, pauses = MAIL, []
    while mail.due_at is not None:
        now = mail.due_at
        mail = mail.failed(now, "The server is down.")
        pauses.append(mail.due_at - now if mail.due_at else None)
    assert pauses == [*PAUSES, None]
    assert list(PAUSES) == sorted(set(PAUSES))
    assert timedelta(days=1) < sum(PAUSES, timedelta()) < timedelta(days=3)
    assert (mail.tries, mail.problem, mail.sent_at) == (len(PAUSES) + 1, "The server is down.", None)


def test_what_is_refused_for_good_is_given_up() -> None:
    """There is no second try, and the problem stays, however much the server said."""
    given_up = MAIL.given_up("x" * 9_999)
    assert (given_up.due_at, given_up.sent_at, given_up.tries) == (None, None, 1)
    assert 0 < len(given_up.problem) < 1_000


def test_a_person_may_ask_for_another_round() -> None:
    """It is due at once, with all its tries, and what went wrong is still told."""
    again = MAIL.given_up("No such mailbox.").again(NOW)
    assert (again.due_at, again.tries, again.problem) == (NOW, 0, "No such mailbox.")


def test_a_message_says_what_and_where() -> None:
    """A message holds the text, the page it is about, and whose index it is; every try has the same Message-ID."""
    message = message_of(MAIL, INDEX, "", NOW)
    assert (message.recipient, message.subject, message.at) == (
        "ada@example.org",
        "A file was published",
        NOW,
    )
    assert message.text.startswith("demo-1.0.tar.gz is here.\n\nhttps://index.test/project/demo/\n\n-- \n")
    assert "https://index.test/account/" in message.text
    assert message_of(MAIL.failed(NOW, "down"), INDEX, "", NOW).id == message.id
    assert message_of(replace(MAIL, id=8), INDEX, "", NOW).id != message.id


def test_a_link_stands_where_the_page_would() -> None:
    """A mail with a link leads there."""
    link = link_path(LinkPurpose.SET_PASSWORD, "secret")
    assert "\n\nhttps://index.test/set-password/secret\n\n" in message_of(MAIL, INDEX, link, NOW).text


def test_a_mail_may_lead_nowhere() -> None:
    """Without a page there is no address but those of the index and of the account."""
    message = message_of(replace(MAIL, letter=replace(LETTER, path="")), INDEX, "", NOW)
    assert message.text.startswith("demo-1.0.tar.gz is here.\n\n-- \n")


@given(st.text())
def test_a_subject_is_one_line(subject: str) -> None:
    """Whatever a subject holds, it can neither begin another header field nor grow without end."""
    message = message_of(replace(MAIL, letter=replace(LETTER, subject=subject)), INDEX, "", NOW)
    assert message.subject == "" or message.subject.isprintable()
    assert len(message.subject) <= 200


def test_a_long_text_is_cut() -> None:
    """A message has a bound, whatever its cause wrote."""
    letter = replace(LETTER, text="x" * 1_000_000, subject="y" * 1_000)
    message = message_of(replace(MAIL, letter=letter), INDEX, "", NOW)
    assert len(message.text) < 21_000
    assert message.subject.endswith("…")


@given(st.text())
def test_who_forgot_a_password_is_a_question(who: str) -> None:
    """Whatever was typed, it is a question, bounded and printable; a letter to somebody is none."""
    letter = forgotten_by(who)
    assert letter.is_question
    assert letter.recipient == "" or letter.recipient.isprintable()
    assert len(letter.recipient) <= 320
    assert not replace(letter, user_id=1).is_question
    assert not LETTER.is_question


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("smtp://mail.test?from=index@example.org", MailServer("mail.test", 587, "index@example.org", False)),
        ("smtps://mail.test?from=index@example.org", MailServer("mail.test", 465, "index@example.org", True)),
        (
            "smtp://ada:p%40ss%3Aword@mail.test:2525?from=index%40example.org",
            MailServer("mail.test", 2525, "index@example.org", False, "ada", "p@ss:word"),
        ),
        ("smtp://[::1]:25/?from=i@example.org", MailServer("::1", 25, "i@example.org", False)),
    ],
)
def test_a_mail_server_is_named(text: str, server: MailServer) -> None:
    """Host, port, sender and credentials; the scheme says how TLS begins, and the usual port."""
    assert parse_mail_server(text) == server


@pytest.mark.parametrize(
    "text",
    [
        "mail.test",
        "http://mail.test?from=a@example.org",
        "smtp://?from=a@example.org",
        "smtp://mail.test",
        "smtp://mail.test?sender=a@example.org",
        "smtp://mail.test?from=",
        "smtp://mail.test?from=nobody",
        "smtp://mail.test/folder?from=a@example.org",
        "smtp://mail.test?from=a@example.org#top",
        "smtp://mail.test:port?from=a@example.org",
        "smtp://mail.test:99999?from=a@example.org",
        "smtp://ada@mail.test?from=a@example.org",
        "smtp://:secret@mail.test?from=a@example.org",
        "smtp://mail.test?from=a@example.org%0d%0aBcc:b@example.org",
    ],
)
def test_what_names_no_mail_server_is_refused(text: str) -> None:
    """What cannot be understood fully is refused, with an example."""
    with pytest.raises(Invalid) as refused:
        parse_mail_server(text)
    assert refused.value.code in {"mail-server-invalid", "email-invalid"}


def test_a_password_is_shown_nowhere() -> None:
    """Neither a server's text nor a refusal holds the password: both may end in a log."""
    server = parse_mail_server("smtp://ada:secret@mail.test?from=a@example.org")
    assert "secret" not in repr(server)
    with pytest.raises(Invalid) as refused:
        parse_mail_server("smtp://ada:secret@mail.test:99999?from=a@example.org")
    assert "secret" not in refused.value.sentence
