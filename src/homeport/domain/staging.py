"""A stage: files of one release that are put together before any of them is public (PEP 694, a draft).

1. Nothing of a stage is public before all of it is; then all is, at once.
2. A stage, and each of its files, moves by a table; what the table does not say cannot happen.
3. A stage ends by itself; extending it moves the end, never nearer and never beyond ``LONGEST`` after its beginning.
4. While a release has a live stage it has no other. A stage of a name that no project has keeps the name for who opened it.
5. A file is what its claim says, to the last hash, or it is an error for good: only deleting it helps.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from homeport.domain.digests import Digests
from homeport.domain.errors import IllegalMove
from homeport.domain.inspection import Finding
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.staged_claim import Claim

LASTS = timedelta(days=7)
LONGEST = timedelta(days=28)
# How long the address of one that was canceled still says so.
KEPT = timedelta(days=7)
# Whoever looks at a file is done by then, or was killed.
STUCK_AFTER = timedelta(minutes=10)
MOST_FILES = 1_000
MOST_STAGES = 100
# So many files are published while who asked waits; more are published by the worker.
MOST_AT_ONCE = 50


class StageState(StrEnum):
    """Where a stage stands, in the words of PEP 694."""

    OPEN = "open"
    PROCESSING = "processing"
    ERROR = "error"
    PUBLISHED = "published"
    CANCELED = "canceled"


class StageStep(StrEnum):
    """What moves a stage."""

    EDIT = "edit"  # a file is added or deleted
    PUBLISH = "publish"  # every file of it is public
    DEFER = "defer"  # a worker will publish it
    FAIL = "fail"  # the worker could not, and says why
    CANCEL = "cancel"  # a maintainer wants none of it
    EXPIRE = "expire"  # nobody published it in time


class FileState(StrEnum):
    """Where a staged file stands, in the words of PEP 694."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    ERROR = "error"
    CANCELED = "canceled"


class FileStep(StrEnum):
    """What moves a staged file."""

    RECEIVE = "receive"  # its bytes are here, and are what was claimed
    COMPLETE = "complete"  # it is being inspected
    ACCEPT = "accept"  # inspection accepts it
    FAIL = "fail"  # its bytes are not what was claimed, or inspection rejects them
    INTERRUPT = "interrupt"  # who inspected it was stopped
    DELETE = "delete"  # a maintainer does not want it


_EDITED = {
    StageStep.EDIT: StageState.OPEN,
    StageStep.PUBLISH: StageState.PUBLISHED,
    StageStep.DEFER: StageState.PROCESSING,
    StageStep.CANCEL: StageState.CANCELED,
    StageStep.EXPIRE: StageState.CANCELED,
}
STAGE_MOVES: dict[StageState, dict[StageStep, StageState]] = {
    StageState.OPEN: _EDITED,
    StageState.ERROR: _EDITED,
    StageState.PROCESSING: {StageStep.PUBLISH: StageState.PUBLISHED, StageStep.FAIL: StageState.ERROR},
    StageState.PUBLISHED: {},
    StageState.CANCELED: {},
}
FILE_MOVES: dict[FileState, dict[FileStep, FileState]] = {
    FileState.PENDING: {
        FileStep.RECEIVE: FileState.PENDING,
        FileStep.COMPLETE: FileState.PROCESSING,
        FileStep.FAIL: FileState.ERROR,
        FileStep.DELETE: FileState.CANCELED,
    },
    FileState.PROCESSING: {
        FileStep.ACCEPT: FileState.COMPLETED,
        FileStep.FAIL: FileState.ERROR,
        FileStep.INTERRUPT: FileState.PENDING,
    },
    FileState.COMPLETED: {FileStep.DELETE: FileState.CANCELED},
    FileState.ERROR: {FileStep.DELETE: FileState.CANCELED},
    FileState.CANCELED: {},
}


def stage_after(state: StageState, step: StageStep) -> StageState:
    """The state that ``step`` leads to, or ``IllegalMove`` with what is possible instead."""
    try:
        return STAGE_MOVES[state][step]
    except KeyError:
        possible = ", ".join(sorted(STAGE_MOVES[state])) or "nothing more"
        raise IllegalMove(
            f"This publishing session is {state}: {step} is not possible now. Possible: {possible}.",
            code="stage-move-illegal",
        ) from None


