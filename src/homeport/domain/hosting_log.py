"""The hosting log: who moved which project to which hosting mode and why, for everybody to read.

1. A line stands for one entry of the ledger and has its serial.
2. Who did it is told by role, never by name, and a reason is shown without addresses of people.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.strike_out import without_mail_addresses

WHO: Final = {Mover.OWNER: "owner", Mover.ADMIN: "administrator", Mover.CLOCK: "clock"}


class Event(StrEnum):
    """What a line tells."""

    MOVED = "moved"
    EXEMPTION_GIVEN = "exemption-given"
    EXEMPTION_EXTENDED = "exemption-extended"
    EXEMPTION_ENDED = "exemption-ended"
    CAMPAIGN_ANNOUNCED = "campaign-announced"
    CAMPAIGN_CANCELLED = "campaign-cancelled"
    CAMPAIGN_MOVED = "campaign-moved"


@dataclass(frozen=True, slots=True)
class HostingLine:
    """One line; ``project`` is in PEP 503 form.

    ``until`` is the end of the exemption that was given or extended, or the day that a campaign announced.
    """

    serial: int
    at: datetime
    project: str
    event: Event
    source: HostingMode
    target: HostingMode
    mover: Mover
    reason: str = ""
    until: date | None = None

    @property
    def who(self) -> str:
        """Who did it, by role."""
        return WHO[self.mover]

    @property
    def public_reason(self) -> str:
        """The reason as everybody may read it."""
        return without_mail_addresses(self.reason)


def event_of(source: HostingMode, target: HostingMode, mover: Mover, *, is_campaigns: bool = False) -> Event:
    """What a move is: into ``pypi-ext`` leads an exemption only, and whoever but an owner leads out of it ends one."""
    if is_campaigns:
        return Event.CAMPAIGN_MOVED
    if target.lists_external:
        return Event.EXEMPTION_GIVEN
    if source.lists_external and mover is not Mover.OWNER:
        return Event.EXEMPTION_ENDED
    return Event.MOVED
