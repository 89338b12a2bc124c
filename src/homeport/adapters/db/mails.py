"""The outbox."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, func, insert, or_, select, update

from homeport.adapters.db.tables import mails
from homeport.domain.account_link import LinkPurpose
from homeport.domain.mail import NONCE_BYTES, Letter, Mail


class SqlMails:
    """``ports.mail.Mails`` over one connection."""

    def __init__(self, connection: Connection, *, are_sent: bool) -> None:
        self._connection = connection
        self.are_sent = are_sent

    def add(self, letter: Letter, at: datetime) -> None:
        """See the port."""
        if not self.are_sent:
            return
        self._connection.execute(
            insert(mails).values(
                user_id=letter.user_id,
                recipient=letter.recipient,
                subject=letter.subject,
                text=letter.text,
                path=letter.path,
                purpose=letter.purpose,
                created_at=at,
                due_at=at,
                tries=0,
                problem="",
                html=letter.html or None,
                kind=letter.kind or None,
                nonce=secrets.token_hex(NONCE_BYTES),
            )
        )

    def due(self, now: datetime, *, limit: int) -> Sequence[Mail]:
        """See the port."""
        return self._all(
            select(mails).where(mails.c.due_at <= now).order_by(mails.c.due_at, mails.c.id).limit(limit)
        )

    def find(self, mail_id: int) -> Mail | None:
        """See the port."""
        return next(iter(self._all(select(mails).where(mails.c.id == mail_id))), None)

    def put(self, mail: Mail) -> None:
        """See the port."""
        self._connection.execute(
            update(mails)
            .where(mails.c.id == mail.id)
            .values(due_at=mail.due_at, sent_at=mail.sent_at, tries=mail.tries, problem=mail.problem)
        )

    def links_since(self, since: datetime, *, recipient: str) -> int:
        """See the port."""
        written = select(func.count()).where(
            mails.c.recipient == recipient,
            mails.c.created_at > since,
            mails.c.purpose.is_not(None),
        )
        return self._connection.execute(written).scalar_one()

    def troubled(self, *, before: int = 0, limit: int) -> Sequence[Mail]:
        """See the port."""
        wanted = select(mails).where(mails.c.sent_at.is_(None), mails.c.problem != "")
        if before:
            wanted = wanted.where(mails.c.id < before)
        return self._all(wanted.order_by(mails.c.id.desc()).limit(limit))

    def waiting(self) -> int:
        """See the port."""
        return self._connection.execute(select(func.count()).where(mails.c.due_at.is_not(None))).scalar_one()

    def forget(self, mail_id: int) -> None:
        """See the port."""
        self._connection.execute(delete(mails).where(mails.c.id == mail_id))

    def forget_links(self, user_id: int) -> None:
        """See the port."""
        self._connection.execute(
            delete(mails).where(
                mails.c.user_id == user_id, mails.c.purpose.is_not(None), mails.c.sent_at.is_(None)
            )
        )

    def forget_old(self, before: datetime) -> None:
        """See the port."""
        was_given_up = and_(mails.c.sent_at.is_(None), mails.c.due_at.is_(None))
        self._connection.execute(
            delete(mails).where(
                or_(mails.c.sent_at < before, and_(was_given_up, mails.c.created_at < before))
            )
        )

    def _all(self, wanted: Select[Any]) -> list[Mail]:
        return [_mail(row) for row in self._connection.execute(wanted)]


def _mail(row: Row[Any]) -> Mail:
    purpose = LinkPurpose(row.purpose) if row.purpose else None
    letter = Letter(
        row.recipient,
        row.subject,
        row.text,
        row.path,
        purpose,
        row.user_id,
        html=row.html or "",
        kind=row.kind or "",
    )
    return Mail(
        row.id, letter, row.created_at, row.due_at, row.sent_at, row.tries, row.problem, row.nonce or ""
    )
