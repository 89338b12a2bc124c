"""What the engine remembers of work that ended is forgotten after a while: the state tables are what tells of it."""

from datetime import timedelta

from dbos import DBOS

from homeport.ports.world import World

KEPT_FOR = timedelta(days=14)
AT_ONCE = 500
_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


def forget_ended(world: World) -> int:
    """Forget some workflows that ended long ago, steps and all; how many."""
    before = (world.clock.now() - KEPT_FOR).isoformat()
    ended = DBOS.list_workflows(
        status=_ENDED, completed_before=before, limit=AT_ONCE, load_input=False, load_output=False
    )
    if ended:
        DBOS.delete_workflows([workflow.workflow_id for workflow in ended])
    return len(ended)
