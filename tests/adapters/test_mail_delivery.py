"""The outbox over a real mail server on loopback: greylisting, refusals, and a server that is dead for a day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from tests.support.fake_store import FakeStore
from tests.support.index import free_port
from tests.support.mail_server import MailServer, mail_server
from tests.support.world import Fakes, add_person, fake_world

from homeport.adapters.mail.smtp import SmtpMailer
from homeport.domain.account import User
from homeport.domain.mail import PAUSES
from homeport.domain.mail import MailServer as Place
from homeport.flows.notify import tell, write_notice
from homeport.flows.send_mails import send_mails
from homeport.ports.world import World

HOSTILE = "demo</p>\r\nBcc: eve@example.org"


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes that writes mail."""
    with fake_world(tmp_path) as fakes:
        fakes.store.sends_mail = True
        yield fakes


def told(fakes: Fakes, kind: str = "drift", name: str = "ada") -> User:
    """Somebody with a verified address, who is told of something."""
    now = fakes.clock.now()
    with fakes.store.read() as tx:
        user = tx.users.by_name(name)
    user = user or add_person(fakes.world, name)
    facts = {"project": HOSTILE, "host": "files.test", "seen": ["a.whl is gone"]}
    with fakes.store.write() as tx:
        tx.users.put_email(user.id, user.email, verified_at=now)
        known = tx.users.by_id(user.id)
        assert known is not None
        tell(tx, [known], write_notice(kind, facts, path="/manage/projects/demo/", at=now))
    return user


def through(fakes: Fakes, port: int) -> World:
    """The world, with a mailer to that port."""
    place = Place("127.0.0.1", port, "index@example.org", is_tls=False)
    return replace(fakes.world, mailer=SmtpMailer(place, timeout_seconds=2))


def parts(server: MailServer) -> tuple[EmailMessage, str, str]:
    """The one message that came: itself, its text and its page."""
    (received,) = server.received
    text, page = received.message.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(page, EmailMessage)
    return received.message, text.get_content(), page.get_content()


def test_a_notice_arrives_in_both_forms(fakes: Fakes) -> None:
    """What a hostile name tries reaches neither header nor markup; both parts tell the same and lead to the page."""
    told(fakes)
    with mail_server() as server:
        assert send_mails(through(fakes, server.port)) == 1
        message, text, page = parts(server)
        assert server.received[0].recipients == ["ada@example.org"]
    assert message["Bcc"] is None
    assert message["Subject"].startswith("demo</p> Bcc: eve@example.org: something changed at files.test")
    assert "- a.whl is gone" in text
    assert "https://index.test/manage/projects/demo/" in text
    assert "<li" in page
    assert "demo&lt;/p&gt;" in page
    assert "demo</p>" not in page
    assert 'href="https://index.test/manage/projects/demo/"' in page
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"][1:-1] in page.replace("&amp;", "&")
    (line,) = (line for line in server.received[0].header_lines if line.startswith(b"List-Unsubscribe:"))
    assert line == b"List-Unsubscribe: " + message["List-Unsubscribe"].encode()


def test_greylisting_costs_a_minute(fakes: Fakes) -> None:
    """Told to come back, the mail does, once, with the same identity; nobody is marked."""
    user = told(fakes)
    with mail_server() as server:
        world = through(fakes, server.port)
        server.answers["RCPT"] = ["451 4.7.1 Greylisted, come back"]
        assert send_mails(world) == 0
        assert send_mails(world) == 0
        assert server.received == []
        fakes.clock.advance(PAUSES[0])
        assert send_mails(world) == 1
        assert send_mails(world) == 0
        assert len(server.received) == 1
    assert problem(fakes.store, user) == ""


def test_a_server_that_is_dead_for_a_day_loses_nothing(fakes: Fakes) -> None:
    """Each mail arrives once when it is back, and nobody was marked for the server's death."""
    users = [told(fakes, name=name) for name in ("ada", "bob", "cyd")]
    dead = through(fakes, free_port())
    for _ in range(24):
        assert send_mails(dead) == 0
        fakes.clock.advance(timedelta(hours=1))
    with mail_server() as server:
        world, rounds = through(fakes, server.port), 0
        while len(server.received) < 3 and rounds < 48:
            send_mails(world)
            fakes.clock.advance(timedelta(hours=1))
            rounds += 1
        for _ in range(5):
            send_mails(world)
            fakes.clock.advance(timedelta(days=1))
        assert sorted(one.recipients[0] for one in server.received) == [user.email for user in users]
    assert [problem(fakes.store, user) for user in users] == ["", "", ""]


def test_a_mailbox_that_is_not_there_is_marked(fakes: Fakes) -> None:
    """In the server's words; the next notice is not mailed there, and a policy of the server marks nobody."""
    ada, bob = told(fakes), told(fakes, name="bob")
    with mail_server() as server:
        world = through(fakes, server.port)
        server.answers["RCPT"] = ["550 5.1.1 <ada@example.org>: No such mailbox", "550 5.7.1 On a list"]
        assert send_mails(world) == 0
        assert problem(fakes.store, ada).endswith("550 5.1.1 <ada@example.org>: No such mailbox")
        assert problem(fakes.store, bob) == ""
        with fakes.store.write() as tx:
            there = tx.users.by_id(ada.id)
            assert there is not None
            tell(tx, [there], write_notice("recovery-codes-made", {}, path="/", at=fakes.clock.now()))
        assert send_mails(world) == 0
        assert server.received == []


def problem(store: FakeStore, user: User) -> str:
    """Why the account's address takes no mail."""
    with store.read() as tx:
        found = tx.users.by_id(user.id)
    assert found is not None
    return found.mail_problem
