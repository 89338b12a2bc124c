"""The rendered pages, and the list of projects in segments."""

from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from homeport.adapters.db.tables import facts, list_segments, pages
from homeport.formats.accept import Form
from homeport.ports.pages import Rendered

_RENDERING = "rendering"


class SqlPages:
    """``ports.pages.Pages`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, normalized: str, form: Form, page: Rendered) -> None:
        """See the port."""
        described = {"etag": page.etag, "serial": page.serial, "is_private": page.is_private}
        for coding, body in page.bodies.items():
            key = {"normalized": normalized, "form": form, "coding": coding}
            self._put(pages, key, {**described, "body": body})

    def segment_around(self, normalized: str) -> tuple[str, str | None]:
        """See the port."""
        first, before = list_segments.c.first, func.min(list_segments.c.first)
        # A list that was never written is one segment, from the first name to the last.
        start = self._connection.execute(select(func.max(first)).where(first <= normalized)).scalar() or ""
        return start, self._connection.execute(select(before).where(first > normalized)).scalar()

    def put_segment(self, first: str, form: Form, deflated: bytes) -> None:
        """See the port."""
        self._put(list_segments, {"first": first, "form": form}, {"deflated": deflated})

    def forget_segments(self) -> None:
        """See the port."""
        self._connection.execute(delete(list_segments))

    def rendering(self) -> int:
        """See the port."""
        return self._connection.execute(select(facts.c.value).where(facts.c.name == _RENDERING)).scalar() or 0

    def set_rendering(self, version: int) -> None:
        """See the port."""
        self._put(facts, {"name": _RENDERING}, {"value": version})

    def _put(self, table: Any, key: dict[str, Any], values: dict[str, Any]) -> None:
        row = upsert(table).values(**key, **values)
        self._connection.execute(row.on_conflict_do_update(index_elements=list(key), set_=values))
