"""The ledger and the notices."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from homeport.adapters.db.tables import ledger, notices, unmailed_topics
from homeport.domain.canonical import Plain
from homeport.domain.ledger import GENESIS, Entry, Kind, Sealed, seal
from homeport.domain.notice import Topic
from homeport.ports.notices import Notice


class SqlLedger:
    """``ports.ledger.Ledger`` over one connection; the write lock makes ``seq`` gapless."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(
        self, kind: Kind, *, at: datetime, actor: str, project: str, details: Mapping[str, Plain]
    ) -> int:
        """See the port."""
        last = self._connection.execute(
            select(ledger.c.seq, ledger.c.chain_hash).order_by(ledger.c.seq.desc()).limit(1)
        ).first()
        seq, previous = (last.seq + 1, last.chain_hash) if last else (1, GENESIS)
        sealed = seal(Entry(seq, at, kind, actor, project, details), previous)
        self._connection.execute(
            insert(ledger).values(
                seq=sealed.seq, body=sealed.body, leaf_hash=sealed.leaf_hash, chain_hash=sealed.chain_hash
            )
        )
        return seq

    def last(self) -> int:
        """See the port."""
        newest = select(ledger.c.seq).order_by(ledger.c.seq.desc()).limit(1)
        return self._connection.execute(newest).scalar() or 0

    def entries(self, *, after: int = 0, limit: int | None = None) -> Iterator[Sealed]:
        """See the port."""
        rows = self._connection.execute(
            select(ledger)
            .where(ledger.c.seq > after)
            .order_by(ledger.c.seq)
            .limit(limit)
            .execution_options(yield_per=1000)
        )
        for row in rows:
            yield Sealed(row.seq, row.body, row.leaf_hash, row.chain_hash)


class SqlNotices:
    """``ports.notices.Notices`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, user_id: int, notice: Notice) -> bool:
        """See the port."""
        same = (notices.c.user_id == user_id, notices.c.kind == notice.kind, notices.c.about == notice.about)
        if notice.about and self._connection.execute(select(notices.c.id).where(*same)).first():
            return False
        self._connection.execute(
            insert(notices).values(
                user_id=user_id,
                kind=notice.kind,
                subject=notice.subject,
                text=notice.text,
                path=notice.path,
                at=notice.at,
                about=notice.about or None,
            )
        )
        return True

    def of_user(self, user_id: int, *, limit: int) -> Sequence[Notice]:
        """See the port."""
        rows = self._connection.execute(
            select(notices).where(notices.c.user_id == user_id).order_by(notices.c.id.desc()).limit(limit)
        )
        return [_notice(row) for row in rows]

    def after(self, user_id: int, number: int, *, limit: int) -> Sequence[tuple[int, Notice]]:
        """See the port."""
        asked = select(notices).where(notices.c.user_id == user_id, notices.c.id > number)
        rows = self._connection.execute(asked.order_by(notices.c.id).limit(limit))
        return [(row.id, _notice(row)) for row in rows]

    def newest(self, user_id: int) -> int:
        """See the port."""
        newest = select(notices.c.id).where(notices.c.user_id == user_id).order_by(notices.c.id.desc())
        return self._connection.execute(newest.limit(1)).scalar() or 0

    def count(self, user_id: int, kind: str, since: datetime) -> int:
        """See the port."""
        told = select(func.count()).where(
            notices.c.user_id == user_id, notices.c.kind == kind, notices.c.at > since
        )
        return self._connection.execute(told).scalar_one()

    def unmailed(self, user_id: int) -> frozenset[Topic]:
        """See the port."""
        wanted = select(unmailed_topics.c.topic).where(unmailed_topics.c.user_id == user_id)
        return frozenset(Topic(topic) for topic in self._connection.execute(wanted).scalars())

    def put_mailed(self, user_id: int, topic: Topic, *, is_mailed: bool) -> None:
        """See the port."""
        row = {"user_id": user_id, "topic": topic.value}
        self._connection.execute(delete(unmailed_topics).filter_by(**row))
        if not is_mailed:
            self._connection.execute(insert(unmailed_topics).values(row))


def _notice(row: Row[Any]) -> Notice:
    return Notice(row.kind, row.subject, row.text, row.path, row.at, about=row.about or "")
