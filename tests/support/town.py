"""An index that runs, the web site and the mail server around it, and the browser that everybody shares."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import Browser
from tests.support.abroad import Abroad
from tests.support.index import Index
from tests.support.mail_server import MailServer
from tests.support.visitor import Device, Visitor

from homeport.adapters.db import moments
from homeport.adapters.db.driver import sqlite_driver
from homeport.flows.sign_in import add_user
from homeport.ports.world import World

PASSWORD = "correct horse battery stable"
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Town:
    """An index that runs, what lies outside of it, who may be mailed, and the browser that everybody shares."""

    index: Index
    world: World
    abroad: Abroad
    mails: MailServer
    browser: Browser

    def visitor(self, name: str, device: Device) -> Visitor:
        """Somebody with a browser of their own; the account is made when there is none."""
        with self.world.store.read() as tx:
            is_known = tx.users.by_name(name) is not None
        if not is_known:
            add_user(self.world, name, f"{name}@example.org", PASSWORD, is_admin=name == "root")
        return Visitor(self.browser, self.index.url, device)

    def signed_in(self, name: str, device: Device) -> Visitor:
        """The same, after the sign-in page."""
        visitor = self.visitor(name, device)
        visitor.go("/")
        visitor.follow("Sign in")
        visitor.main.get_by_label("User name").fill(name)
        visitor.main.get_by_label("Password").fill(PASSWORD)
        visitor.press("Sign in")
        assert visitor.path == "/manage/"
        return visitor

    def wait_a_while(self) -> None:
        """Everybody signed in longer ago than delicate things allow."""
        then = moments.to_text(self.world.clock.now() - timedelta(hours=1))
        database = sqlite_driver().connect(self.index.home / "homeport.db", timeout=30)
        with closing(database), database:
            database.execute("UPDATE sessions SET confirmed_at = ?", (then,))

    def mail_to(self, name: str, is_it: Callable[[str], bool]) -> str:
        """The first mail to somebody that is meant, with its head, as soon as it is there."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            for one in self.mails.received:
                if one.recipients == [f"{name}@example.org"] and is_it(one.message.as_string()):
                    body = one.message.get_body(("plain",))
                    assert body is not None
                    return f"{one.message['List-Unsubscribe'] or ''}\n{body.get_content()}"
            assert time.monotonic() < deadline, [str(one.message["subject"]) for one in self.mails.received]
            time.sleep(0.05)
