"""The fake store's stages."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from tests.support.fake_tables import Tables

from homeport.domain.digests import Sha256
from homeport.domain.staged_claim import Claim
from homeport.domain.staging import FileState, Judgement, Stage, StagedFile, StageState
from homeport.ports.staging import Coming


class FakeStages:
    """``ports.staging.Stages``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, stage: Stage) -> Stage:
        """See the port."""
        stage = replace(stage, id=self._tables.fresh_id("stages"))
        self._tables.stages[stage.id] = stage
        return stage

    def put(self, stage: Stage) -> None:
        """See the port."""
        self._tables.stages[stage.id] = stage

    def by_key(self, key: str) -> Stage | None:
        """See the port."""
        return next((stage for stage in self._tables.stages.values() if stage.key == key), None)

    def by_secret(self, secret: str) -> Stage | None:
        """See the port."""
        return next((stage for stage in self._tables.stages.values() if stage.secret == secret), None)

    def live(self, normalized: str, now: datetime) -> Sequence[Stage]:
        """See the port."""
        return [stage for stage in self._live(now) if stage.name.normalized == normalized]

    def count_of_user(self, user_id: int, now: datetime) -> int:
        """See the port."""
        return sum(stage.user_id == user_id for stage in self._live(now))

    def coming(self, normalized: str, user_id: int, now: datetime) -> Coming:
        """See the port."""
        live = self._live(now)
        return Coming(
            self._size(stage for stage in live if stage.name.normalized == normalized),
            self._size(stage for stage in live if stage.user_id == user_id),
            self._size(live),
        )

    def _size(self, stages: Iterable[Stage]) -> int:
        return sum(file.claim.size_bytes for stage in stages for file in self.files(stage.id))

    def _live(self, now: datetime) -> Sequence[Stage]:
        return [stage for stage in self._tables.stages.values() if stage.is_live(now)]

    def processing(self) -> Sequence[Stage]:
        """See the port."""
        stages = self._tables.stages.values()
        return [stage for stage in stages if stage.state is StageState.PROCESSING]

    def lapsed(self, now: datetime) -> Sequence[Stage]:
        """See the port."""
        return [stage for stage in self._tables.stages.values() if stage.is_lapsed(now)]

    def held_names(self, normalized: str, *, but: int | None) -> Sequence[str]:
        """See the port."""
        return [
            file.claim.file.filename
            for stage in self.processing()
            if stage.name.normalized == normalized and stage.id != but
            for file in self.files(stage.id)
        ]

    def add_file(self, stage_id: int, claim: Claim, at: datetime) -> StagedFile:
        """See the port."""
        file = StagedFile(self._tables.fresh_id("staged_files"), stage_id, claim, at)
        self._tables.staged_files[file.id] = file
        return file

    def put_file(self, file: StagedFile) -> None:
        """See the port."""
        self._tables.staged_files[file.id] = file

    def file(self, stage_id: int, file_id: int) -> StagedFile | None:
        """See the port."""
        return next((file for file in self.files(stage_id) if file.id == file_id), None)

    def files(self, stage_id: int) -> Sequence[StagedFile]:
        """See the port."""
        return [
            file
            for file in self._tables.staged_files.values()
            if file.stage_id == stage_id and file.state is not FileState.CANCELED
        ]

    def put_judgement(self, file_id: int, judgement: Judgement) -> None:
        """See the port."""
        self._tables.judgements[file_id] = judgement

    def completed(self, stage_id: int, filename: str = "") -> Sequence[tuple[StagedFile, Judgement]]:
        """See the port."""
        return [
            (file, self._tables.judgements[file.id])
            for file in self.files(stage_id)
            if file.state is FileState.COMPLETED and filename in {"", file.claim.file.filename}
        ]

    def stuck(self, before: datetime) -> Sequence[StagedFile]:
        """See the port."""
        return [
            file
            for file in self._tables.staged_files.values()
            if file.state is FileState.PROCESSING and file.changed_at <= before
        ]

    def is_own(self, sha256: Sha256) -> bool:
        """See the port."""
        return any(file.is_own for file in self._with(sha256))

    def _with(self, sha256: Sha256) -> Sequence[StagedFile]:
        files = self._tables.staged_files.values()
        return [file for file in files if file.digests is not None and file.digests.sha256 == sha256]

    def dead_files(self, before: datetime, *, limit: int) -> Sequence[StagedFile]:
        """See the port."""
        files = self._tables.staged_files.values()
        dead = [file for file in files if self._is_dead(file) and file.changed_at <= before]
        return sorted(dead, key=lambda file: (file.changed_at, file.id))[:limit]

    def _is_dead(self, file: StagedFile) -> bool:
        stage = self._tables.stages[file.stage_id]
        return file.state is FileState.CANCELED or stage.state is StageState.CANCELED

    def is_needed(self, sha256: Sha256) -> bool:
        """See the port."""
        tables = self._tables
        hosted = (file.digests.sha256 for file in tables.files.values())
        removed = (removal.sha256 for removal in tables.removals.values())
        planned = (item.sha256 for _, item in tables.items.values())
        is_staged = any(not self._is_dead(file) for file in self._with(sha256))
        return is_staged or sha256 in {*hosted, *removed, *planned}

    def forget_file(self, file_id: int) -> None:
        """See the port."""
        self._tables.staged_files.pop(file_id, None)
        self._tables.judgements.pop(file_id, None)

    def canceled(self, before: datetime, *, limit: int) -> Sequence[Stage]:
        """See the port."""
        has_files = {file.stage_id for file in self._tables.staged_files.values()}
        return [
            stage
            for stage in self._tables.stages.values()
            if stage.state is StageState.CANCELED and stage.changed_at <= before and stage.id not in has_files
        ][:limit]

    def forget(self, stage_id: int) -> None:
        """See the port."""
        del self._tables.stages[stage_id]
