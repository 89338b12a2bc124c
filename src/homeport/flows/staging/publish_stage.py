"""A stage becomes public: all of its files in one transaction, by the path of every arrival.

1. What stands in the way is told at once, and changes nothing.
2. Of a large stage that is asked first; then its names are held, and a worker publishes it. What has come up meanwhile
   leaves it in error, to be edited and published again.
3. A stage without files is the way to a project without files; of a project that is there it is nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Refusal, Unauthenticated, Unavailable
from homeport.domain.inspection import verdict_of
from homeport.domain.origin_record import journey_of_upload
from homeport.domain.release import Origin
from homeport.domain.staging import (
    MOST_AT_ONCE,
    FileState,
    Judgement,
    Publisher,
    StagedFile,
    StageState,
    StageStep,
)
from homeport.flows.judge_file import INSPECTOR
from homeport.flows.manage_project import add_project, new_name_objection, project_for_files
from homeport.flows.publish_file import Arrival, TakenNames, closed_release, publish_files
from homeport.flows.staging.add_file import taken_names
from homeport.flows.staging.ask import Asked, StageView, ask, ask_live, view_of
from homeport.flows.upload import other_sdists
from homeport.observe.events import event, trouble
from homeport.ports.catalogue import Provenance
from homeport.ports.store import Transaction
from homeport.ports.world import World


def publish_stage(world: World, caller: Caller, key: str) -> StageView:
    """The stage, ``published``, or ``processing`` when a worker does the rest; one that is published stays so.

    Raises ``Conflict`` that names every file that is not completed, and everything else that stands in the way.
    """
    now = world.clock.now()
    with world.store.write() as tx:
        asked = ask_live(world, tx, caller, key)
        if asked.stage.state in {StageState.PUBLISHED, StageState.PROCESSING}:
            return view_of(tx, asked.stage)
        files = tx.stages.files(asked.stage.id)
        if len(files) <= MOST_AT_ONCE:
            return _publish(world, tx, asked, files, now)
        _require_publishable(world, tx, asked, files)
        token = asked.caller.token
        by = Publisher(asked.caller.user.id, token.id if token else None)
        stage = replace(asked.stage.moved(StageStep.DEFER, now), publisher=by)
        tx.stages.put(stage)
        return view_of(tx, stage)


def publish_deferred(world: World) -> int:
    """Publish every stage that waits for a worker; how many there were."""
    with world.store.read() as tx:
        waiting = tx.stages.processing()
    for stage in waiting:
        try:
            with world.store.write() as tx:
                _publish_waiting(world, tx, stage.key)
        except Unavailable:
            # It waits on, and so do the others: what is away is away for all of them.
            raise
        except Refusal as refusal:
            _fail(world, stage.key, refusal)
    return len(waiting)


def _publish_waiting(world: World, tx: Transaction, key: str) -> None:
    stage = tx.stages.by_key(key)
    if stage is None or stage.state is not StageState.PROCESSING or stage.publisher is None:
        return
    asked = ask(world, tx, _caller(tx, stage.publisher), key)
    _publish(world, tx, asked, tx.stages.files(stage.id), world.clock.now())


def _caller(tx: Transaction, by: Publisher) -> Caller:
    """Who asked for it, by what they showed then; whether that still holds is asked next."""
    user = tx.users.by_id(by.user_id)
    found = tx.tokens.find(by.token_id) if by.token_id is not None else None
    if user is None or (by.token_id is not None and found is None):
        raise Unauthenticated("Who asked for this is not known any more.", code="credentials-ended")
    return Caller(user, found[0] if found else None)


def _fail(world: World, key: str, refusal: Refusal) -> None:
    with world.store.write() as tx:
        stage = tx.stages.by_key(key)
        if stage is not None and stage.state is StageState.PROCESSING:
            problems = refusal.problems or (refusal.sentence,)
            tx.stages.put(stage.moved(StageStep.FAIL, world.clock.now(), *problems))
            trouble("a stage could not be published", project=stage.name.normalized, code=refusal.code)


def _publish(
    world: World, tx: Transaction, asked: Asked, files: Sequence[StagedFile], now: datetime
) -> StageView:
    _require_publishable(world, tx, asked, files)
    stage, policy, user = asked.stage.moved(StageStep.PUBLISH, now), world.policy, asked.caller.user
    project = asked.project or add_project(tx, stage.name, user, None, policy=policy, actor=user.name, at=now)
    completed = tx.stages.completed(stage.id)
    arrivals = [_arrival(world, *found, published_by=user.name) for found in completed]
    publish_files(tx, project, arrivals, policy=policy, actor=user.name, at=now, stage_id=stage.id)
    tx.stages.put(stage)
    event("stage published", project=project.name.normalized, version=stage.version.text, files=len(files))
    return view_of(tx, stage)


def _require_publishable(world: World, tx: Transaction, asked: Asked, files: Sequence[StagedFile]) -> None:
    """``Conflict`` with everything that stands in the way."""
    project_for_files(tx, asked.caller, asked.stage.name)
    if obstacles := list(_obstacles(world, tx, asked, files)):
        raise Conflict(
            obstacles[0]
            if len(obstacles) == 1
            else f"{len(obstacles)} things stand in the way. {' '.join(obstacles)}",
            code="stage-not-publishable",
            problems=obstacles,
        )


def _obstacles(world: World, tx: Transaction, asked: Asked, files: Sequence[StagedFile]) -> Iterator[str]:
    stage, project = asked.stage, asked.project
    for file in files:
        if file.state is not FileState.COMPLETED:
            yield f"{file.claim.file.filename} is {file.state}, not completed: complete it, or delete it."
    if project is None:
        objection = new_name_objection(tx, stage.name, world.policy)
    else:
        objection = closed_release(tx, project, stage.version, world.policy, world.clock.now())
        if not files:
            yield f"The publishing session has no files, and {project.name} is there already."
    if objection is not None:
        yield objection.sentence
    if project is None:
        return
    names = TakenNames(tx.files.names(project.id))
    for file in files:
        yield from taken_names(tx, project, names, file.known_claim())
        yield from other_sdists(tx, project, file.claim.file)


def _arrival(world: World, file: StagedFile, judgement: Judgement, published_by: str) -> Arrival:
    named = file.claim.file
    return Arrival(
        version=named.version,
        filename=named.filename,
        kind=named.kind,
        size_bytes=file.claim.size_bytes,
        digests=judgement.digests,
        metadata=judgement.metadata,
        metadata_file=judgement.metadata_file,
        origin=Origin.UPLOAD,
        provenance=Provenance(published_by=published_by),
        description_html=judgement.description_html,
        journey=journey_of_upload(
            world.base_url, INSPECTOR, verdict_of(judgement.findings), judgement.findings
        ),
    )
