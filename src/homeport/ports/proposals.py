"""What waits for a second administrator, as the database remembers it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from homeport.domain.account import User
from homeport.domain.proposal import Deed, Proposal


class Proposals(Protocol):
    """Proposals, those that ended too."""

    def add(self, deed: Deed, reason: str, *, by: User, at: datetime, expires_at: datetime) -> Proposal:
        """A new proposal."""
        ...

    def put(self, proposal: Proposal) -> None:
        """Store how it ended."""
        ...

    def find(self, proposal_id: int) -> Proposal | None:
        """The proposal of that id."""
        ...

    def open(self, now: datetime) -> Sequence[Proposal]:
        """Those that can be decided now, oldest first."""
        ...

    def every(self, *, before: int = 0, limit: int) -> Sequence[Proposal]:
        """All of them, newest first; with ``before``, those that are older than it."""
        ...
