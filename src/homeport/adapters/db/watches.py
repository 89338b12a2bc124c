"""Watches over the places that hosted files came from, and what was told of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, exists, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from homeport.adapters.db.among import among
from homeport.adapters.db.outside_tables import drift_events, hosts, watched_hosts, watches
from homeport.adapters.db.tables import projects
from homeport.domain.digests import Sha256
from homeport.domain.drift import Consequence, DriftEvent, HostMemory, Seen, Sign, State, Tls, Watch
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus
from homeport.domain.source import SourceKind
from homeport.ports.watches import EventFilter, Stakes

_WATCH = select(watches, projects.c.normalized).join(projects, projects.c.id == watches.c.project_id)
_TAKE_FILES = [status.value for status in ProjectStatus if status.takes_files]


class SqlWatches:
    """``ports.watches.Watches`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, watch: Watch) -> None:
        """See the port."""
        values = {
            "url": watch.url,
            "host": watch.host,
            "source": watch.source.value,
            "sha256": watch.sha256.hex,
            "size_bytes": watch.size_bytes,
            "agreed_at": watch.agreed_at,
            "due_at": watch.due_at,
            "read_at": watch.read_at,
            "home": watch.home,
            "etag": watch.etag,
            "last_modified": watch.last_modified,
            "state": watch.state.value,
            "seen": watch.seen,
            "problem": watch.problem,
            "failures": watch.failures,
            "since": watch.since,
            "looked_at": watch.looked_at,
        }
        row = upsert(watches).values(project_id=watch.project_id, filename=watch.filename, **values)
        self._connection.execute(
            row.on_conflict_do_update(index_elements=["project_id", "filename"], set_=values)
        )

    def find(self, project_id: int, filename: str) -> Watch | None:
        """See the port."""
        wanted = _WATCH.where(watches.c.project_id == project_id, watches.c.filename == filename)
        return next(iter(self._all(wanted)), None)

    def of_project(self, project_id: int) -> Sequence[Watch]:
        """See the port."""
        return self._all(_WATCH.where(watches.c.project_id == project_id).order_by(watches.c.filename))

    def due(self, now: datetime, *, limit: int, per_host: int) -> Sequence[Watch]:
        """See the port."""
        is_frozen = exists().where(hosts.c.name == watches.c.host, hosts.c.frozen_at.is_not(None))
        in_order = (watches.c.due_at, watches.c.project_id, watches.c.filename)
        place = func.row_number().over(partition_by=watches.c.host, order_by=in_order).label("place")
        ready = (
            _WATCH.add_columns(place)
            .where(
                watches.c.due_at <= now,
                projects.c.mode != HostingMode.ONLY.value,
                projects.c.status.in_(_TAKE_FILES),
                ~is_frozen,
            )
            .subquery()
        )
        return self._all(
            select(ready)
            .where(ready.c.place <= per_host)
            .order_by(ready.c.due_at, ready.c.project_id, ready.c.filename)
            .limit(limit)
        )

    def hasten(self, project_id: int, at: datetime) -> int:
        """See the port."""
        of_project = watches.c.project_id == project_id
        self._connection.execute(update(watches).where(of_project, watches.c.due_at > at).values(due_at=at))
        return self._connection.execute(select(func.count()).where(of_project)).scalar_one()

    def forget(self, project_id: int, filename: str) -> None:
        """See the port."""
        self._connection.execute(
            delete(watches).where(watches.c.project_id == project_id, watches.c.filename == filename)
        )

    def stakes(self, host: str) -> Stakes | None:
        """See the port."""
        rows = self._connection.execute(
            select(
                watches.c.project_id,
                func.min(watches.c.agreed_at, type_=watches.c.agreed_at.type).label("agreed_at"),
                func.max(watches.c.state == State.CHANGED.value).label("is_changed"),
            )
            .where(watches.c.host == host)
            .group_by(watches.c.project_id)
            .order_by(watches.c.project_id)
        ).all()
        if not rows:
            return None
        return Stakes(
            projects=tuple(row.project_id for row in rows),
            changed=frozenset(row.project_id for row in rows if row.is_changed),
            agreed_at=min(row.agreed_at for row in rows),
        )

    def host(self, host: str) -> HostMemory | None:
        """See the port."""
        row = self._connection.execute(select(watched_hosts).where(watched_hosts.c.host == host)).first()
        if row is None:
            return None
        return HostMemory(
            host=row.host,
            tls=Tls(row.tls_key, row.tls_issuer) if row.tls_key else None,
            name_servers=frozenset(row.name_servers),
            registered_at=row.registered_at,
            nameless_since=row.nameless_since,
            nameless_until=row.nameless_until,
            asked_at=row.asked_at,
        )

    def put_host(self, memory: HostMemory) -> None:
        """See the port."""
        values = {
            "tls_key": memory.tls.key if memory.tls else "",
            "tls_issuer": memory.tls.issuer if memory.tls else "",
            "name_servers": sorted(memory.name_servers),
            "registered_at": memory.registered_at,
            "nameless_since": memory.nameless_since,
            "nameless_until": memory.nameless_until,
            "asked_at": memory.asked_at,
        }
        row = upsert(watched_hosts).values(host=memory.host, **values)
        self._connection.execute(row.on_conflict_do_update(index_elements=["host"], set_=values))

    def tell(
        self,
        project_id: int,
        place: tuple[str, str, str],
        seen: Seen,
        what_follows: Consequence,
        at: datetime,
    ) -> bool:
        """See the port."""
        host, url, filename = place
        made = self._connection.execute(
            upsert(drift_events)
            .values(
                project_id=project_id,
                filename=filename,
                url=url,
                host=host,
                sign=seen.sign.value,
                what=seen.what,
                sentence=seen.sentence,
                consequence=what_follows.value,
                at=at,
            )
            .on_conflict_do_nothing()
        )
        return made.rowcount == 1

    def told_since(self, project_ids: Collection[int], since: datetime) -> Mapping[int, int]:
        """See the port."""
        of_project = drift_events.c.project_id
        asked = select(of_project, func.count()).where(
            among(of_project, project_ids), drift_events.c.at > since
        )
        return {row[0]: row[1] for row in self._connection.execute(asked.group_by(of_project))}

    def events(self, wanted: EventFilter, *, limit: int) -> Sequence[DriftEvent]:
        """See the port."""
        asked = select(drift_events, projects.c.normalized).join(
            projects, projects.c.id == drift_events.c.project_id
        )
        if wanted.project:
            asked = asked.where(projects.c.normalized == wanted.project)
        if wanted.host:
            asked = asked.where(drift_events.c.host == wanted.host)
        if wanted.sign:
            asked = asked.where(drift_events.c.sign == wanted.sign.value)
        if wanted.before:
            asked = asked.where(drift_events.c.id < wanted.before)
        rows = self._connection.execute(asked.order_by(drift_events.c.id.desc()).limit(limit))
        return [_event(row) for row in rows]

    def _all(self, wanted: Select[Any]) -> list[Watch]:
        return [_watch(row) for row in self._connection.execute(wanted)]


def _watch(row: Row[Any]) -> Watch:
    return Watch(
        project_id=row.project_id,
        project=row.normalized,
        filename=row.filename,
        url=row.url,
        host=row.host,
        source=SourceKind(row.source),
        sha256=Sha256(row.sha256),
        size_bytes=row.size_bytes,
        agreed_at=row.agreed_at,
        due_at=row.due_at,
        read_at=row.read_at,
        home=row.home,
        etag=row.etag,
        last_modified=row.last_modified,
        state=State(row.state),
        seen=row.seen,
        problem=row.problem,
        failures=row.failures,
        since=row.since,
        looked_at=row.looked_at,
    )


def _event(row: Row[Any]) -> DriftEvent:
    return DriftEvent(
        id=row.id,
        project=row.normalized,
        filename=row.filename,
        url=row.url,
        host=row.host,
        sign=Sign(row.sign),
        what=row.what,
        sentence=row.sentence,
        consequence=Consequence(row.consequence),
        at=row.at,
    )
