"""A file is announced to a stage: what can be said of it before its bytes come, is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict
from homeport.domain.freeze import objection
from homeport.domain.names import FileKind, file_key
from homeport.domain.project import Project
from homeport.domain.staged_claim import Claim, read_claim
from homeport.domain.staging import MOST_FILES, FileStep, StagedFile, StageStep
from homeport.flows.publish_file import TakenNames, closed_release
from homeport.flows.room import quota_rooms, room_for_body
from homeport.flows.staging.ask import Asked, FileView, ask_editable, ask_live, the_file
from homeport.flows.upload import other_sdists
from homeport.ports.store import Transaction
from homeport.ports.world import World


def add_file(world: World, caller: Caller, key: str, values: Mapping[str, Any]) -> FileView:
    """The file that ``values`` announce, ready for its bytes.

    Raises ``Invalid`` for a claim that is none, ``Conflict`` with everything that stands in the way of its name, and
    what says that there is no room.
    """
    now = world.clock.now()
    with world.store.write() as tx:
        asked = ask_editable(world, tx, caller, key)
        claim = read_claim(asked.stage.name, asked.stage.version, values)
        room_for_body(world).require(claim.size_bytes)
        files = tx.stages.files(asked.stage.id)
        if obstacles := [*_obstacles(world, tx, asked, claim), *_beside(files, claim)]:
            raise Conflict(" ".join(obstacles), code="staged-file-conflict", problems=obstacles)
        _require_quota(world, tx, asked, claim)
        stage = asked.stage.moved(StageStep.EDIT, now)
        tx.stages.put(stage)
        return FileView(stage, tx.stages.add_file(stage.id, claim, now))


def delete_file(world: World, caller: Caller, key: str, file_id: int) -> None:
    """The file is not in the stage any more, whatever was wrong with it; ``IllegalMove`` while it is inspected."""
    now = world.clock.now()
    with world.store.write() as tx:
        # Also of a project that takes no files now: what is taken out was never public.
        stage = ask_live(world, tx, caller, key).stage
        edited, file = stage.moved(StageStep.EDIT, now), the_file(tx, stage, file_id)
        tx.stages.put_file(file.moved(FileStep.DELETE, now))
        tx.stages.put(edited)


def taken_names(tx: Transaction, project: Project, names: TakenNames, claim: Claim) -> Iterator[str]:
    """Why the project, which has or had ``names``, cannot give this one to the claimed bytes."""
    filename = claim.file.filename
    if frozen := objection(tx.freezes.of_project(project.id), claim.file.version, filename):
        yield frozen.sentence
        return
    if tx.files.find(project.id, filename) is not None:
        yield f"{filename} is published already: release a new version, or a new build number for a wheel."
        return
    removal, sha256 = tx.files.removal(project.id, filename), dict(claim.hashes).get("sha256")
    if removal is not None and sha256 is not None and removal.sha256.hex != sha256:
        yield (
            f"This filename was previously used: {filename} was removed on {removal.at:%Y-%m-%d}, and its name is never "
            "given to other bytes."
        )
    if other := names.other_spelling(filename):
        yield f"{filename} is another spelling of {other}, which this project has or had."


def _obstacles(world: World, tx: Transaction, asked: Asked, claim: Claim) -> Iterator[str]:
    project = asked.project
    if project is None:
        return
    yield from taken_names(tx, project, TakenNames(tx.files.names(project.id)), claim)
    yield from other_sdists(tx, project, claim.file)
    closed = closed_release(tx, project, asked.stage.version, world.policy, world.clock.now())
    if closed is not None:
        yield closed.sentence


def _beside(files: Sequence[StagedFile], claim: Claim) -> Iterator[str]:
    """Why the claimed file cannot stand beside those that the stage has."""
    if len(files) >= MOST_FILES:
        yield f"A publishing session has {MOST_FILES:,} files at most."
    key = file_key(claim.file.filename)
    for file in files:
        other = file.claim.file
        if file_key(other.filename) == key:
            yield f"{other.filename} is in this publishing session already: delete it to send another."
        elif FileKind.SDIST is other.kind is claim.file.kind:
            yield f"This publishing session has an sdist, {other.filename}: a release has one."


def _require_quota(world: World, tx: Transaction, asked: Asked, claim: Claim) -> None:
    user, name = asked.caller.user, asked.stage.name.normalized
    coming = tx.stages.coming(name, user.id, world.clock.now())
    for room in quota_rooms(tx, asked.project, user, world.policy, coming):
        room.require(claim.size_bytes)
