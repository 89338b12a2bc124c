"""What administrators decided for the whole index."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.engine import Row

from homeport.adapters.db.policies_tables import policies
from homeport.domain.hosting_policy import Decided, HostingPolicy, kept_policy


class SqlPolicies:
    """``ports.policies.Policies`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def current(self) -> HostingPolicy:
        """See the port."""
        return self.newest().policy

    def newest(self) -> Decided:
        """See the port."""
        found = self.decided(limit=1)
        return found[0] if found else Decided(0, HostingPolicy())

    def put(self, policy: HostingPolicy, *, by: str, reason: str, at: datetime) -> Decided:
        """See the port."""
        row = {"fields": policy.to_texts(), "by": by, "reason": reason, "at": at}
        added = self._connection.execute(insert(policies).values(row).returning(policies.c.revision))
        return Decided(added.scalar_one(), policy, by, at, reason)

    def decided(self, *, before: int = 0, limit: int) -> Sequence[Decided]:
        """See the port."""
        wanted = select(policies).order_by(policies.c.revision.desc()).limit(limit)
        if before:
            wanted = wanted.where(policies.c.revision < before)
        return [_decided(row) for row in self._connection.execute(wanted)]


def _decided(row: Row[Any]) -> Decided:
    return Decided(row.revision, kept_policy(row.fields), row.by, row.at, row.reason)
