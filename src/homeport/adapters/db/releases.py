"""Releases and hosted files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, Select, and_, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.engine import Row

from homeport.adapters.db.projects import LISTED
from homeport.adapters.db.tables import facts, files, projects, releases, removed_files, users
from homeport.domain.digests import Digests, Sha256
from homeport.domain.errors import Conflict
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ProjectName, ReleaseVersion, version_key
from homeport.domain.release import HostedFile, Origin
from homeport.formats import core_metadata
from homeport.ports.catalogue import NewRelease, Provenance, Release, Removal

# Of so many releases one at least is listed, or the list of the newest ends early.
_LOOKED_AT_FOR_ONE = 20


class SqlReleases:
    """``ports.catalogue.Releases`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(
        self, project_id: int, version: ReleaseVersion, metadata: CoreMetadata, *, replace: bool, at: datetime
    ) -> bool:
        """See the port."""
        known = self.find(project_id, version.key)
        if known is None:
            new = {
                "version": version.text,
                "normalized": version.normalized,
                "metadata": core_metadata.to_json(metadata),
            }
            gone = {"yanked": None, "description_html": None, "removed_at": None}
            self._connection.execute(
                upsert(releases)
                .values(project_id=project_id, key=version.key, registered_at=at, **new)
                .on_conflict_do_update(index_elements=["project_id", "key"], set_=new | gone)
            )
            return True
        if not replace or known.metadata == metadata:
            return False
        self._connection.execute(
            update(releases)
            .where(_is(project_id, version.key))
            .values(metadata=core_metadata.to_json(metadata), description_html=None)
        )
        return True

    def set_description(self, project_id: int, version: str, html: str) -> None:
        """See the port."""
        self._connection.execute(
            update(releases).where(_is(project_id, version)).values(description_html=html)
        )

    def description_html(self, project_id: int, version: str) -> str:
        """See the port."""
        wanted = select(releases.c.description_html).where(_is(project_id, version), _THERE)
        return self._connection.execute(wanted).scalar_one_or_none() or ""

    def of_project(self, project_id: int) -> Sequence[Release]:
        """See the port."""
        rows = self._connection.execute(
            select(*_RELEASE).where(releases.c.project_id == project_id, _THERE).order_by(releases.c.id)
        )
        return [_release(row) for row in rows]

    def heads(self, project_id: int) -> Sequence[CoreMetadata]:
        """See the port."""
        wanted = select(_HEAD).where(releases.c.project_id == project_id, _THERE).order_by(releases.c.id)
        return [core_metadata.from_json(head) for head in self._connection.execute(wanted).scalars()]

    def versions(self, project_id: int) -> Sequence[str]:
        """See the port."""
        wanted = select(releases.c.normalized).where(releases.c.project_id == project_id, _THERE, _SHOWN)
        return self._connection.execute(wanted.order_by(releases.c.id)).scalars().all()

    def set_yanked(self, project_id: int, version: str, reason: str | None) -> None:
        """See the port."""
        self._connection.execute(update(releases).where(_is(project_id, version)).values(yanked=reason))

    def remove(self, project_id: int, version: str, at: datetime) -> None:
        """See the port."""
        self._connection.execute(update(releases).where(_is(project_id, version)).values(removed_at=at))

    def find(self, project_id: int, version: str) -> Release | None:
        """See the port."""
        row = self._connection.execute(select(*_RELEASE).where(_is(project_id, version), _THERE)).first()
        return _release(row) if row else None

    def registered_at(self, project_id: int, version: str) -> datetime | None:
        """See the port."""
        return self._connection.execute(
            select(releases.c.registered_at).where(_is(project_id, version))
        ).scalar_one_or_none()

    def yanks(self, project_id: int) -> Mapping[str, str]:
        """See the port."""
        rows = self._connection.execute(
            select(releases.c.normalized, releases.c.yanked).where(
                releases.c.project_id == project_id, releases.c.yanked.is_not(None), _THERE
            )
        )
        return {row.normalized: row.yanked for row in rows}

    def latest(self, *, limit: int) -> Sequence[NewRelease]:
        """See the port."""
        # The bound stands inside: a walk past the releases of private projects ends somewhere.
        newest = select(func.max(releases.c.id)).scalar_subquery()
        return self._newest_first(releases.c.id > newest - _LOOKED_AT_FOR_ONE * limit, LISTED, limit=limit)

    def latest_of(self, project_id: int, *, limit: int) -> Sequence[NewRelease]:
        """See the port."""
        return self._newest_first(releases.c.project_id == project_id, limit=limit)

    def _newest_first(self, *wanted: ColumnElement[bool], limit: int) -> Sequence[NewRelease]:
        rows = self._connection.execute(
            select(
                projects.c.name,
                releases.c.normalized,
                # Descriptions may be long, and nobody asked for them.
                releases.c.metadata["summary"].as_string().label("summary"),
                releases.c.registered_at,
            )
            .join(projects, projects.c.id == releases.c.project_id)
            .where(*wanted, _THERE, _SHOWN)
            .order_by(releases.c.id.desc())
            .limit(limit)
        )
        return [
            NewRelease(ProjectName(row.name), row.normalized, row.summary or "", row.registered_at)
            for row in rows
        ]

    def newest(self, project_id: int) -> Release | None:
        """See the port."""
        row = self._connection.execute(
            select(*_RELEASE)
            .where(releases.c.project_id == project_id, _THERE, _SHOWN)
            .order_by(releases.c.id.desc())
            .limit(1)
        ).first()
        return _release(row) if row else None


_THERE = releases.c.removed_at.is_(None)
_SHOWN = releases.c.freeze_id.is_(None)
_HEAD = func.json_remove(releases.c.metadata, "$.description", type_=JSON)
_RELEASE = [releases.c.version, releases.c.metadata, releases.c.yanked, releases.c.freeze_id]


def _is(project_id: int, version: str) -> ColumnElement[bool]:
    return and_(releases.c.project_id == project_id, releases.c.key == version_key(version))


def _release(row: Row[Any]) -> Release:
    version = ReleaseVersion.parse_legacy(row.version)
    return Release(version, core_metadata.from_json(row.metadata), row.yanked, row.freeze_id is not None)


class SqlFiles:
    """``ports.catalogue.Files`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, project_id: int, file: HostedFile, provenance: Provenance, metadata_file: bytes | None
    ) -> None:
        """See the port."""
        made = self._connection.execute(
            upsert(files)
            .values(
                project_id=project_id,
                version=file.version.text,
                filename=file.filename,
                kind=file.kind.value,
                size_bytes=file.size_bytes,
                sha256=file.digests.sha256.hex,
                blake2b_256=file.digests.blake2b_256,
                md5=file.digests.md5,
                published_at=file.published_at,
                origin=file.origin.value,
                requires_python=file.requires_python,
                metadata_sha256=file.metadata_sha256.hex if file.metadata_sha256 else None,
                metadata_file=metadata_file,
                yanked=file.yanked,
                is_legacy=file.is_legacy,
                published_by=provenance.published_by,
                rehost_id=provenance.rehost_id,
                url=provenance.url,
                found_on=provenance.found_on,
            )
            .on_conflict_do_nothing()
        )
        if made.rowcount != 1:
            raise Conflict(f"{file.filename} is already hosted here.", code="file-exists")
        uploader = provenance.published_by if file.origin is Origin.UPLOAD else None
        self._count(project_id, uploader, file.size_bytes)

    def _count(self, project_id: int, uploader: str | None, size_bytes: int) -> None:
        """Count bytes where they count: in the project, in the index, and with who uploaded them."""
        of_project = update(projects).where(projects.c.id == project_id)
        self._connection.execute(of_project.values(size_bytes=projects.c.size_bytes + size_bytes))
        of_all = update(facts).where(facts.c.name == _FILES_BYTES)
        self._connection.execute(of_all.values(value=facts.c.value + size_bytes))
        if uploader is not None:
            of_user = update(users).where(users.c.name == uploader)
            self._connection.execute(of_user.values(uploaded_bytes=users.c.uploaded_bytes + size_bytes))

    def remove(self, project_id: int, filename: str, *, by: str, reason: str, at: datetime) -> None:
        """See the port."""
        gone = self._connection.execute(
            delete(files)
            .where(files.c.project_id == project_id, files.c.filename == filename)
            .returning(files.c.sha256, files.c.size_bytes, files.c.origin, files.c.published_by)
        ).one()
        stone = {"sha256": gone.sha256, "removed_at": at, "removed_by": by, "reason": reason}
        self._connection.execute(
            upsert(removed_files)
            .values(project_id=project_id, filename=filename, **stone)
            .on_conflict_do_update(index_elements=["project_id", "filename"], set_=stone)
        )
        uploader = gone.published_by if gone.origin == Origin.UPLOAD.value else None
        self._count(project_id, uploader, -gone.size_bytes)

    def names(self, project_id: int) -> Sequence[str]:
        """See the port."""
        there = select(files.c.filename).where(files.c.project_id == project_id)
        gone = select(removed_files.c.filename).where(removed_files.c.project_id == project_id)
        return self._connection.execute(there.union(gone)).scalars().all()

    def removal(self, project_id: int, filename: str) -> Removal | None:
        """See the port."""
        row = self._connection.execute(
            select(removed_files).where(
                removed_files.c.project_id == project_id, removed_files.c.filename == filename
            )
        ).first()
        return Removal(Sha256(row.sha256), row.removed_at, row.removed_by, row.reason) if row else None

    def removed_sha256(self) -> Iterator[Sha256]:
        """See the port."""
        wanted = select(removed_files.c.sha256).execution_options(yield_per=1000)
        for sha256 in self._connection.execute(wanted).scalars():
            yield Sha256(sha256)

    def is_hosted(self, sha256: Sha256) -> bool:
        """See the port."""
        wanted = select(files.c.id).where(files.c.sha256 == sha256.hex).limit(1)
        return self._connection.execute(wanted).first() is not None

    def total_bytes(self) -> int:
        """See the port."""
        wanted = select(facts.c.value).where(facts.c.name == _FILES_BYTES)
        return int(self._connection.execute(wanted).scalar_one())

    def find(self, project_id: int, filename: str) -> HostedFile | None:
        """See the port."""
        row = self._connection.execute(
            _hosted().where(files.c.project_id == project_id, files.c.filename == filename)
        ).first()
        return _file(row) if row else None

    def of_project(self, project_id: int) -> Sequence[HostedFile]:
        """See the port."""
        return [
            _file(row) for row in self._connection.execute(_hosted().where(files.c.project_id == project_id))
        ]

    def set_yanked(self, project_id: int, filenames: Iterable[str], reason: str | None) -> None:
        """See the port."""
        for filename in filenames:
            self._connection.execute(
                update(files)
                .where(files.c.project_id == project_id, files.c.filename == filename)
                .values(yanked=reason)
            )

    def provenance(self, project_id: int, filename: str) -> Provenance | None:
        """See the port."""
        row = self._connection.execute(
            select(*_PROVENANCE).where(files.c.project_id == project_id, files.c.filename == filename)
        ).first()
        return Provenance(*row) if row else None

    def provenances(self, project_id: int) -> Mapping[str, Provenance]:
        """See the port."""
        rows = self._connection.execute(
            select(files.c.filename, *_PROVENANCE).where(files.c.project_id == project_id)
        )
        return {filename: Provenance(*provenance) for filename, *provenance in rows}

    def every(self) -> Iterator[tuple[str, str, Sha256, int]]:
        """See the port."""
        rows = self._connection.execute(
            select(projects.c.normalized, files.c.filename, files.c.sha256, files.c.size_bytes)
            .join(projects, projects.c.id == files.c.project_id)
            .order_by(projects.c.normalized, files.c.filename)
            .execution_options(yield_per=1000)
        )
        for row in rows:
            yield row.normalized, row.filename, Sha256(row.sha256), row.size_bytes


_FILES_BYTES = "files_bytes"
_PROVENANCE = (files.c.published_by, files.c.rehost_id, files.c.url, files.c.found_on)
_COLUMNS = [column for column in files.c if column.name not in {"metadata_file", "found_on", "url"}]


def _hosted() -> Select[Any]:
    return (
        select(*_COLUMNS, projects.c.normalized)
        .join(projects, projects.c.id == files.c.project_id)
        .order_by(files.c.id)
    )


def _file(row: Row[Any]) -> HostedFile:
    return HostedFile(
        project=row.normalized,
        version=ReleaseVersion.parse_legacy(row.version),
        filename=row.filename,
        kind=FileKind(row.kind),
        size_bytes=row.size_bytes,
        digests=Digests(Sha256(row.sha256), row.blake2b_256, row.md5),
        published_at=row.published_at,
        origin=Origin(row.origin),
        requires_python=row.requires_python,
        metadata_sha256=Sha256(row.metadata_sha256) if row.metadata_sha256 else None,
        yanked=row.yanked,
        is_legacy=row.is_legacy,
        is_frozen=row.freeze_id is not None,
    )
