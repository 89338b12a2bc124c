"""Standing consents, as the database remembers them: one for a project, and every change there was."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from homeport.domain.standing_consent import StandingConsent, StandingLine


class StandingConsents(Protocol):
    """Standing consents; a project has one at most, the last that was given, in whatever condition."""

    def put(self, project_id: int, standing: StandingConsent) -> None:
        """Store, or replace, the standing consent of a project."""
        ...

    def of_project(self, project_id: int) -> StandingConsent | None:
        """The standing consent of a project."""
        ...

    def of_projects(self, project_ids: Collection[int]) -> Mapping[int, StandingConsent]:
        """Those of many projects, by the projects' ids; projects without one are left out."""
        ...

    def naming(self, hostname: str) -> Sequence[tuple[int, StandingConsent]]:
        """Every project, by its id, whose standing consent names this host, on whatever port, with that consent."""
        ...

    def due(self, today: date, *, limit: int) -> Sequence[tuple[int, StandingConsent]]:
        """Those the clock has somebody to tell of, with the ids of their projects, the most urgent first.

        Those of projects that are quarantined, or in a mode that asks for none, wait.
        """
        ...

    def add_line(self, project_id: int, line: StandingLine) -> None:
        """Remember a change in the transaction of its entry."""
        ...

    def lines(self, project_id: int, *, limit: int) -> Sequence[StandingLine]:
        """The changes of a project's standing consent, newest first."""
        ...
