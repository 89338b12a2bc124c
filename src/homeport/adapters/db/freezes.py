"""Freezes of files and releases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from homeport.adapters.db.policies_tables import freezes
from homeport.adapters.db.tables import files, projects, releases
from homeport.domain.errors import Conflict
from homeport.domain.freeze import Freeze
from homeport.domain.names import ReleaseVersion

_LIVE = freezes.c.ended_at.is_(None)


class SqlFreezes:
    """``ports.freezes.Freezes`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, project_id: int, version: ReleaseVersion, filename: str, reason: str, *, by: str, at: datetime
    ) -> Freeze:
        """See the port."""
        new = {"version": version.normalized, "filename": filename, "reason": reason, "by": by, "at": at}
        try:
            self._connection.execute(
                insert(freezes).values(project_id=project_id, version_key=version.key, **new)
            )
        except IntegrityError as error:
            raise Conflict(
                f"{filename or version.normalized} is frozen already.", code="frozen-already"
            ) from error
        self._mark(project_id, version)
        found = self.find(project_id, version, filename)
        if found is None:
            raise AssertionError("what was added is there")
        return found

    def end(self, freeze_id: int, *, by: str, at: datetime) -> None:
        """See the port."""
        ended = update(freezes).where(freezes.c.id == freeze_id, _LIVE).values(ended_at=at, ended_by=by)
        of = self._connection.execute(ended.returning(freezes.c.project_id, freezes.c.version)).first()
        if of is not None:
            self._mark(of.project_id, ReleaseVersion.parse_legacy(of.version))

    def _mark(self, project_id: int, version: ReleaseVersion) -> None:
        """Let the rows of the release and of its files say what is frozen: readers look at nothing else."""
        live = {
            freeze.filename: freeze.id
            for freeze in self.of_project(project_id)
            if _key(freeze.version) == version.key
        }
        whole = live.get("")
        release = and_(releases.c.project_id == project_id, releases.c.key == version.key)
        self._connection.execute(update(releases).where(release).values(freeze_id=whole))
        its = self._connection.execute(
            select(files.c.id, files.c.version, files.c.filename).where(files.c.project_id == project_id)
        ).all()
        for file in its:
            if _key(file.version) == version.key:
                marked = update(files).where(files.c.id == file.id)
                self._connection.execute(marked.values(freeze_id=live.get(file.filename, whole)))

    def find(self, project_id: int, version: ReleaseVersion, filename: str) -> Freeze | None:
        """See the port."""
        of_release = and_(freezes.c.project_id == project_id, freezes.c.version_key == version.key)
        found = self._some(of_release, freezes.c.filename == filename, _LIVE)
        return found[0] if found else None

    def of_project(self, project_id: int) -> Sequence[Freeze]:
        """See the port."""
        return self._some(freezes.c.project_id == project_id, _LIVE)[::-1]

    def every(self, *, only_live: bool, before: int = 0, limit: int) -> Sequence[Freeze]:
        """See the port."""
        wanted = [_LIVE] if only_live else []
        older = [freezes.c.id < before] if before else []
        return self._some(*wanted, *older, limit=limit)

    def _some(self, *wanted: ColumnElement[bool], limit: int | None = None) -> list[Freeze]:
        """Newest first."""
        query: Select[Any] = (
            select(freezes, projects.c.normalized)
            .join(projects, projects.c.id == freezes.c.project_id)
            .where(*wanted)
            .order_by(freezes.c.id.desc())
            .limit(limit)
        )
        return [_freeze(row) for row in self._connection.execute(query)]


def _key(version: str) -> str:
    return ReleaseVersion.parse_legacy(version).key


def _freeze(row: Row[Any]) -> Freeze:
    return Freeze(
        row.id,
        row.normalized,
        row.version,
        row.filename,
        row.reason,
        row.by,
        row.at,
        row.ended_at,
        row.ended_by or "",
    )
