"""What is remembered of moves between hosting modes: exemptions, and the lines of the hosting log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from homeport.domain.exemption import Exemption, Standing
from homeport.domain.hosting_log import HostingLine


@dataclass(frozen=True, slots=True)
class ExemptionFilter:
    """Which exemptions are asked for; what is empty leaves nothing out.

    ``ends_by`` asks for those that end on that day or sooner, and have not. ``before`` is the id of an exemption, 0
    for the newest.
    """

    project: str = ""
    standing: Standing | None = None
    ends_by: date | None = None
    before: int = 0


class Exemptions(Protocol):
    """Exemptions; a project has one that did not end, at most."""

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
        """A new one; raises ``Conflict`` while the project has one."""
        ...

    def put(self, exemption: Exemption) -> None:
        """Store reason, end, who decided, and what was told."""
        ...

    def live(self, project_id: int) -> Exemption | None:
        """The exemption of a project that did not end."""
        ...

    def live_of(self, project_ids: Collection[int]) -> Mapping[int, Exemption]:
        """Those of many projects, by the projects' ids; projects without one are left out."""
        ...

    def due(self, today: date, *, limit: int) -> Sequence[Exemption]:
        """Those the clock has something to do about, the most urgent first.

        Those of quarantined projects wait: quarantine stops every move.
        """
        ...

    def every(self, wanted: ExemptionFilter, *, limit: int) -> Sequence[Exemption]:
        """The exemptions that are asked for, newest first."""
        ...


class HostingLog(Protocol):
    """The hosting log: append and read, nothing else."""

    def add(self, project_id: int, line: HostingLine) -> None:
        """Write a line in the transaction of its entry."""
        ...

    def lines(self, project: str = "", *, before: int = 0, limit: int) -> Sequence[HostingLine]:
        """The lines of listed projects, or of one, newest first; ``before`` is a serial, 0 for the newest.

        What is private or quarantined at the moment is left out. The answer costs the same however long the ledger is.
        """
        ...

    def of_project(self, project_id: int, *, limit: int) -> Sequence[HostingLine]:
        """The lines of one project, newest first, for who maintains it: whether or not it is listed."""
        ...

    def last_move(self, project_id: int) -> HostingLine | None:
        """The line of the move that gave a project the mode it has; ``None`` when it has that of its first day."""
        ...
