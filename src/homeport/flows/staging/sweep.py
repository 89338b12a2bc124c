"""What the clock does to stages: large ones are published, old ones end, and what nobody needs any more goes.

1. A stage whose time is over is canceled. A file whose inspection was killed may be completed again.
2. Bytes that stages brought go when no row names them, and not while somebody may be about to name them.
3. What was canceled is told of for a while; what was published, for ever.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from homeport.domain.staging import KEPT, STUCK_AFTER, FileStep, StagedFile, StageStep
from homeport.flows.staging.publish_stage import publish_deferred
from homeport.observe.events import event
from homeport.ports.world import World

# Whoever kept the same bytes has named them by then.
_NAMED_WITHIN = timedelta(hours=1)
_AT_ONCE = 20


def sweep_stages(world: World) -> int:
    """Do what is due; how much was done."""
    now = world.clock.now()
    return sum((publish_deferred(world), _end(world, now), _free(world, now), _forget(world, now)))


def _end(world: World, now: datetime) -> int:
    with world.store.read() as tx:
        lapsed = tx.stages.lapsed(now)
    for one in lapsed:
        with world.store.write() as tx:
            stage = tx.stages.by_key(one.key)
            if stage is None or not stage.is_lapsed(now):
                continue
            tx.stages.put(stage.moved(StageStep.EXPIRE, now, "Its time was over."))
            event("stage expired", project=stage.name.normalized, version=stage.version.text)
    return len(lapsed)


def _free(world: World, now: datetime) -> int:
    """Let go of files whose inspection was killed."""
    with world.store.read() as tx:
        stuck = tx.stages.stuck(now - STUCK_AFTER)
    for one in stuck:
        with world.store.write() as tx:
            file = tx.stages.file(one.stage_id, one.id)
            if file is not None and file == one:
                tx.stages.put_file(file.moved(FileStep.INTERRUPT, now, "Its inspection was interrupted."))
    return len(stuck)


def _forget(world: World, now: datetime) -> int:
    with world.store.read() as tx:
        dead = tx.stages.dead_files(now - _NAMED_WITHIN, limit=_AT_ONCE)
        ended = tx.stages.canceled(now - KEPT, limit=_AT_ONCE)
    for file in dead:
        _forget_file(world, file, now)
    for stage in ended:
        with world.store.write() as tx:
            tx.stages.forget(stage.id)
    return len(dead) + len(ended)


def _forget_file(world: World, file: StagedFile, now: datetime) -> None:
    """Forget a dead file, and its bytes where they are nobody's; who just kept the same bytes is waited for."""
    before = now - _NAMED_WITHIN
    with world.store.write() as tx:
        sha256 = file.digests.sha256 if file.digests and file.is_own else None
        is_free = sha256 is not None and not tx.stages.is_needed(sha256)
        if sha256 is not None and is_free and not world.blobs.forget(sha256, kept_before=before):
            tx.stages.put_file(replace(file, changed_at=now))
        else:
            tx.stages.forget_file(file.id)
