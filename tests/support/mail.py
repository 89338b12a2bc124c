"""Worlds that send mail, to a mail server that is a list."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.support.fake_mails import FakeMailer
from tests.support.fake_store import FakeStore
from tests.support.web_index import WebIndex
from tests.support.world import BASE_URL, fake_world

from homeport.adapters.db.store import SqlStore
from homeport.api.app import answering, api_routes
from homeport.flows.send_mails import send_mails
from homeport.ports.world import World
from homeport.web.app import web_routes

_LINK = re.compile(re.escape(BASE_URL) + r"(/(?:verify-email|set-password)/[0-9a-f]+)")


@dataclass(frozen=True)
class Post:
    """A world, and the mail server that it sends to."""

    world: World
    mailer: FakeMailer

    def send(self) -> None:
        """Let everything leave that is due."""
        while send_mails(self.world):
            pass

    def links(self, recipient: str) -> list[str]:
        """Send what is due; the paths of all links that this address has got, oldest first."""
        self.send()
        texts = (message.text for message in self.mailer.sent if message.recipient == recipient)
        return [link for text in texts for link in _LINK.findall(text)]

    def subjects(self, recipient: str) -> list[str]:
        """Send what is due; the subjects of what this address has got, oldest first."""
        self.send()
        return [message.subject for message in self.mailer.sent if message.recipient == recipient]


def with_mail(world: World, **more: Any) -> Post:
    """``world``, sending mail; ``more`` are other fields of it."""
    assert isinstance(world.store, FakeStore | SqlStore)
    world.store.sends_mail = True
    mailer = FakeMailer()
    return Post(replace(world, mailer=mailer, **more), mailer)


@contextmanager
def mail_index(folder: Path, **more: Any) -> Iterator[tuple[WebIndex, Post]]:
    """Both doors of an index of fakes that sends mail; ``more`` are fields of its world."""
    with fake_world(folder) as fakes:
        post = with_mail(fakes.world, **more)
        yield _opened(post.world), post


@contextmanager
def quiet_index(folder: Path, **more: Any) -> Iterator[WebIndex]:
    """Both doors of an index of fakes that sends no mail."""
    with fake_world(folder) as fakes:
        yield _opened(replace(fakes.world, **more))


def _opened(world: World) -> WebIndex:
    return WebIndex(world, answering([*api_routes(world), *web_routes(world)]))
