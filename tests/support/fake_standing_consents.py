"""Standing consents in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from tests.support.fake_tables import Tables

from homeport.domain.project import ProjectStatus
from homeport.domain.standing_consent import StandingConsent, StandingLine, host_of


class FakeStandingConsents:
    """``ports.standing_consents.StandingConsents``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, project_id: int, standing: StandingConsent) -> None:
        """See the port."""
        self._tables.standing[project_id] = standing

    def of_project(self, project_id: int) -> StandingConsent | None:
        """See the port."""
        return self._tables.standing.get(project_id)

    def of_projects(self, project_ids: Collection[int]) -> Mapping[int, StandingConsent]:
        """See the port."""
        return {key: one for key, one in self._tables.standing.items() if key in project_ids}

    def naming(self, hostname: str) -> Sequence[tuple[int, StandingConsent]]:
        """See the port."""
        return [
            (key, one)
            for key, one in sorted(self._tables.standing.items())
            if hostname in map(host_of, one.hosts)
        ]

    def due(self, today: date, *, limit: int) -> Sequence[tuple[int, StandingConsent]]:
        """See the port."""
        ready = [
            (one.due_on, key)
            for key, one in self._tables.standing.items()
            if one.due_on is not None and one.due_on <= today and self._is_asked(key)
        ]
        return [(key, self._tables.standing[key]) for _, key in sorted(ready)[:limit]]

    def _is_asked(self, project_id: int) -> bool:
        project = self._tables.projects[project_id]
        return project.mode.takes_crawled_files and project.status is not ProjectStatus.QUARANTINED

    def add_line(self, project_id: int, line: StandingLine) -> None:
        """See the port."""
        self._tables.standing_lines.append((project_id, line))

    def lines(self, project_id: int, *, limit: int) -> Sequence[StandingLine]:
        """See the port."""
        return [line for key, line in reversed(self._tables.standing_lines) if key == project_id][:limit]
