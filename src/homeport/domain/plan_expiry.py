"""A plan waits for an answer for 90 days, and then expires: what it shows is too old to agree to.

1. Only a plan that waits expires. It is as old as its last closing: fetching more of it makes it a new plan.
2. People are warned 14 and 3 days before, each once. What was told is remembered with the rehost and not concluded
   from the time, which may jump (T-41).
3. Nothing is lost by it: the plan stays on record, and a new one is made any time.
"""

from datetime import datetime, timedelta
from typing import Final

from homeport.domain.rehost import Rehost, State

LASTS: Final = timedelta(days=90)
WARNINGS: Final = (14, 3)


def expires_at(rehost: Rehost) -> datetime | None:
    """When the plan of ``rehost`` expires unless somebody answers, ``None`` when it waits for nobody."""
    return rehost.changed_at + LASTS if rehost.state is State.PLANNED else None


def due_at(rehost: Rehost) -> datetime | None:
    """When the clock has something to do about it next: to warn, or to end it."""
    end = expires_at(rehost)
    if end is None:
        return None
    to_come = [days for days in WARNINGS if rehost.warned is None or days < rehost.warned]
    return end - timedelta(days=max(to_come, default=0))


def is_over(rehost: Rehost, now: datetime) -> bool:
    """True when nobody answered in time."""
    end = expires_at(rehost)
    return end is not None and end <= now


def warning(rehost: Rehost, now: datetime) -> int | None:
    """The warning that telling people ``now`` stands for, ``None`` while the end is farther away than any."""
    end = expires_at(rehost)
    if end is None:
        return None
    return min((days for days in WARNINGS if end - now <= timedelta(days=days)), default=None)
