"""The campaign that waits for a project, as the project's own pages name it."""

from dataclasses import dataclass
from datetime import date

from homeport.domain.campaign import CampaignState, day_of
from homeport.domain.project import Project
from homeport.ports.store import Transaction


@dataclass(frozen=True, slots=True)
class Awaited:
    """A campaign by its title, and the day on which it moves the project.

    ``is_public`` is true from the first notice on: that is a line of the hosting log.
    """

    title: str
    reason: str
    day: date
    is_paused: bool
    is_public: bool


def awaited_by(tx: Transaction, project: Project) -> Awaited | None:
    """The campaign that will move the project unless somebody acts, ``None`` without one."""
    for campaign, entrant in tx.campaigns.waiting_of({project.id}):
        if project.mode is campaign.kind.source:
            is_paused = campaign.state is CampaignState.PAUSED
            day = day_of(campaign, entrant)
            return Awaited(campaign.title, campaign.reason, day, is_paused, bool(entrant.told))
    return None
