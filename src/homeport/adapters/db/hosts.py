"""Other people's servers, and what was taken from them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, not_, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Row

from homeport.adapters.db.outside_tables import hosts, outside_bytes
from homeport.domain.manners import Frozen, Host, HostState
from homeport.domain.robots import Robots, RobotsStatus

KEPT = timedelta(days=31)


class SqlHosts:
    """``ports.hosts.Hosts`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, name: str) -> Host:
        """See the port."""
        row = self._connection.execute(select(hosts).where(hosts.c.name == name)).first()
        return _host(row) if row else Host(name)

    def put(self, host: Host) -> None:
        """See the port."""
        values = _values(host)
        added = insert(hosts).values(name=host.name, **values)
        self._connection.execute(added.on_conflict_do_update(index_elements=["name"], set_=values))

    def listed(
        self, now: datetime, state: HostState | None = None, text: str = "", *, after: str = "", limit: int
    ) -> Sequence[Host]:
        """See the port."""
        wanted = select(hosts).where(hosts.c.name > after, hosts.c.name.contains(text, autoescape=True))
        if state is not None:
            wanted = wanted.where(_stands(state, now))
        return [_host(row) for row in self._connection.execute(wanted.order_by(hosts.c.name).limit(limit))]

    def is_listed(self, name: str) -> bool:
        """See the port."""
        return self._connection.execute(select(hosts.c.name).where(hosts.c.name == name)).first() is not None

    def freeze(self, name: str, by: str, reason: str, at: datetime) -> None:
        """See the port."""
        values = {"frozen_at": at, "frozen_by": by, "frozen_reason": reason}
        added = insert(hosts).values(name=name, **(_values(Host(name)) | values))
        self._connection.execute(added.on_conflict_do_update(index_elements=["name"], set_=values))

    def unfreeze(self, name: str) -> None:
        """See the port."""
        values = {"frozen_at": None, "frozen_by": "", "frozen_reason": ""}
        self._connection.execute(update(hosts).where(hosts.c.name == name).values(values))

    def taken(self, names: Sequence[str], day: date) -> Mapping[str, int]:
        """See the port."""
        wanted = select(outside_bytes.c.name, outside_bytes.c.taken_bytes).where(
            outside_bytes.c.day == day.isoformat(), outside_bytes.c.name.in_(names)
        )
        return {row.name: row.taken_bytes for row in self._connection.execute(wanted)}

    def take(self, name: str, day: date, size_bytes: int) -> None:
        """See the port."""
        added = insert(outside_bytes).values(name=name, day=day.isoformat(), taken_bytes=size_bytes)
        more = outside_bytes.c.taken_bytes + size_bytes
        self._connection.execute(
            added.on_conflict_do_update(index_elements=["name", "day"], set_={"taken_bytes": more})
        )
        old = delete(outside_bytes).where(
            outside_bytes.c.name == name, outside_bytes.c.day < (day - KEPT).isoformat()
        )
        self._connection.execute(old)


def _stands(state: HostState, now: datetime) -> ColumnElement[bool]:
    is_frozen = hosts.c.frozen_at.is_not(None)
    is_resting = and_(hosts.c.resting_until.is_not(None), hosts.c.resting_until > now)
    is_paced = or_(
        and_(hosts.c.next_at.is_not(None), hosts.c.next_at > now),
        and_(hosts.c.held_until.is_not(None), hosts.c.held_until > now),
    )
    return {
        HostState.FROZEN: is_frozen,
        HostState.RESTING: and_(not_(is_frozen), is_resting),
        HostState.PACED: and_(not_(is_frozen), not_(is_resting), is_paced),
        HostState.READY: and_(not_(is_frozen), not_(is_resting), not_(is_paced)),
    }[state]


def _values(host: Host) -> dict[str, Any]:
    frozen, robots = host.frozen, host.robots
    return {
        "asked_at": host.asked_at,
        "next_at": host.next_at,
        "holder": host.holder,
        "held_until": host.held_until,
        "failures": host.failures,
        "resting_until": host.resting_until,
        "problem": host.problem,
        "robots": robots.rules,
        "robots_status": robots.status.value,
        "robots_until": robots.until,
        "robots_problem": robots.problem,
        "crawl_delay_seconds": robots.crawl_delay_seconds,
        "frozen_at": frozen.at if frozen else None,
        "frozen_by": frozen.by if frozen else "",
        "frozen_reason": frozen.reason if frozen else "",
    }


def _host(row: Row[Any]) -> Host:
    return Host(
        name=row.name,
        asked_at=row.asked_at,
        next_at=row.next_at,
        holder=row.holder,
        held_until=row.held_until,
        failures=row.failures,
        resting_until=row.resting_until,
        problem=row.problem,
        robots=Robots(
            RobotsStatus(row.robots_status),
            row.robots,
            row.robots_until,
            row.crawl_delay_seconds,
            row.robots_problem,
        ),
        frozen=Frozen(row.frozen_at, row.frozen_by, row.frozen_reason) if row.frozen_at else None,
    )
