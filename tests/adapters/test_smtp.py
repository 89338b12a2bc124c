"""Mail by SMTP, against real servers on loopback: plain, upgraded, encrypted, asking, refusing, and gone."""

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support.index import free_port
from tests.support.mail_server import CERTS, mail_server

from homeport.adapters.mail.smtp import SmtpMailer
from homeport.domain.bounce import ADDRESS_REFUSED
from homeport.domain.errors import Invalid, Unavailable
from homeport.domain.mail import MailServer, Message

SENDER = "index@example.org"
MESSAGE = Message(
    id="homeport.7.20260304",
    recipient="ada@example.org",
    subject="Grüße: a file was published",
    text="demo-1.0.tar.gz is here.\n.\nA line with a dot alone, and one of ünïcode"
    + " and length" * 100
    + "\n",
    at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
)


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """``site.test``, which the certificates are for, is this machine."""
    resolve = socket.getaddrinfo

    def ours(host: Any, *more: Any, **named: Any) -> Any:
        return resolve("127.0.0.1" if host == "site.test" else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", ours)


def mailer(port: int, *, is_tls: bool = False, password: str = "", host: str = "site.test") -> SmtpMailer:
    """A mailer for a server on that port, that trusts the tests' authority and waits for nobody."""
    user = "ada" if password else ""
    server = MailServer(host, port, SENDER, is_tls, user, password)
    return SmtpMailer(server, CERTS / "ca.pem", timeout_seconds=2)


def test_a_message_arrives_whole() -> None:
    """Sender, recipient, subject, date, identity and text come through; no holiday notice answers a program."""
    with mail_server() as server:
        mailer(server.port).send(MESSAGE)
        (got,) = server.received
    assert (got.sender, got.recipients) == (SENDER, ["ada@example.org"])
    assert got.message["From"] == f"Homeport <{SENDER}>"
    assert got.message["To"] == "ada@example.org"
    assert got.message["Subject"] == MESSAGE.subject
    assert got.message["Date"].datetime == MESSAGE.at
    assert got.message["Message-ID"] == "<homeport.7.20260304@example.org>"
    assert got.message["Auto-Submitted"] == "auto-generated"
    assert got.message.get_content_type() == "text/plain"
    assert got.text.replace("\r\n", "\n") == MESSAGE.text
    assert not got.was_tls


def test_a_page_goes_beside_the_text() -> None:
    """A mail program chooses between the two; its button to end a topic is told as RFC 8058 says."""
    page = f"<!doctype html>\n<p>Grüße &amp; {'length ' * 200}</p>\n"
    message = replace(MESSAGE, page=page, unsubscribe="https://index.test/unsubscribe/abc%3D%3D")
    with mail_server() as server:
        mailer(server.port).send(message)
        got = server.received[0].message
    assert got.get_content_type() == "multipart/alternative"
    text, html = got.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == MESSAGE.text
    assert html.get_content().replace("\r\n", "\n") == page
    assert got["List-Unsubscribe"] == "<https://index.test/unsubscribe/abc%3D%3D>"
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("host", ["127.0.0.1:9477", "packages.research.engineering.example.org"])
def test_an_address_in_a_header_is_sent_as_it_is(host: str) -> None:
    """However long: no encoded word, no fold within (RFC 2369 §2); all other headers are folded and encoded as ever."""
    address = f"http://{host}/unsubscribe/gAAAAABq{'Zx-_9' * 30}%3D%3D"
    subject = "Grüße: ein sehr langer Betreff über " + "große Dateien, " * 12 + "und ein Ende"
    with mail_server() as server:
        mailer(server.port).send(replace(MESSAGE, subject=subject, unsubscribe=address, page="<p>x</p>"))
        (got,) = server.received
    assert f"List-Unsubscribe: <{address}>".encode() in got.header_lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in got.header_lines
    assert got.message["List-Unsubscribe"] == f"<{address}>"
    assert got.message["Subject"] == subject
    others = [line for line in got.header_lines if not line.startswith(b"List-Unsubscribe:")]
    assert max(map(len, others)) <= 78
    assert sum(line.startswith((b"Subject: =?utf-8?", b" =?utf-8?")) for line in others) > 1
    assert max(map(len, got.raw.split(b"\r\n"))) <= 998
    assert got.raw.isascii()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("550 5.1.1 No such mailbox", ADDRESS_REFUSED),
        ("553 Bad name", ADDRESS_REFUSED),
        ("550 5.7.1 You are on a list", "mail-refused"),
        ("552 5.2.2 Mailbox full", "mail-refused"),
    ],
)
def test_a_dead_address_is_told_from_a_dislike(answer: str, code: str) -> None:
    """Only what is about the address is told as such: a policy, or a full mailbox, is not."""
    with mail_server() as server:
        server.answers["RCPT"] = [answer]
        with pytest.raises(Invalid) as refused:
            mailer(server.port).send(MESSAGE)
    assert refused.value.code == code


@pytest.mark.parametrize("recipient", ["a@[.ab", "(", "a@", "", "a@b@c", "中@[", "a\r\nBcc: b@example.org"])
def test_what_is_no_address_is_refused_for_good(recipient: str) -> None:
    """Also where the standard library stumbles instead of refusing; no server is asked."""
    with pytest.raises(Invalid) as refused:
        mailer(free_port()).send(replace(MESSAGE, recipient=recipient))
    assert refused.value.code == "mail-refused"


