"""What is counted, and listed, of the whole index for who administers it.

Everything here is answered by an index or by rows that are kept, and costs what it finds, however many projects there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from homeport.domain.campaign import Stand
from homeport.domain.dashboard import (
    Alarms,
    Exempt,
    ExemptionCounts,
    ModeChange,
    ModeDay,
    ProjectStand,
    QueueStand,
)
from homeport.domain.hosting import HostingMode
from homeport.domain.manners import HostState
from homeport.domain.rehost import State


@dataclass(frozen=True, slots=True)
class StandFilter:
    """Which projects are asked for; what is empty leaves nothing out. ``after`` is a PEP 503 form, those behind it follow."""

    mode: HostingMode | None = None
    exempt: Exempt | None = None
    is_reachable: bool | None = None
    beginning: str = ""
    after: str = ""


class Overview(Protocol):
    """Counts and lists over everything."""

    def mode_days(self, *, since: date | None = None, until: date | None = None) -> Sequence[ModeDay]:
        """The kept days from ``since`` to ``until``, oldest first."""
        ...

    def last_mode_day(self) -> ModeDay | None:
        """The newest kept day."""
        ...

    def keep_mode_days(self, days: Sequence[ModeDay]) -> int:
        """Keep days that are over; what is kept stays as it is. How many were new."""
        ...

    def mode_changes(self, *, after: date | None) -> Sequence[ModeChange]:
        """What changed on each day behind ``after``, from projects that were made and from moves; all with ``None``."""
        ...

    def stands(self, wanted: StandFilter, *, limit: int) -> Sequence[ProjectStand]:
        """How projects are hosted, by PEP 503 form."""
        ...

    def open_rehosts(self) -> Mapping[State, int]:
        """How many rehosts are in each state that is not an end."""
        ...

    def exemptions(self, soon: date) -> ExemptionCounts:
        """How many exemptions hold, and how many of them end on that day or sooner."""
        ...

    def next_ends(self, *, limit: int) -> Sequence[int]:
        """The projects, by id, whose exemptions end next."""
        ...

    def hosts(self, now: datetime) -> Mapping[HostState, int]:
        """How many hosts rest, and how many are frozen."""
        ...

    def troubled_mails(self) -> int:
        """How many mails could not be sent, given up or not yet."""
        ...

    def alarms(self, since: datetime) -> Sequence[Alarms]:
        """How often what was told since then, by host and sign."""
        ...

    def campaign_days(self, campaign_id: int) -> Sequence[tuple[date, Stand, int]]:
        """How many projects of a campaign came to stand so on which day; those that wait are left out."""
        ...

    def queues(self) -> Sequence[QueueStand]:
        """What the queues hold, by name."""
        ...
