"""What administrators are asked to remove, as the database remembers it."""

from collections.abc import Sequence
from typing import Protocol

from homeport.domain.removal_request import RemovalRequest


class RemovalRequests(Protocol):
    """Requests to remove files; none is forgotten."""

    def add(self, request: RemovalRequest) -> RemovalRequest:
        """Record a request; its id is given here."""
        ...

    def find(self, request_id: int) -> RemovalRequest | None:
        """The request of that id."""
        ...

    def put(self, request: RemovalRequest) -> None:
        """Store its answer."""
        ...

    def waiting(self) -> Sequence[RemovalRequest]:
        """Every request that nobody answered, longest waiting first."""
        ...

    def answered(self, *, limit: int) -> Sequence[RemovalRequest]:
        """Those that were answered last."""
        ...

    def every(self, *, before: int = 0, limit: int) -> Sequence[RemovalRequest]:
        """Answered or not, newest first; ``before`` is the id of a request, 0 for the newest."""
        ...
