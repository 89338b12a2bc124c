"""What was decided about a campaign, as the ledger tells it."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from homeport.domain.campaign import CampaignState
from homeport.domain.ledger import Sealed


class CampaignEvent(StrEnum):
    """What a decision did to a campaign."""

    DRAFTED = "drafted"
    CHANGED = "changed"
    PREVIEWED = "previewed"
    ANNOUNCED = "announced"
    PAUSED = "paused"
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """One decision: its serial, when, by whom, and why; ``day`` is the campaign's day since, where the decision named it."""

    serial: int
    at: datetime
    event: CampaignEvent
    by: str
    day: date | None = None
    why: str = ""


def campaign_line(sealed: Sealed) -> CampaignLine:
    """The decision that an entry of the kind ``campaign-changed`` tells of."""
    entry = json.loads(sealed.body)
    details = entry["details"]
    return CampaignLine(
        sealed.seq,
        datetime.fromisoformat(entry["at"]),
        _event(details.get("from", ""), CampaignState(details["to"])),
        entry["actor"],
        date.fromisoformat(details["day"]) if "day" in details else None,
        details.get("reason", ""),
    )


def _event(before: str, after: CampaignState) -> CampaignEvent:
    if after is CampaignState.DRAFT:
        return CampaignEvent.CHANGED if before else CampaignEvent.DRAFTED
    if after is CampaignState.ANNOUNCED and before == CampaignState.PAUSED:
        return CampaignEvent.RESUMED
    return CampaignEvent(after.value)
