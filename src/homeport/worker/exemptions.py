"""Exemptions are looked after when it is time, beside the rest of the work.

Their rows are all that is remembered: what a kill interrupts is due again at the next start.
"""

import threading

from homeport.flows.exemption_days import AT_ONCE, look_after_exemptions
from homeport.observe.events import trouble
from homeport.ports.world import World

_POLL_SECONDS = 60.0
_AFTER_TROUBLE_SECONDS = 300.0


def keep_exemptions(world: World, stop: threading.Event) -> None:
    """Remind and end what is due until ``stop``, first when the worker begins."""
    pause = 0.0
    while not stop.wait(pause):
        try:
            pause = 0.0 if look_after_exemptions(world) >= AT_ONCE else _POLL_SECONDS
        except Exception as error:  # noqa: BLE001 - told here; the rows are as they were, and due
            trouble("exemptions could not be looked after", error=error)
            pause = _AFTER_TROUBLE_SECONDS
