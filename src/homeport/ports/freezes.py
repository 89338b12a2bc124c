"""Freezes of files and releases, as the database remembers them; the rows of both say beside them what is frozen now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from homeport.domain.freeze import Freeze
from homeport.domain.names import ReleaseVersion


class Freezes(Protocol):
    """Freezes, those that ended too."""

    def add(
        self, project_id: int, version: ReleaseVersion, filename: str, reason: str, *, by: str, at: datetime
    ) -> Freeze:
        """Freeze a file, or with ``""`` the whole release; raises ``Conflict`` when just that is frozen already."""
        ...

    def end(self, freeze_id: int, *, by: str, at: datetime) -> None:
        """End a freeze."""
        ...

    def find(self, project_id: int, version: ReleaseVersion, filename: str) -> Freeze | None:
        """The live freeze of just that file, or with ``""`` of just that release."""
        ...

    def of_project(self, project_id: int) -> Sequence[Freeze]:
        """The live freezes of a project, oldest first."""
        ...

    def every(self, *, only_live: bool, before: int = 0, limit: int) -> Sequence[Freeze]:
        """Freezes of the whole index, newest first; with ``before``, those that are older than it."""
        ...
