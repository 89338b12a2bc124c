"""The outbox is looked into, again and again, beside the rest of the work.

The row of a mail is all that is remembered: what a kill interrupts is due again at the next start.
"""

import threading

from homeport.flows.send_mails import send_mails
from homeport.observe.events import trouble
from homeport.ports.world import World

_POLL_SECONDS = 1.0
_AFTER_TROUBLE_SECONDS = 30.0


def keep_sending(world: World, stop: threading.Event) -> None:
    """Send what is due until ``stop``; where no mail is sent, there is nothing to do."""
    pause = _POLL_SECONDS
    while world.mailer is not None and not stop.wait(pause):
        try:
            pause = 0.0 if send_mails(world) else _POLL_SECONDS
        except Exception as error:  # noqa: BLE001 - told here; the rows are as they were, and due
            trouble("mails could not be sent", error=error)
            pause = _AFTER_TROUBLE_SECONDS
