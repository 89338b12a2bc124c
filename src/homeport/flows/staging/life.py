"""A stage is looked at, given more time, and canceled."""

from homeport.domain.account import Caller
from homeport.domain.staging import StageStep
from homeport.flows.staging.ask import FileView, StageView, ask, ask_live, the_file, view_of
from homeport.observe.events import event
from homeport.ports.world import World


def show_stage(world: World, caller: Caller, key: str) -> StageView:
    """The stage as it stands, also for a while after it was canceled."""
    with world.store.read() as tx:
        return view_of(tx, ask(world, tx, caller, key).stage)


def show_staged_file(world: World, caller: Caller, key: str, file_id: int) -> FileView:
    """A file of the stage as it stands."""
    with world.store.read() as tx:
        stage = ask_live(world, tx, caller, key).stage
        return FileView(stage, the_file(tx, stage, file_id))


def extend_stage(world: World, caller: Caller, key: str, seconds: int) -> StageView:
    """The stage with as much more time as it may have; that this is none is no refusal."""
    with world.store.write() as tx:
        stage = ask_live(world, tx, caller, key).stage
        extended = stage.extended(seconds)
        if extended != stage:
            tx.stages.put(extended)
        return view_of(tx, extended)


def cancel_stage(world: World, caller: Caller, key: str) -> None:
    """Nothing of the stage is ever published; ``IllegalMove`` while a worker publishes it, or when it is."""
    with world.store.write() as tx:
        asked = ask_live(world, tx, caller, key)
        tx.stages.put(asked.stage.moved(StageStep.CANCEL, world.clock.now()))
    name, version = asked.stage.name.normalized, asked.stage.version.text
    event("stage canceled", project=name, version=version, by=asked.caller.user.name)