def file_after(state: FileState, step: FileStep) -> FileState:
    """The state that ``step`` leads to, or ``IllegalMove`` with what is possible instead."""
    try:
        return FILE_MOVES[state][step]
    except KeyError:
        possible = ", ".join(sorted(FILE_MOVES[state])) or "nothing more"
        raise IllegalMove(
            f"This file is {state}: {step} is not possible now. Possible: {possible}.",
            code="staged-file-move-illegal",
        ) from None


@dataclass(frozen=True)
class Publisher:
    """Who asked for what a worker does later, and by which token."""

    user_id: int
    token_id: int | None


@dataclass(frozen=True)
class Stage:
    """One release on its way. ``key`` is in the addresses that maintainers use, ``secret`` in those that installers do.

    ``user_id`` is who opened it; ``problems`` say why a worker could not publish it.
    """

    id: int
    key: str
    secret: str = field(repr=False)
    name: ProjectName
    version: ReleaseVersion
    user_id: int
    created_at: datetime
    expires_at: datetime
    changed_at: datetime
    state: StageState = StageState.OPEN
    problems: tuple[str, ...] = ()
    publisher: Publisher | None = None

    @property
    def has_ended(self) -> bool:
        """True when nothing moves it any more."""
        return not STAGE_MOVES[self.state]

    def is_lapsed(self, now: datetime) -> bool:
        """True when its time is over; one that a worker is at has all the time it needs."""
        return StageStep.EXPIRE in STAGE_MOVES[self.state] and now >= self.expires_at

    def as_of(self, now: datetime) -> "Stage":
        """The stage as it is at ``now``, whether or not somebody has noticed that its time is over."""
        return self.moved(StageStep.EXPIRE, self.expires_at) if self.is_lapsed(now) else self

    def is_live(self, now: datetime) -> bool:
        """True while it may still be published."""
        return not self.as_of(now).has_ended

    def moved(self, step: StageStep, at: datetime, *problems: str) -> "Stage":
        """The stage after ``step``, or ``IllegalMove``."""
        return replace(self, state=stage_after(self.state, step), changed_at=at, problems=problems)

    def extended(self, seconds: int) -> "Stage":
        """The stage with so much more time, as far as rule 3 allows; one that has ended is as it was."""
        if self.has_ended:
            return self
        longest = self.created_at + LONGEST
        # Any number may be asked for, and no datetime holds all of them.
        more = timedelta(seconds=min(max(0, seconds), int(LONGEST.total_seconds())))
        return replace(self, expires_at=min(longest, self.expires_at + more))


def first_end(created_at: datetime) -> datetime:
    """When a stage ends that nobody extends: in whole seconds, since that is how it is told."""
    return (created_at + LASTS).replace(microsecond=0)


@dataclass(frozen=True)
class StagedFile:
    """A file of a stage. ``digests`` are set when its bytes are here.

    ``is_own`` says that nobody had stored these bytes before: then they go when nobody needs them.
    ``attestations`` is the JSON array that came with it, or empty.
    """

    id: int
    stage_id: int
    claim: Claim
    changed_at: datetime
    state: FileState = FileState.PENDING
    digests: Digests | None = None
    is_own: bool = False
    attestations: str = ""
    notices: tuple[str, ...] = ()

    def moved(self, step: FileStep, at: datetime, *notices: str) -> "StagedFile":
        """The file after ``step``, or ``IllegalMove``."""
        return replace(self, state=file_after(self.state, step), changed_at=at, notices=notices)

    def with_bytes(self, digests: Digests, at: datetime, *, is_own: bool) -> "StagedFile":
        """The file with its bytes, or ``IllegalMove``."""
        return replace(self.moved(FileStep.RECEIVE, at), digests=digests, is_own=is_own)

    def known_claim(self) -> Claim:
        """The claim, with the sha256 of the bytes that are here."""
        if self.digests is None:
            return self.claim
        hashes = dict(self.claim.hashes) | {"sha256": self.digests.sha256.hex}
        return replace(self.claim, hashes=tuple(sorted(hashes.items())))

    def with_attestations(self, attestations: str) -> "StagedFile":
        """The file with these attestations and no others."""
        return replace(self, attestations=attestations)


@dataclass(frozen=True)
class Judgement:
    """What inspection read out of an accepted file: all that is needed to publish it later."""

    digests: Digests
    metadata: CoreMetadata
    findings: tuple[Finding, ...] = ()
    metadata_file: bytes | None = None
    description_html: str = ""
