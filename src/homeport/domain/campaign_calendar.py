"""What lies ahead of a project in a campaign, as lists and files tell it."""

from datetime import date

from homeport.domain.campaign import Campaign, CampaignState, Entrant, Stand, day_of, due_day, next_step


def moves_on(campaign: Campaign, entrant: Entrant) -> date | None:
    """The day on which a project is moved, as things stand; ``None`` when nothing moves it any more."""
    is_over = entrant.stand is not Stand.WAITING or campaign.state is CampaignState.CANCELLED
    return None if is_over else day_of(campaign, entrant)


def next_notice_on(campaign: Campaign, entrant: Entrant, today: date) -> date | None:
    """The day of the next notice before that; ``None`` when every one was given, or while the clock is stopped."""
    is_stopped = campaign.state is CampaignState.PAUSED or moves_on(campaign, entrant) is None
    days = None if is_stopped else next_step(campaign, entrant, today)
    return None if days is None else due_day(campaign, entrant, days)
