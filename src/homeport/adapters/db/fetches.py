"""Fetches under way, in rows that are written again and again."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from homeport.adapters.db.outside_tables import fetches
from homeport.domain.progress import Fetching


class SqlFetches:
    """``ports.progress.Fetches`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, fetching: Fetching) -> None:
        """See the port."""
        values = {
            "rehost_id": fetching.rehost_id,
            "host": fetching.host,
            "received_bytes": fetching.received_bytes,
            "total_bytes": fetching.total_bytes,
            "waiting_for": fetching.waiting_for,
            "started_at": fetching.started_at,
            "changed_at": fetching.changed_at,
        }
        row = upsert(fetches).values(item_id=fetching.item_id, **values)
        self._connection.execute(row.on_conflict_do_update(index_elements=["item_id"], set_=values))

    def forget(self, item_id: int) -> None:
        """See the port."""
        self._connection.execute(delete(fetches).where(fetches.c.item_id == item_id))

    def forget_all(self, rehost_id: int) -> None:
        """See the port."""
        self._connection.execute(delete(fetches).where(fetches.c.rehost_id == rehost_id))

    def of_rehost(self, rehost_id: int) -> Sequence[Fetching]:
        """See the port."""
        rows = self._connection.execute(
            select(fetches).where(fetches.c.rehost_id == rehost_id).order_by(fetches.c.item_id)
        )
        return [
            Fetching(
                row.item_id,
                row.rehost_id,
                row.host,
                row.received_bytes,
                row.total_bytes,
                row.waiting_for,
                row.started_at,
                row.changed_at,
            )
            for row in rows
        ]
