"""The places that files came from are looked at when it is time, beside the rest of the work.

When each is due is all that is remembered of the schedule: what a kill interrupts is due still at the next start.
"""

import threading

from homeport.flows.drift.run import AT_ONCE, look_at_due
from homeport.observe.events import event, trouble
from homeport.ports.world import World

_POLL_SECONDS = 60.0
_AFTER_TROUBLE_SECONDS = 600.0


def keep_looking(world: World, stop: threading.Event) -> None:
    """Look at what is due until ``stop``; where that is turned off, there is nothing to do."""
    pause = _POLL_SECONDS
    while world.drift.every and not stop.wait(pause):
        try:
            looks = look_at_due(world)
        except Exception as error:  # noqa: BLE001 - told here; the rows are as they were, and due
            trouble("sources could not be looked at", error=error)
            pause = _AFTER_TROUBLE_SECONDS
        else:
            pause = 0.0 if looks >= AT_ONCE else _POLL_SECONDS
            if looks:
                event("sources looked at", looks=looks)
