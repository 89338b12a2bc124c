"""Stages and their files, as the database remembers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from homeport.domain.digests import Sha256
from homeport.domain.staged_claim import Claim
from homeport.domain.staging import Judgement, Stage, StagedFile


@dataclass(frozen=True, slots=True)
class Coming:
    """How many bytes live stages will bring, at most: to a project, by a user, to the index."""

    project_bytes: int = 0
    user_bytes: int = 0
    index_bytes: int = 0


class Stages(Protocol):
    """Stages; what was deleted of one stays remembered until its bytes are gone."""

    def add(self, stage: Stage) -> Stage:
        """A new stage; its id is given here."""
        ...

    def put(self, stage: Stage) -> None:
        """Store state, end, problems and publisher."""
        ...

    def by_key(self, key: str) -> Stage | None:
        """The stage of that key."""
        ...

    def by_secret(self, secret: str) -> Stage | None:
        """The stage that installers see by that secret."""
        ...

    def live(self, normalized: str, now: datetime) -> Sequence[Stage]:
        """Every live stage of a project's name, oldest first."""
        ...

    def count_of_user(self, user_id: int, now: datetime) -> int:
        """How many live stages the user opened."""
        ...

    def coming(self, normalized: str, user_id: int, now: datetime) -> Coming:
        """What the files in live stages will have, at most."""
        ...

    def processing(self) -> Sequence[Stage]:
        """Every stage that a worker should publish, oldest first."""
        ...

    def lapsed(self, now: datetime) -> Sequence[Stage]:
        """Every stage whose time is over, and that nobody has ended."""
        ...

    def held_names(self, normalized: str, *, but: int | None) -> Sequence[str]:
        """The names of the files that stages of a project are being published with; without those of stage ``but``."""
        ...

    def add_file(self, stage_id: int, claim: Claim, at: datetime) -> StagedFile:
        """A new file of a stage."""
        ...

    def put_file(self, file: StagedFile) -> None:
        """Store everything but the claim."""
        ...

    def file(self, stage_id: int, file_id: int) -> StagedFile | None:
        """A file of the stage; not one that was deleted."""
        ...

    def files(self, stage_id: int) -> Sequence[StagedFile]:
        """The files of a stage in the order they were added, without those that were deleted."""
        ...

    def put_judgement(self, file_id: int, judgement: Judgement) -> None:
        """Remember what inspection read out of the file."""
        ...

    def completed(self, stage_id: int, filename: str = "") -> Sequence[tuple[StagedFile, Judgement]]:
        """The completed files of a stage in the order they were added, or the one of that name, and what was read out of them."""
        ...

    def stuck(self, before: datetime) -> Sequence[StagedFile]:
        """Files that are being inspected since ``before``, or longer."""
        ...

    def is_own(self, sha256: Sha256) -> bool:
        """True when stages brought these bytes, and nobody else had them before."""
        ...

    def dead_files(self, before: datetime, *, limit: int) -> Sequence[StagedFile]:
        """Files that were deleted, or whose stage was canceled, and that changed last at ``before`` or earlier; oldest first."""
        ...

    def is_needed(self, sha256: Sha256) -> bool:
        """True when any row but those of dead files names these bytes."""
        ...

    def forget_file(self, file_id: int) -> None:
        """Remember a dead file no more."""
        ...

    def canceled(self, before: datetime, *, limit: int) -> Sequence[Stage]:
        """Stages that were canceled at ``before`` or earlier, and have no files any more."""
        ...

    def forget(self, stage_id: int) -> None:
        """Remember a canceled stage without files no more."""
        ...
