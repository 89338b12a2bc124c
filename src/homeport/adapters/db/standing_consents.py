"""Standing consents, and what changed them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, String, cast, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from homeport.adapters.db.among import among
from homeport.adapters.db.standing_tables import standing_consents, standing_lines
from homeport.adapters.db.tables import projects
from homeport.domain.hosting import HostingMode
from homeport.domain.ledger import Kind
from homeport.domain.project import ProjectStatus
from homeport.domain.standing_consent import StandingConsent, StandingLine, host_of

_STANDING = select(standing_consents, projects.c.normalized).join(
    projects, projects.c.id == standing_consents.c.project_id
)


class SqlStandingConsents:
    """``ports.standing_consents.StandingConsents`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, project_id: int, standing: StandingConsent) -> None:
        """See the port."""
        values = {
            "given_by": standing.given_by,
            "hosts": list(standing.hosts),
            "patterns": list(standing.patterns),
            "given_at": standing.given_at,
            "expires_at": standing.expires_at,
            "paths": list(standing.paths),
            "reminded": standing.reminded,
            "withdrawn_at": standing.withdrawn_at,
            "due_on": standing.due_on,
        }
        row = upsert(standing_consents).values(project_id=project_id, **values)
        self._connection.execute(row.on_conflict_do_update(index_elements=["project_id"], set_=values))

    def of_project(self, project_id: int) -> StandingConsent | None:
        """See the port."""
        return self.of_projects({project_id}).get(project_id)

    def of_projects(self, project_ids: Collection[int]) -> Mapping[int, StandingConsent]:
        """See the port."""
        rows = self._connection.execute(_STANDING.where(among(standing_consents.c.project_id, project_ids)))
        return {row.project_id: _standing(row) for row in rows}

    def naming(self, hostname: str) -> Sequence[tuple[int, StandingConsent]]:
        """See the port."""
        rows = self._connection.execute(
            # A name has no character that JSON writes otherwise, and none that LIKE reads otherwise but "_". Longer
            # names hold it, too: those are told apart below.
            _STANDING.where(
                cast(standing_consents.c.hosts, String).contains(hostname, autoescape=True)
            ).order_by(standing_consents.c.project_id)
        )
        return [(row.project_id, _standing(row)) for row in rows if hostname in map(host_of, row.hosts)]

    def due(self, today: date, *, limit: int) -> Sequence[tuple[int, StandingConsent]]:
        """See the port."""
        rows = self._connection.execute(
            _STANDING.where(
                standing_consents.c.due_on <= today,
                projects.c.mode == HostingMode.CACHE.value,
                projects.c.status != ProjectStatus.QUARANTINED.value,
            )
            .order_by(standing_consents.c.due_on, standing_consents.c.project_id)
            .limit(limit)
        )
        return [(row.project_id, _standing(row)) for row in rows]

    def add_line(self, project_id: int, line: StandingLine) -> None:
        """See the port."""
        self._connection.execute(
            insert(standing_lines).values(
                serial=line.serial,
                project_id=project_id,
                at=line.at,
                kind=line.kind.value,
                by=line.by,
                hosts=list(line.hosts),
                paths=list(line.paths),
                patterns=list(line.patterns),
                until=line.until,
                reason=line.reason,
            )
        )

    def lines(self, project_id: int, *, limit: int) -> Sequence[StandingLine]:
        """See the port."""
        rows = self._connection.execute(
            select(standing_lines)
            .where(standing_lines.c.project_id == project_id)
            .order_by(standing_lines.c.serial.desc())
            .limit(limit)
        )
        return [_line(row) for row in rows]


def _standing(row: Row[Any]) -> StandingConsent:
    return StandingConsent(
        project=row.normalized,
        given_by=row.given_by,
        hosts=tuple(row.hosts),
        patterns=tuple(row.patterns),
        given_at=row.given_at,
        expires_at=row.expires_at,
        paths=tuple(row.paths),
        reminded=row.reminded,
        withdrawn_at=row.withdrawn_at,
    )


def _line(row: Row[Any]) -> StandingLine:
    return StandingLine(
        serial=row.serial,
        at=row.at,
        kind=Kind(row.kind),
        by=row.by,
        hosts=tuple(row.hosts),
        paths=tuple(row.paths),
        patterns=tuple(row.patterns),
        until=row.until,
        reason=row.reason,
    )
