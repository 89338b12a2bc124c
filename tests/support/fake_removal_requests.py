"""The fake store's requests to remove files."""

from collections.abc import Sequence
from dataclasses import replace

from tests.support.fake_tables import Tables

from homeport.domain.removal_request import RemovalRequest


class FakeRemovalRequests:
    """``ports.removal_requests.RemovalRequests``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, request: RemovalRequest) -> RemovalRequest:
        """See the port."""
        project = self._tables.projects[request.project_id].name.normalized
        made = replace(request, id=self._tables.fresh_id("removal_requests"), project=project)
        self._tables.removal_requests[made.id] = made
        return made

    def find(self, request_id: int) -> RemovalRequest | None:
        """See the port."""
        return self._tables.removal_requests.get(request_id)

    def put(self, request: RemovalRequest) -> None:
        """See the port."""
        self._tables.removal_requests[request.id] = request

    def waiting(self) -> Sequence[RemovalRequest]:
        """See the port."""
        return [one for one in self._tables.removal_requests.values() if one.answer is None]

    def every(self, *, before: int = 0, limit: int) -> Sequence[RemovalRequest]:
        """See the port."""
        older = [one for one in self._tables.removal_requests.values() if not before or one.id < before]
        return older[: -limit - 1 : -1]

    def answered(self, *, limit: int) -> Sequence[RemovalRequest]:
        """See the port."""
        told = [
            (one.answered_at, one.id, one)
            for one in self._tables.removal_requests.values()
            if one.answered_at
        ]
        return [one for _, _, one in sorted(told, reverse=True)][:limit]
