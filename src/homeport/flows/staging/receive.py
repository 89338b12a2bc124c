"""The bytes of a staged file, and its attestations, arrive.

Bytes that are not what was claimed make the file an error (rule 5 of ``domain.staging``); bytes that did not come to
their end change nothing, and may be sent again.
"""

from typing import Any

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, together
from homeport.domain.staged_attestations import attestations_text
from homeport.domain.staged_claim import Claim, Hashing
from homeport.domain.staging import FileState, FileStep, Stage, StagedFile
from homeport.flows.room import room_for_body
from homeport.flows.staging.ask import FileView, ask_editable, the_file
from homeport.ports.blobs import Incoming
from homeport.ports.store import Transaction
from homeport.ports.world import World


def awaited(world: World, caller: Caller, key: str, file_id: int) -> Claim:
    """What the bytes must be that are about to come, or why none are wanted."""
    with world.store.read() as tx:
        stage = ask_editable(world, tx, caller, key).stage
        claim = _awaited(tx, stage, file_id).claim
    room_for_body(world).require(claim.size_bytes)
    return claim


def _awaited(tx: Transaction, stage: Stage, file_id: int) -> StagedFile:
    file = the_file(tx, stage, file_id)
    file.moved(FileStep.RECEIVE, file.changed_at)
    if file.digests is not None:
        raise Conflict(
            f"The bytes of {file.claim.file.filename} are here: complete it, or delete it to send others.",
            code="staged-bytes-here",
        )
    return file


def receive_bytes(
    world: World, caller: Caller, key: str, file_id: int, incoming: Incoming, hashing: Hashing
) -> FileView:
    """Keep what is in ``incoming``, if it is what was claimed; else the file is an error, and ``Invalid`` says why."""
    digests = incoming.digests()
    problems = hashing.problems(incoming.size_bytes, digests)
    was_here = not problems and world.blobs.path(digests.sha256) is not None
    if not problems:
        incoming.keep()
    now = world.clock.now()
    with world.store.write() as tx:
        stage = ask_editable(world, tx, caller, key).stage
        file = _awaited(tx, stage, file_id)
        if problems:
            file = file.moved(FileStep.FAIL, now, *problems)
        else:
            is_own = not was_here or tx.stages.is_own(digests.sha256)
            file = file.with_bytes(digests, now, is_own=is_own)
        tx.stages.put_file(file)
    if problems:
        raise together(file.claim.file.filename, problems, code="staged-bytes-wrong")
    return FileView(stage, file)


def receive_attestations(world: World, caller: Caller, key: str, file_id: int, values: Any) -> FileView:
    """Keep the attestations of a file that is not completed yet, in the place of any that came before."""
    text = attestations_text(values)
    with world.store.write() as tx:
        stage = ask_editable(world, tx, caller, key).stage
        file = the_file(tx, stage, file_id)
        if file.state is not FileState.PENDING:
            raise Conflict(
                f"{file.claim.file.filename} is {file.state}: attestations come before a file is completed. Delete it "
                "to send it again with them.",
                code="attestations-too-late",
            )
        file = file.with_attestations(text)
        tx.stages.put_file(file)
    return FileView(stage, file)
