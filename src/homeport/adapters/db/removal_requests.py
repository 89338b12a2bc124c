"""What administrators are asked to remove."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from homeport.adapters.db.outside_tables import removal_requests
from homeport.adapters.db.tables import projects
from homeport.domain.removal_request import Answer, RemovalRequest

_REQUEST = select(removal_requests, projects.c.normalized).join(
    projects, projects.c.id == removal_requests.c.project_id
)
_WAITS = removal_requests.c.answer.is_(None)


class SqlRemovalRequests:
    """``ports.removal_requests.RemovalRequests`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, request: RemovalRequest) -> RemovalRequest:
        """See the port."""
        row = insert(removal_requests).values(
            project_id=request.project_id,
            rehost_id=request.rehost_id,
            filenames=list(request.filenames),
            reason=request.reason,
            asked_by=request.asked_by,
            asked_at=request.asked_at,
            **_answer(request),
        )
        made = self._connection.execute(row.returning(removal_requests.c.id)).scalar_one()
        return self._all(_REQUEST.where(removal_requests.c.id == made))[0]

    def find(self, request_id: int) -> RemovalRequest | None:
        """See the port."""
        return next(iter(self._all(_REQUEST.where(removal_requests.c.id == request_id))), None)

    def put(self, request: RemovalRequest) -> None:
        """See the port."""
        row = update(removal_requests).where(removal_requests.c.id == request.id)
        self._connection.execute(row.values(_answer(request)))

    def waiting(self) -> Sequence[RemovalRequest]:
        """See the port."""
        return self._all(_REQUEST.where(_WAITS).order_by(removal_requests.c.id))

    def answered(self, *, limit: int) -> Sequence[RemovalRequest]:
        """See the port."""
        newest_first = (removal_requests.c.answered_at.desc(), removal_requests.c.id.desc())
        return self._all(_REQUEST.where(~_WAITS).order_by(*newest_first).limit(limit))

    def every(self, *, before: int = 0, limit: int) -> Sequence[RemovalRequest]:
        """See the port."""
        asked = _REQUEST.order_by(removal_requests.c.id.desc()).limit(limit)
        return self._all(asked.where(removal_requests.c.id < before) if before else asked)

    def _all(self, wanted: Select[Any]) -> list[RemovalRequest]:
        return [
            RemovalRequest(
                id=row.id,
                project_id=row.project_id,
                project=row.normalized,
                rehost_id=row.rehost_id,
                filenames=tuple(row.filenames),
                reason=row.reason,
                asked_by=row.asked_by,
                asked_at=row.asked_at,
                answer=Answer(row.answer) if row.answer else None,
                answered_by=row.answered_by,
                answered_at=row.answered_at,
                answer_reason=row.answer_reason,
            )
            for row in self._connection.execute(wanted)
        ]


def _answer(request: RemovalRequest) -> dict[str, Any]:
    return {
        "answer": request.answer.value if request.answer else None,
        "answered_by": request.answered_by,
        "answered_at": request.answered_at,
        "answer_reason": request.answer_reason,
    }
