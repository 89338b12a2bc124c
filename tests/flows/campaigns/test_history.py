"""What was decided about a campaign is told by the ledger, in order, and what lies ahead of a project by its days."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.campaigns import DAY, TERMS, Play

from homeport.domain.campaign import CampaignKind, CampaignState, Stand
from homeport.domain.campaign_calendar import moves_on, next_notice_on
from homeport.domain.campaign_log import CampaignEvent
from homeport.domain.errors import Forbidden
from homeport.flows.campaign import history
from homeport.flows.campaign.history import campaign_history
from homeport.flows.campaign.manage import (
    Draft,
    cancel_campaign,
    change_campaign,
    draft_campaign,
    pause_campaign,
    preview_campaign,
    resume_campaign,
)


def test_every_decision_is_told(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """What, who, when and why; a pause after it is over, too. The newest are shown, to administrators."""
    draft = Draft("Home", "Why.", play.now.date() + 40 * DAY, TERMS)
    made = draft_campaign(play.world, play.root, CampaignKind.PHASE_OUT, draft)
    assert made == play.campaign()
    change_campaign(play.world, play.root, made.id, replace(draft, title="Other"))
    preview_campaign(play.world, play.root, made.id)
    cancel_campaign(play.world, play.root, made.id, "Not this year.")
    begun = play.announce()
    pause_campaign(play.world, play.root, 2, "The terms.")
    play.fakes.clock.advance(timedelta(hours=5))
    resume_campaign(play.world, play.root, 2, begun + 100 * DAY, "They are better.")
    play.pass_days(103)
    assert play.campaign().state is CampaignState.REPORTED
    lines = campaign_history(play.world, play.root, play.campaign())
    assert [(one.event, one.by, one.why) for one in lines] == [
        (CampaignEvent.DRAFTED, "root", ""),
        (CampaignEvent.PREVIEWED, "root", ""),
        (CampaignEvent.ANNOUNCED, "root", ""),
        (CampaignEvent.PAUSED, "root", "The terms."),
        (CampaignEvent.RESUMED, "root", "They are better."),
        (CampaignEvent.REPORTED, "clock", ""),
    ]
    paused, resumed, reported = lines[3:]
    assert resumed.at - paused.at == timedelta(hours=5)
    assert (paused.day, resumed.day, reported.day) == (begun + 90 * DAY, begun + 100 * DAY, None)
    with play.world.store.read() as tx:
        other = tx.campaigns.find(made.id)
    assert other is not None
    assert [one.event.value for one in campaign_history(play.world, None, other)] == [
        "drafted",
        "changed",
        "previewed",
        "cancelled",
    ]
    monkeypatch.setattr(history, "MOST_SHOWN", 1)
    assert campaign_history(play.world, None, play.campaign()) == (reported,)
    with pytest.raises(Forbidden):
        campaign_history(play.world, play.owner("demo"), play.campaign())


def ahead(play: Play, name: str) -> tuple[int | None, int | None]:
    """In how many days a project is told next, and moved."""
    campaign, entrant, today = play.campaign(), play.entrant(name), play.now.date()
    days = (next_notice_on(campaign, entrant, today), moves_on(campaign, entrant))
    told, moved = (None if day is None else (day - today).days for day in days)
    return told, moved


def test_what_lies_ahead_of_a_project(play: Play) -> None:
    """The next notice is no day of a move; a stopped clock gives none, and nothing lies ahead of who has left."""
    play.announce()
    assert ahead(play, "demo") == (0, 90)
    play.pass_days(1)
    assert (ahead(play, "demo"), ahead(play, "bare")) == ((59, 89), (None, 89))
    pause_campaign(play.world, play.root, 1, "Wait.")
    assert ahead(play, "demo") == (None, 89)
    resume_campaign(play.world, play.root, 1)
    assert ahead(play, "demo") == (59, 89)
    cancel_campaign(play.world, play.root, 1, "Enough.")
    assert (play.stand("demo"), ahead(play, "demo")) == (Stand.WAITING, (None, None))
    play.look()
    assert ahead(play, "demo") == (None, None)