def test_where_tls_is_offered_it_is_used() -> None:
    """The connection is upgraded before anything is said, and the password goes over it."""
    with mail_server(tls="starttls", asks=True) as server:
        mailer(server.port, password="secret").send(MESSAGE)
        assert server.received[0].was_tls
        assert server.logins == [(b"ada", b"secret")]


def test_tls_from_the_first_byte() -> None:
    """An smtps server is spoken to over TLS alone."""
    with mail_server(tls="whole") as server:
        mailer(server.port, is_tls=True).send(MESSAGE)
        assert len(server.received) == 1


def test_a_password_never_goes_in_the_clear() -> None:
    """A server without TLS does not learn it: somebody between might have taken the offer away."""
    with mail_server() as server:
        with pytest.raises(Unavailable, match="no TLS") as refused:
            mailer(server.port, password="secret").send(MESSAGE)
        assert (server.received, server.logins) == ([], [])
    assert "secret" not in refused.value.sentence


@pytest.mark.parametrize("tls", ["starttls", "whole"])
@pytest.mark.parametrize(
    ("certificate", "host"),
    [("self_signed.pem", "site.test"), ("expired.pem", "site.test"), ("site.pem", "127.0.0.1")],
)
def test_a_certificate_that_proves_nothing_is_refused(tls: str, certificate: str, host: str) -> None:
    """Unknown, expired or for another name: nothing is sent, and the same message may leave later."""
    with mail_server(tls=tls, certificate=certificate) as server:
        with pytest.raises(Unavailable, match="certificate") as refused:
            mailer(server.port, is_tls=tls == "whole", host=host).send(MESSAGE)
        assert server.received == []
    assert refused.value.code == "mail-server-unavailable"


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("550 No such mailbox", Invalid),
        ("554 We do not want this", Invalid),
        ("451 Come back later", Unavailable),
    ],
)
def test_what_the_server_says_of_a_message(verb: str, answer: str, kind: type[Exception]) -> None:
    """A final no is final; a temporary one is tried again. Its words are kept for who looks into it."""
    with mail_server() as server:
        server.answers[verb] = [answer]
        with pytest.raises(kind, match=answer.split(" ", 1)[1]):
            mailer(server.port).send(MESSAGE)
        mailer(server.port).send(MESSAGE)
        assert len(server.received) == 1


def test_a_wrong_password_may_be_put_right() -> None:
    """It is the operator's mistake, not the message's: the mail waits."""
    with mail_server(tls="starttls", asks=True) as server:
        with pytest.raises(Unavailable, match="535") as refused:
            mailer(server.port, password="guess").send(MESSAGE)
        assert server.received == []
    assert "guess" not in refused.value.sentence


def test_a_server_that_is_not_there() -> None:
    """Nobody listens: the mail waits, and the sentence names the place."""
    port = free_port()
    with pytest.raises(Unavailable, match=f"site.test:{port}"):
        mailer(port).send(MESSAGE)


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"220 hello\r\n"])
def test_a_server_that_is_none(says: bytes) -> None:
    """What falls silent, hangs up or speaks another language is unavailable, within the time that was given."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threaded(lambda: answer_once(listener, says))
        with pytest.raises(Unavailable):
            mailer(listener.getsockname()[1]).send(MESSAGE)


def threaded(work: Callable[[], None]) -> None:
    """Do it beside."""
    import threading

    threading.Thread(target=work, daemon=True).start()


def answer_once(listener: socket.socket, says: bytes) -> None:
    """Say something to whoever comes, and hang up; with nothing to say, hang up at once."""
    connection, _ = listener.accept()
    with connection:
        connection.sendall(says)


def test_a_farewell_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that was taken was sent, also when the server is rude to who leaves: it is not sent again for that."""
    from aiosmtpd.smtp import SMTP

    async def rude(self: SMTP, arg: str) -> None:
        await self.push("421 I leave first")

    monkeypatch.setattr(SMTP, "smtp_QUIT", rude)
    with mail_server() as server:
        mailer(server.port).send(MESSAGE)
        assert len(server.received) == 1


@pytest.mark.parametrize(
    "recipient",
    [
        "ada@example.org\r\nBcc: eve@example.org",
        "ada",
        "a(b)@example.org, eve@example.org",
        "ädä@example.org",
    ],
)
def test_what_is_no_address_goes_nowhere(recipient: str) -> None:
    """No recipient smuggles in another one, or another header field; the server is not even asked."""
    with pytest.raises(Invalid) as refused:
        mailer(1).send(Message("id", recipient, "subject", "text", MESSAGE.at))
    assert refused.value.code == "mail-refused"


def test_no_subject_begins_another_field() -> None:
    """Header fields are refused by the message itself, whatever the floors above let through."""
    with pytest.raises(Invalid):
        mailer(1).send(Message("id", "ada@example.org", "News\r\nBcc: eve@example.org", "text", MESSAGE.at))


def test_letters_beyond_ascii_in_a_domain() -> None:
    """A domain beyond ASCII goes to a server that knows such (RFC 6531); no authority of our own is needed for it."""
    with mail_server() as server:
        plain = SmtpMailer(MailServer("127.0.0.1", server.port, SENDER, is_tls=False))
        plain.send(Message("id", "ada@bücher.example", "subject", "text", MESSAGE.at))
        assert server.received[0].recipients == ["ada@bücher.example"]
