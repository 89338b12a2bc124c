"""Receivers, and what forges told them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, not_, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or_leave

from homeport.adapters.db.tables import projects
from homeport.adapters.db.webhook_secrets import forget_secrets, renew_secret, secrets_of
from homeport.adapters.db.webhook_tables import receivers, reception_marks, receptions
from homeport.domain.digests import Sha256
from homeport.domain.receiver import Forge, Receiver, ReceiverStand, Reception
from homeport.domain.webhook import Feed, HookState
from homeport.ports.webhooks import HookFilter

_RECEIVER = select(receivers, projects.c.normalized).join(projects, projects.c.id == receivers.c.project_id)
_IS_REFUSED = and_(receptions.c.receiver_id == receivers.c.id, receptions.c.status >= HTTPStatus.BAD_REQUEST)
_REFUSED = select(func.count()).where(_IS_REFUSED).scalar_subquery()
_IS_LIVE = receivers.c.stopped_at.is_(None)
_STATES = {
    HookState.LIVE: and_(_IS_LIVE, _REFUSED == 0),
    HookState.FAILING: and_(_IS_LIVE, _REFUSED > 0),
    HookState.DISABLED: not_(_IS_LIVE),
}


class SqlReceivers:
    """``ports.webhooks.Receivers`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, receiver: Receiver, sealed_secret: bytes) -> Receiver:
        """See the port."""
        row = insert(receivers).values(
            key=receiver.key,
            project_id=receiver.project_id,
            forge=receiver.forge.value,
            by=receiver.by,
            at=receiver.at,
            sealed_secret=sealed_secret,
        )
        return replace(receiver, id=self._connection.execute(row.returning(receivers.c.id)).scalar_one())

    def find(self, receiver_id: int) -> Receiver | None:
        """See the port."""
        return next(iter(self._all(receivers.c.id == receiver_id)), None)

    def by_key(self, key: str) -> Receiver | None:
        """See the port."""
        return next(iter(self._all(receivers.c.key == key)), None)

    def of_project(self, project_id: int) -> Sequence[Receiver]:
        """See the port."""
        return self._all(receivers.c.project_id == project_id)

    def remove(self, receiver_id: int) -> None:
        """See the port."""
        for table in (reception_marks, receptions):
            self._connection.execute(delete(table).where(table.c.receiver_id == receiver_id))
        self._connection.execute(delete(receivers).where(receivers.c.id == receiver_id))

    def put(self, receiver: Receiver) -> None:
        """See the port."""
        stopped = {
            "stopped_at": receiver.stopped_at,
            "stopped_by": receiver.stopped_by or None,
            "stopped_why": receiver.stopped_why or None,
        }
        self._connection.execute(update(receivers).where(receivers.c.id == receiver.id).values(stopped))

    def sealed_secrets(self, receiver_id: int, now: datetime) -> Sequence[bytes]:
        """See the port."""
        return secrets_of(self._connection, receivers, receiver_id, now)

    def renew(self, receiver_id: int, sealed_secret: bytes, both_until: datetime) -> None:
        """See the port."""
        renew_secret(self._connection, receivers, receiver_id, sealed_secret, both_until)

    def every(self, wanted: HookFilter, *, limit: int) -> Sequence[ReceiverStand]:
        """See the port."""
        asked = _RECEIVER.add_columns(_REFUSED.label("refused")).where(wanted.failures <= _REFUSED)
        if wanted.owner:
            asked = asked.where(projects.c.normalized == wanted.project)
        if wanted.feed not in {None, Feed.PROJECT}:
            return []
        if wanted.state is not None:
            asked = asked.where(_STATES[wanted.state])
        if wanted.before:
            asked = asked.where(receivers.c.id < wanted.before)
        rows = self._connection.execute(asked.order_by(receivers.c.id.desc()).limit(limit))
        return [ReceiverStand(_receiver(row), row.refused) for row in rows]

    def is_known(self, receiver_id: int, marks: Sequence[Sha256]) -> bool:
        """See the port."""
        wanted = select(reception_marks.c.mark).where(
            reception_marks.c.receiver_id == receiver_id, reception_marks.c.mark.in_(_texts(marks))
        )
        return self._connection.execute(wanted.limit(1)).first() is not None

    def remember(self, receiver_id: int, marks: Sequence[Sha256], at: datetime) -> None:
        """See the port."""
        rows = [{"receiver_id": receiver_id, "mark": mark, "at": at} for mark in _texts(marks)]
        self._connection.execute(insert_or_leave(reception_marks).on_conflict_do_nothing(), rows)

    def add_reception(self, reception: Reception) -> Reception:
        """See the port."""
        row = insert(receptions).values(
            receiver_id=reception.receiver_id,
            event=reception.event,
            at=reception.at,
            status=reception.status,
            said=reception.said,
            rehost_id=reception.rehost_id,
        )
        return replace(reception, id=self._connection.execute(row.returning(receptions.c.id)).scalar_one())

    def receptions(self, receiver_id: int, *, limit: int) -> Sequence[Reception]:
        """See the port."""
        wanted = select(receptions).where(receptions.c.receiver_id == receiver_id)
        rows = self._connection.execute(wanted.order_by(receptions.c.id.desc()).limit(limit))
        return [
            Reception(row.id, row.receiver_id, row.event, row.at, row.status, row.said, row.rehost_id)
            for row in rows
        ]

    def forget_old(self, before: datetime) -> None:
        """See the port."""
        for table in (reception_marks, receptions):
            self._connection.execute(delete(table).where(table.c.at < before))

    def forget_secrets(self, now: datetime) -> None:
        """See the port."""
        forget_secrets(self._connection, receivers, now)

    def _all(self, wanted: ColumnElement[bool]) -> list[Receiver]:
        rows = self._connection.execute(_RECEIVER.where(wanted).order_by(receivers.c.id))
        return [_receiver(row) for row in rows]


def _texts(marks: Sequence[Sha256]) -> list[str]:
    return [mark.hex for mark in marks]


def _receiver(row: Row[Any]) -> Receiver:
    return Receiver(
        id=row.id,
        key=row.key,
        project_id=row.project_id,
        project=row.normalized,
        forge=Forge(row.forge),
        by=row.by,
        at=row.at,
        stopped_at=row.stopped_at,
        stopped_by=row.stopped_by or "",
        stopped_why=row.stopped_why or "",
        both_until=row.both_until,
    )
