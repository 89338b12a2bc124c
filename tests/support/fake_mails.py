"""The fake store's outbox, and a mail server that says what it is told to."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.support.fake_tables import Tables

from homeport.domain.mail import NONCE_BYTES, Letter, Mail, Message


class FakeMails:
    """``ports.mail.Mails``."""

    def __init__(self, tables: Tables, *, are_sent: bool) -> None:
        self._tables = tables
        self.are_sent = are_sent

    def add(self, letter: Letter, at: datetime) -> None:
        """See the port."""
        if self.are_sent:
            nonce = secrets.token_hex(NONCE_BYTES)
            mail = Mail(self._tables.fresh_id("mails"), letter, at, due_at=at, nonce=nonce)
            self._tables.mails[mail.id] = mail

    def due(self, now: datetime, *, limit: int) -> Sequence[Mail]:
        """See the port."""
        due = [(mail.due_at, mail.id, mail) for mail in self._all() if mail.due_at and mail.due_at <= now]
        return [mail for _, _, mail in sorted(due, key=lambda one: one[:2])][:limit]

    def find(self, mail_id: int) -> Mail | None:
        """See the port."""
        return self._tables.mails.get(mail_id)

    def put(self, mail: Mail) -> None:
        """See the port."""
        if mail.id in self._tables.mails:
            self._tables.mails[mail.id] = mail

    def links_since(self, since: datetime, *, recipient: str) -> int:
        """See the port."""
        return sum(
            mail.created_at > since and mail.letter.purpose is not None and mail.letter.recipient == recipient
            for mail in self._all()
        )

    def troubled(self, *, before: int = 0, limit: int) -> Sequence[Mail]:
        """See the port."""
        found = [mail for mail in reversed(self._all()) if mail.problem and mail.sent_at is None]
        return [mail for mail in found if not before or mail.id < before][:limit]

    def waiting(self) -> int:
        """See the port."""
        return sum(mail.due_at is not None for mail in self._all())

    def forget(self, mail_id: int) -> None:
        """See the port."""
        self._tables.mails.pop(mail_id, None)

    def forget_links(self, user_id: int) -> None:
        """See the port."""
        for mail in self._all():
            if mail.letter.user_id == user_id and mail.letter.purpose and mail.sent_at is None:
                del self._tables.mails[mail.id]

    def forget_old(self, before: datetime) -> None:
        """See the port."""
        for mail in self._all():
            if mail.due_at is None and (mail.sent_at or mail.created_at) < before:
                del self._tables.mails[mail.id]

    def _all(self) -> list[Mail]:
        return [mail for _, mail in sorted(self._tables.mails.items())]


@dataclass
class FakeMailer:
    """``ports.mail.Mailer``; what ``troubles`` holds is raised first, one at each try."""

    sent: list[Message] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)

    def send(self, message: Message) -> None:
        """See the port."""
        if self.troubles:
            raise self.troubles.pop(0)
        self.sent.append(message)
