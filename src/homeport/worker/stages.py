"""Stages are looked after, again and again, beside the rest of the work.

Their rows are all that is remembered: what a kill interrupts is due again at the next start.
"""

import threading

from homeport.flows.staging.sweep import sweep_stages
from homeport.observe.events import trouble
from homeport.ports.world import World

_POLL_SECONDS = 1.0
_AFTER_TROUBLE_SECONDS = 30.0


def keep_sweeping(world: World, stop: threading.Event) -> None:
    """Do what is due until ``stop``; also where no stages are taken any more, for some may be left."""
    pause = _POLL_SECONDS
    while not stop.wait(pause):
        try:
            sweep_stages(world)
            pause = _POLL_SECONDS
        except Exception as error:  # noqa: BLE001 - told here; the rows are as they were, and due
            trouble("stages could not be looked after", error=error)
            pause = _AFTER_TROUBLE_SECONDS
