"""Exemptions and the hosting log in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from tests.support.fake_tables import Tables

from homeport.domain.errors import Conflict
from homeport.domain.exemption import Exemption
from homeport.domain.hosting_log import HostingLine
from homeport.domain.project import ProjectStatus
from homeport.ports.hosting import ExemptionFilter


class FakeExemptions:
    """``ports.hosting.Exemptions``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

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
        if self.live(project_id) is not None:
            raise Conflict("The project has an exemption already.", code="exemption-there")
        project = self._tables.projects[project_id].name.normalized
        number = self._tables.fresh_id("exemptions")
        new = Exemption(number, project_id, project, reason, until, by, at, reminded)
        self._tables.exemptions[number] = new
        return new

    def put(self, exemption: Exemption) -> None:
        """See the port."""
        self._tables.exemptions[exemption.id] = exemption

    def live(self, project_id: int) -> Exemption | None:
        """See the port."""
        return self.live_of({project_id}).get(project_id)

    def live_of(self, project_ids: Collection[int]) -> Mapping[int, Exemption]:
        """See the port."""
        found = self._tables.exemptions.values()
        return {
            one.project_id: one for one in found if one.project_id in project_ids and one.ended_at is None
        }

    def due(self, today: date, *, limit: int) -> Sequence[Exemption]:
        """See the port."""
        ready = [
            (one.due_on, one.id)
            for one in self._tables.exemptions.values()
            if one.due_on is not None
            and one.due_on <= today
            and self._tables.projects[one.project_id].status is not ProjectStatus.QUARANTINED
        ]
        return [self._tables.exemptions[number] for _, number in sorted(ready)[:limit]]

    def every(self, wanted: ExemptionFilter, *, limit: int) -> Sequence[Exemption]:
        """See the port."""
        found = [
            one
            for one in reversed(self._tables.exemptions.values())
            if (not wanted.project or one.project == wanted.project)
            and (wanted.standing is None or one.standing is wanted.standing)
            and (wanted.ends_by is None or _ends_by(one, wanted.ends_by))
            and (not wanted.before or one.id < wanted.before)
        ]
        return found[:limit]


def _ends_by(exemption: Exemption, day: date) -> bool:
    return exemption.ended_at is None and exemption.until is not None and exemption.until <= day


class FakeHostingLog:
    """``ports.hosting.HostingLog``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, project_id: int, line: HostingLine) -> None:
        """See the port."""
        self._tables.hosting_log.append((project_id, line))

    def lines(self, project: str = "", *, before: int = 0, limit: int) -> Sequence[HostingLine]:
        """See the port."""
        found = [
            line
            for project_id, line in reversed(self._tables.hosting_log)
            if self._tables.projects[project_id].is_listed
            and (not project or line.project == project)
            and (not before or line.serial < before)
        ]
        return found[:limit]

    def of_project(self, project_id: int, *, limit: int) -> Sequence[HostingLine]:
        """See the port."""
        return [line for key, line in reversed(self._tables.hosting_log) if key == project_id][:limit]

    def last_move(self, project_id: int) -> HostingLine | None:
        """See the port."""
        lines = self.of_project(project_id, limit=len(self._tables.hosting_log))
        return next((line for line in lines if line.source is not line.target), None)
