"""Exemptions, and the hosting log."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from homeport.adapters.db.among import among
from homeport.adapters.db.hosting_tables import exemptions, hosting_log
from homeport.adapters.db.tables import projects
from homeport.domain.errors import Conflict
from homeport.domain.exemption import Exemption, Standing
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.hosting_log import Event, HostingLine
from homeport.domain.project import ProjectStatus
from homeport.ports.hosting import ExemptionFilter

_EXEMPTION = select(exemptions, projects.c.normalized).join(
    projects, projects.c.id == exemptions.c.project_id
)
_IS_LIVE = exemptions.c.ended_at.is_(None)
_STANDINGS = {
    Standing.DATED: and_(_IS_LIVE, exemptions.c.until.is_not(None)),
    Standing.ENDLESS: and_(_IS_LIVE, exemptions.c.until.is_(None)),
    Standing.ENDED: ~_IS_LIVE,
}


class SqlExemptions:
    """``ports.hosting.Exemptions`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        project_id: int,
        reason: str,
        until: date | None,
        *,
        by: str,
        at: datetime,
        reminded: int | None = None,
    ) -> Exemption:
        """See the port."""
        new = Exemption(0, project_id, "", reason, until, by, at, reminded)
        row = insert(exemptions).values(project_id=project_id, at=at, **_written(new))
        try:
            number = self._connection.execute(row.returning(exemptions.c.id)).scalar_one()
        except IntegrityError:
            raise Conflict("The project has an exemption already.", code="exemption-there") from None
        return self._all(_EXEMPTION.where(exemptions.c.id == number))[0]

    def put(self, exemption: Exemption) -> None:
        """See the port."""
        row = update(exemptions).where(exemptions.c.id == exemption.id)
        self._connection.execute(row.values(**_written(exemption)))

    def live(self, project_id: int) -> Exemption | None:
        """See the port."""
        return self.live_of({project_id}).get(project_id)

    def live_of(self, project_ids: Collection[int]) -> Mapping[int, Exemption]:
        """See the port."""
        found = self._all(_EXEMPTION.where(among(exemptions.c.project_id, project_ids), _IS_LIVE))
        return {exemption.project_id: exemption for exemption in found}

    def due(self, today: date, *, limit: int) -> Sequence[Exemption]:
        """See the port."""
        return self._all(
            _EXEMPTION.where(
                exemptions.c.due_on <= today, projects.c.status != ProjectStatus.QUARANTINED.value
            )
            .order_by(exemptions.c.due_on, exemptions.c.id)
            .limit(limit)
        )

    def every(self, wanted: ExemptionFilter, *, limit: int) -> Sequence[Exemption]:
        """See the port."""
        asked = _EXEMPTION
        if wanted.project:
            asked = asked.where(projects.c.normalized == wanted.project)
        if wanted.standing:
            asked = asked.where(_STANDINGS[wanted.standing])
        if wanted.ends_by:
            asked = asked.where(_IS_LIVE, exemptions.c.until <= wanted.ends_by)
        if wanted.before:
            asked = asked.where(exemptions.c.id < wanted.before)
        return self._all(asked.order_by(exemptions.c.id.desc()).limit(limit))

    def _all(self, wanted: Select[Any]) -> list[Exemption]:
        return [_exemption(row) for row in self._connection.execute(wanted)]


def _written(exemption: Exemption) -> dict[str, Any]:
    return {
        "reason": exemption.reason,
        "until": exemption.until,
        "by": exemption.by,
        "reminded": exemption.reminded,
        "due_on": exemption.due_on,
        "ended_at": exemption.ended_at,
        "ended_by": exemption.ended_by.value if exemption.ended_by else None,
    }


def _exemption(row: Row[Any]) -> Exemption:
    return Exemption(
        id=row.id,
        project_id=row.project_id,
        project=row.normalized,
        reason=row.reason,
        until=row.until,
        by=row.by,
        at=row.at,
        reminded=row.reminded,
        ended_at=row.ended_at,
        ended_by=Mover(row.ended_by) if row.ended_by else None,
    )


class SqlHostingLog:
    """``ports.hosting.HostingLog`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, project_id: int, line: HostingLine) -> None:
        """See the port."""
        self._connection.execute(
            insert(hosting_log).values(
                serial=line.serial,
                project_id=project_id,
                at=line.at,
                event=line.event.value,
                source=line.source.value,
                target=line.target.value,
                mover=line.mover.value,
                reason=line.reason,
                until=line.until,
            )
        )

    def lines(self, project: str = "", *, before: int = 0, limit: int) -> Sequence[HostingLine]:
        """See the port."""
        return [_line(row) for row in self._connection.execute(lines_query(project, before, limit))]

    def of_project(self, project_id: int, *, limit: int) -> Sequence[HostingLine]:
        """See the port."""
        asked = select(hosting_log, projects.c.normalized).join(
            projects, projects.c.id == hosting_log.c.project_id
        )
        asked = asked.where(hosting_log.c.project_id == project_id).order_by(hosting_log.c.serial.desc())
        return [_line(row) for row in self._connection.execute(asked.limit(limit))]

    def last_move(self, project_id: int) -> HostingLine | None:
        """See the port."""
        asked = (
            select(hosting_log, projects.c.normalized)
            .join(projects, projects.c.id == hosting_log.c.project_id)
            .where(hosting_log.c.project_id == project_id, hosting_log.c.source != hosting_log.c.target)
            .order_by(hosting_log.c.serial.desc())
        )
        row = self._connection.execute(asked.limit(1)).first()
        return None if row is None else _line(row)


def lines_query(project: str, before: int, limit: int) -> Select[Any]:
    """What is asked for the lines: with an index for every way to ask."""
    asked = (
        select(hosting_log, projects.c.normalized)
        .join(projects, projects.c.id == hosting_log.c.project_id)
        .where(~projects.c.is_private, projects.c.status != ProjectStatus.QUARANTINED.value)
    )
    if project:
        asked = asked.where(projects.c.normalized == project)
    if before:
        asked = asked.where(hosting_log.c.serial < before)
    return asked.order_by(hosting_log.c.serial.desc()).limit(limit)


def _line(row: Row[Any]) -> HostingLine:
    return HostingLine(
        serial=row.serial,
        at=row.at,
        project=row.normalized,
        event=Event(row.event),
        source=HostingMode(row.source),
        target=HostingMode(row.target),
        mover=Mover(row.mover),
        reason=row.reason,
        until=row.until,
    )
