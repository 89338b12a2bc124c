"""Stages and their files."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update
from sqlalchemy.engine import Row

from homeport.adapters.db.identity import new_id
from homeport.adapters.db.outside_tables import rehost_items
from homeport.adapters.db.staging_tables import staged_files, stages
from homeport.adapters.db.tables import files, removed_files
from homeport.domain.digests import Digests, Sha256
from homeport.domain.inspection import Finding, Severity
from homeport.domain.names import ProjectName, ReleaseVersion, parse_filename
from homeport.domain.staged_claim import Claim
from homeport.domain.staging import FileState, Judgement, Publisher, Stage, StagedFile, StageState
from homeport.formats import core_metadata
from homeport.ports.staging import Coming

# What names blobs besides stages: bytes that stand in one of these columns are never forgotten.
_NAMED_IN = (files.c.sha256, removed_files.c.sha256, rehost_items.c.sha256)
_EDITABLE = stages.c.state.in_([StageState.OPEN.value, StageState.ERROR.value])
_PROCESSING = stages.c.state == StageState.PROCESSING.value
_THERE = staged_files.c.state != FileState.CANCELED.value
_DEAD = or_(staged_files.c.state == FileState.CANCELED.value, stages.c.state == StageState.CANCELED.value)
# The same, by two indexes: it is asked every second, and files of published stages stay for ever.
_DEAD_BY_INDEX = or_(
    staged_files.c.state == FileState.CANCELED.value,
    staged_files.c.stage_id.in_(select(stages.c.id).where(stages.c.state == StageState.CANCELED.value)),
)
_JUDGED = ("metadata", "findings", "metadata_file", "description_html")
_FILE_COLUMNS = [column for column in staged_files.c if column.name not in _JUDGED]


class SqlStages:
    """``ports.staging.Stages`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, stage: Stage) -> Stage:
        """See the port."""
        made = self._connection.execute(
            insert(stages).values(
                key=stage.key,
                secret=stage.secret,
                name=stage.name.display,
                normalized=stage.name.normalized,
                version=stage.version.text,
                user_id=stage.user_id,
                created_at=stage.created_at,
                **_changing(stage),
            )
        )
        return replace(stage, id=new_id(made.inserted_primary_key))

    def put(self, stage: Stage) -> None:
        """See the port."""
        self._connection.execute(update(stages).where(stages.c.id == stage.id).values(**_changing(stage)))

    def by_key(self, key: str) -> Stage | None:
        """See the port."""
        return next(iter(self._stages(stages.c.key == key)), None)

    def by_secret(self, secret: str) -> Stage | None:
        """See the port."""
        return next(iter(self._stages(stages.c.secret == secret)), None)

    def live(self, normalized: str, now: datetime) -> Sequence[Stage]:
        """See the port."""
        return self._stages(stages.c.normalized == normalized, _live(now))

    def count_of_user(self, user_id: int, now: datetime) -> int:
        """See the port."""
        wanted = select(func.count()).select_from(stages).where(stages.c.user_id == user_id, _live(now))
        return self._connection.execute(wanted).scalar_one()

    def coming(self, normalized: str, user_id: int, now: datetime) -> Coming:
        """See the port."""

        def total(*conditions: ColumnElement[bool]) -> Any:
            return func.coalesce(func.sum(staged_files.c.size_bytes).filter(*conditions), 0)

        row = self._connection.execute(
            select(
                total(stages.c.normalized == normalized), total(stages.c.user_id == user_id), total(_THERE)
            )
            .join(stages, stages.c.id == staged_files.c.stage_id)
            .where(_THERE, _live(now))
        ).one()
        return Coming(*row)

    def processing(self) -> Sequence[Stage]:
        """See the port."""
        return self._stages(_PROCESSING)

    def lapsed(self, now: datetime) -> Sequence[Stage]:
        """See the port."""
        return self._stages(_EDITABLE, stages.c.expires_at <= now)

    def _stages(self, *conditions: ColumnElement[bool]) -> Sequence[Stage]:
        rows = self._connection.execute(select(stages).where(*conditions).order_by(stages.c.id))
        return [_stage(row) for row in rows]

    def held_names(self, normalized: str, *, but: int | None) -> Sequence[str]:
        """See the port."""
        held = (
            select(staged_files.c.filename)
            .join(stages, stages.c.id == staged_files.c.stage_id)
            .where(stages.c.normalized == normalized, _PROCESSING, _THERE)
        )
        if but is not None:
            held = held.where(stages.c.id != but)
        return self._connection.execute(held).scalars().all()

    def add_file(self, stage_id: int, claim: Claim, at: datetime) -> StagedFile:
        """See the port."""
        file = StagedFile(0, stage_id, claim, at)
        made = self._connection.execute(
            insert(staged_files).values(
                stage_id=stage_id,
                filename=claim.file.filename,
                size_bytes=claim.size_bytes,
                hashes=dict(claim.hashes),
                **_file_changing(file),
            )
        )
        return replace(file, id=new_id(made.inserted_primary_key))

    def put_file(self, file: StagedFile) -> None:
        """See the port."""
        changed = update(staged_files).where(staged_files.c.id == file.id)
        self._connection.execute(changed.values(**_file_changing(file)))

    def file(self, stage_id: int, file_id: int) -> StagedFile | None:
        """See the port."""
        own = (staged_files.c.stage_id == stage_id, staged_files.c.id == file_id)
        return next(iter(self._files(*own, _THERE)), None)

    def files(self, stage_id: int) -> Sequence[StagedFile]:
        """See the port."""
        return self._files(staged_files.c.stage_id == stage_id, _THERE)

    def _files(self, *conditions: ColumnElement[bool]) -> Sequence[StagedFile]:
        wanted = select(*_FILE_COLUMNS).where(*conditions).order_by(staged_files.c.id)
        return [_file(row) for row in self._connection.execute(wanted)]

    def put_judgement(self, file_id: int, judgement: Judgement) -> None:
        """See the port."""
        self._connection.execute(
            update(staged_files)
            .where(staged_files.c.id == file_id)
            .values(
                metadata=core_metadata.to_json(judgement.metadata),
                findings=[[f.code, f.severity.value, f.message] for f in judgement.findings],
                metadata_file=judgement.metadata_file,
                description_html=judgement.description_html,
            )
        )

    def completed(self, stage_id: int, filename: str = "") -> Sequence[tuple[StagedFile, Judgement]]:
        """See the port."""
        wanted = select(staged_files).where(
            staged_files.c.stage_id == stage_id, staged_files.c.state == FileState.COMPLETED.value
        )
        if filename:
            wanted = wanted.where(staged_files.c.filename == filename)
        rows = self._connection.execute(wanted.order_by(staged_files.c.id))
        return [(_file(row), _judgement(row)) for row in rows]

    def stuck(self, before: datetime) -> Sequence[StagedFile]:
        """See the port."""
        return self._files(
            staged_files.c.state == FileState.PROCESSING.value, staged_files.c.changed_at <= before
        )

    def is_own(self, sha256: Sha256) -> bool:
        """See the port."""
        own = select(staged_files.c.id).where(staged_files.c.sha256 == sha256.hex, staged_files.c.is_own)
        return self._connection.execute(own.limit(1)).first() is not None

    def dead_files(self, before: datetime, *, limit: int) -> Sequence[StagedFile]:
        """See the port."""
        wanted = (
            select(*_FILE_COLUMNS)
            .where(_DEAD_BY_INDEX, staged_files.c.changed_at <= before)
            .order_by(staged_files.c.changed_at, staged_files.c.id)
            .limit(limit)
        )
        return [_file(row) for row in self._connection.execute(wanted)]

    def is_needed(self, sha256: Sha256) -> bool:
        """See the port."""
        named = [select(column).where(column == sha256.hex).limit(1) for column in _NAMED_IN]
        staged = (
            select(staged_files.c.sha256)
            .join(stages, stages.c.id == staged_files.c.stage_id)
            .where(staged_files.c.sha256 == sha256.hex, ~_DEAD)
            .limit(1)
        )
        return any(self._connection.execute(wanted).first() for wanted in (*named, staged))

    def forget_file(self, file_id: int) -> None:
        """See the port."""
        self._connection.execute(delete(staged_files).where(staged_files.c.id == file_id))

    def canceled(self, before: datetime, *, limit: int) -> Sequence[Stage]:
        """See the port."""
        has_files = select(staged_files.c.id).where(staged_files.c.stage_id == stages.c.id).exists()
        canceled = stages.c.state == StageState.CANCELED.value
        return self._stages(canceled, stages.c.changed_at <= before, ~has_files)[:limit]

    def forget(self, stage_id: int) -> None:
        """See the port."""
        self._connection.execute(delete(stages).where(stages.c.id == stage_id))


def _live(now: datetime) -> ColumnElement[bool]:
    return or_(_PROCESSING, and_(_EDITABLE, stages.c.expires_at > now))


def _changing(stage: Stage) -> dict[str, Any]:
    return {
        "state": stage.state.value,
        "expires_at": stage.expires_at,
        "changed_at": stage.changed_at,
        "problems": list(stage.problems),
        "publisher_id": stage.publisher.user_id if stage.publisher else None,
        "publisher_token_id": stage.publisher.token_id if stage.publisher else None,
    }


def _stage(row: Row[Any]) -> Stage:
    return Stage(
        id=row.id,
        key=row.key,
        secret=row.secret,
        name=ProjectName(row.name),
        version=ReleaseVersion.parse_legacy(row.version),
        user_id=row.user_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        changed_at=row.changed_at,
        state=StageState(row.state),
        problems=tuple(row.problems),
        publisher=Publisher(row.publisher_id, row.publisher_token_id) if row.publisher_id else None,
    )


def _file_changing(file: StagedFile) -> dict[str, Any]:
    digests = file.digests
    return {
        "state": file.state.value,
        "changed_at": file.changed_at,
        "sha256": digests.sha256.hex if digests else None,
        "blake2b_256": digests.blake2b_256 if digests else None,
        "md5": digests.md5 if digests else None,
        "is_own": file.is_own,
        "attestations": file.attestations,
        "notices": list(file.notices),
    }


def _file(row: Row[Any]) -> StagedFile:
    return StagedFile(
        id=row.id,
        stage_id=row.stage_id,
        claim=Claim(parse_filename(row.filename), row.size_bytes, tuple(sorted(row.hashes.items()))),
        changed_at=row.changed_at,
        state=FileState(row.state),
        digests=_digests(row) if row.sha256 else None,
        is_own=row.is_own,
        attestations=row.attestations,
        notices=tuple(row.notices),
    )


def _digests(row: Row[Any]) -> Digests:
    return Digests(Sha256(row.sha256), row.blake2b_256, row.md5)


def _judgement(row: Row[Any]) -> Judgement:
    return Judgement(
        digests=_digests(row),
        metadata=core_metadata.from_json(row.metadata),
        findings=tuple(Finding(code, Severity(weight), message) for code, weight, message in row.findings),
        metadata_file=row.metadata_file,
        description_html=row.description_html,
    )
