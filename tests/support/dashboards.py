"""Dashboards for tests: an index with little in it, and what a test says of it."""

from datetime import UTC, date, datetime
from typing import Any

from homeport.domain.dashboard import Dashboard, ExemptionCounts, MailStand, ModeDay, QueueStand
from homeport.domain.exemption import Standing
from homeport.domain.hosting import HostingMode
from homeport.domain.manners import HostState

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def day(number: int, ext: int = 0, cache: int = 0, only: int = 0) -> ModeDay:
    """A day in March."""
    counts = {HostingMode.EXT: ext, HostingMode.CACHE: cache, HostingMode.ONLY: only}
    return ModeDay(date(2026, 3, number), counts)


def dashboard(**fields: Any) -> Dashboard:
    """A dashboard on which nothing is to be done."""
    return Dashboard(
        **{
            "at": NOW,
            "modes": [day(4, only=1)],
            "lingering": [],
            "external": None,
            "campaigns": [],
            "exemptions": ExemptionCounts({Standing.DATED: 0, Standing.ENDLESS: 0}, 0),
            "next_to_end": [],
            "rehosts": {},
            "queues": [QueueStand("rehosts", 0, 0, 0)],
            "hosts": {HostState.RESTING: 0, HostState.FROZEN: 0},
            "mails": MailStand(are_sent=True, waiting=0, troubled=0),
            "alarms": [],
            "newest_alarms": [],
            **fields,
        }
    )
