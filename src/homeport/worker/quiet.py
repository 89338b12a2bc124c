"""Looks that are spared: what found nothing finds nothing again while nobody wrote anything.

1. Whether anything was committed costs a look into memory (``adapters/db/wal_changes``); what is due is asked of the database.
2. Time alone makes things due as well: after a few seconds there is a look whatever was written.
"""

import time
from collections.abc import Callable

Stamp = Callable[[], object]
"""Tells the last commit: equal to an earlier answer only when nothing was committed in between."""


class Quiet:
    """What one looker knows of its last look; ``seconds`` is the longest time without one, 0 for no quiet at all."""

    def __init__(self, stamp: Stamp, seconds: float) -> None:
        self._stamp = stamp
        self._seconds = seconds
        self._seen: object = None
        self._until = 0.0

    def lasts(self) -> bool:
        """True when a look can be spared; else the caller looks now, which begins another quiet."""
        # Asked before the look: what is committed while it goes on makes for another one.
        seen, now = self._stamp(), time.monotonic()
        if seen == self._seen and now < self._until:
            return True
        self._seen, self._until = seen, now + self._seconds
        return False
