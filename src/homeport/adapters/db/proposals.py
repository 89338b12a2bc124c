"""What waits for a second administrator."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import Row

from homeport.adapters.db.policies_tables import proposals
from homeport.domain.account import User
from homeport.domain.proposal import Deed, Proposal, ProposalState


class SqlProposals:
    """``ports.proposals.Proposals`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, deed: Deed, reason: str, *, by: User, at: datetime, expires_at: datetime) -> Proposal:
        """See the port."""
        row = {
            "deed": deed.to_json(),
            "reason": reason,
            "user_id": by.id,
            "asked_by": by.name,
            "asked_at": at,
            "expires_at": expires_at,
            "answer": "",
        }
        added = self._connection.execute(insert(proposals).values(row).returning(proposals.c.id))
        return Proposal(added.scalar_one(), deed, reason, by.id, by.name, at, expires_at)

    def put(self, proposal: Proposal) -> None:
        """See the port."""
        ended = {
            "end": proposal.end.value if proposal.end else None,
            "ended_by": proposal.ended_by,
            "ended_at": proposal.ended_at,
            "answer": proposal.answer,
        }
        self._connection.execute(update(proposals).where(proposals.c.id == proposal.id).values(ended))

    def find(self, proposal_id: int) -> Proposal | None:
        """See the port."""
        row = self._connection.execute(select(proposals).where(proposals.c.id == proposal_id)).first()
        return _proposal(row) if row else None

    def open(self, now: datetime) -> Sequence[Proposal]:
        """See the port."""
        is_open = (proposals.c.end.is_(None), proposals.c.expires_at > now)
        wanted = select(proposals).where(*is_open).order_by(proposals.c.id)
        return [_proposal(row) for row in self._connection.execute(wanted)]

    def every(self, *, before: int = 0, limit: int) -> Sequence[Proposal]:
        """See the port."""
        wanted = select(proposals).order_by(proposals.c.id.desc()).limit(limit)
        if before:
            wanted = wanted.where(proposals.c.id < before)
        return [_proposal(row) for row in self._connection.execute(wanted)]


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        row.id,
        Deed.from_json(row.deed),
        row.reason,
        row.user_id,
        row.asked_by,
        row.asked_at,
        row.expires_at,
        ProposalState(row.end) if row.end else None,
        row.ended_by or "",
        row.ended_at,
        row.answer,
    )
