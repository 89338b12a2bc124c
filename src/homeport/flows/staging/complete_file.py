"""A staged file is judged, by whoever judges uploads; what is accepted waits to be published with the others."""

from dataclasses import dataclass

from homeport.domain.account import Caller
from homeport.domain.digests import Digests
from homeport.domain.errors import Conflict, Invalid, NotFound, Unavailable
from homeport.domain.inspection import Expectation
from homeport.domain.platform_tags import tag_notes
from homeport.domain.staging import FileState, FileStep, Judgement, Stage, StagedFile, StageState
from homeport.domain.upload import FILE_REJECTED, METADATA_DISAGREES, Submitted, disagreements, refused_upload
from homeport.flows.judge_file import Judged, judge_file
from homeport.flows.staging.ask import FileView, ask_editable, the_file
from homeport.flows.upload import rejections_of
from homeport.ports.store import Transaction
from homeport.ports.world import World

_KEPT = "The attestations are kept as they came: this index neither verifies nor serves them yet."


@dataclass(frozen=True, slots=True)
class _Taken:
    """A file that nobody else judges now."""

    stage: Stage
    file: StagedFile
    digests: Digests
    is_private: bool


def complete_file(world: World, caller: Caller, key: str, file_id: int) -> FileView:
    """The completed file; ``Invalid`` with every reason when it is rejected, and then it is an error."""
    taken = _take(world, caller, key, file_id)
    try:
        judgement = _judgement(taken, _judge(world, taken))
    except BaseException:
        # Whatever hindered the judge says nothing about the file.
        _let_go(world, taken)
        raise
    with world.store.write() as tx:
        file = _settle(world, tx, taken, judgement)
    if isinstance(judgement, Invalid):
        raise judgement
    return FileView(taken.stage, file)


def _take(world: World, caller: Caller, key: str, file_id: int) -> _Taken:
    with world.store.write() as tx:
        asked = ask_editable(world, tx, caller, key)
        file = the_file(tx, asked.stage, file_id)
        processing = file.moved(FileStep.COMPLETE, world.clock.now())
        if file.digests is None:
            raise Conflict(
                f"The bytes of {file.claim.file.filename} are not here yet: send them first.",
                code="staged-bytes-missing",
            )
        tx.stages.put_file(processing)
        is_private = world.policy.must_sign_in or (asked.project is not None and asked.project.is_private)
        return _Taken(asked.stage, processing, file.digests, is_private)


def _judge(world: World, taken: _Taken) -> Judged:
    path, file = world.blobs.path(taken.digests.sha256), taken.file.claim.file
    if path is None:
        raise Unavailable("The bytes of this file are missing on this server.", code="blob-missing")
    expectation = Expectation(file.filename, file.project, file.version.text, is_private=taken.is_private)
    return judge_file(world.isolation, path, expectation)


@dataclass(frozen=True, slots=True)
class _Accepted:
    """What is kept of an accepted file, and what its maintainer should know."""

    judgement: Judgement
    notices: tuple[str, ...]


def _judgement(taken: _Taken, judged: Judged) -> _Accepted | Invalid:
    """What is kept of the file, or everything that speaks against it."""
    stage, file, inspection = taken.stage, taken.file.claim.file, judged.inspection
    rejections, metadata = rejections_of(inspection), inspection.metadata
    if rejections or metadata is None:
        return refused_upload(file.filename, {FILE_REJECTED: rejections})
    if differences := disagreements(Submitted(stage.name, stage.version, file, {}), metadata):
        return refused_upload(file.filename, {METADATA_DISAGREES: differences})
    noted = (*tag_notes(file.tags), *(finding.message for finding in inspection.findings))
    attested = (_KEPT,) if taken.file.attestations else ()
    kept = Judgement(
        digests=taken.digests,
        metadata=metadata,
        findings=inspection.findings,
        metadata_file=inspection.metadata_file,
        description_html=judged.description_html,
    )
    return _Accepted(kept, (*noted, *attested))


def _settle(world: World, tx: Transaction, taken: _Taken, judgement: _Accepted | Invalid) -> StagedFile:
    file, now = _still_taken(tx, taken), world.clock.now()
    if isinstance(judgement, Invalid):
        file = file.moved(FileStep.FAIL, now, *judgement.problems)
    else:
        file = file.moved(FileStep.ACCEPT, now, *judgement.notices)
        tx.stages.put_judgement(file.id, judgement.judgement)
    tx.stages.put_file(file)
    return file


def _let_go(world: World, taken: _Taken) -> None:
    with world.store.write() as tx:
        file = tx.stages.file(taken.stage.id, taken.file.id)
        if file is not None and file.state is FileState.PROCESSING:
            tx.stages.put_file(file.moved(FileStep.INTERRUPT, world.clock.now()))


def _still_taken(tx: Transaction, taken: _Taken) -> StagedFile:
    """The file; ``NotFound`` when its stage was canceled while it was judged."""
    stage = tx.stages.by_key(taken.stage.key)
    if stage is None or stage.state is StageState.CANCELED:
        raise NotFound("This publishing session was canceled meanwhile.", code="stage-unknown")
    return the_file(tx, stage, taken.file.id)
