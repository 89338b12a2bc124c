"""What is announced is what was seen, also of the groups that a survey counted."""

import pytest
from tests.support.campaigns import DAY, TERMS, Play

from homeport.domain.campaign import Campaign, CampaignKind, CampaignState
from homeport.domain.errors import Conflict
from homeport.flows.campaign.manage import Draft, announce_campaign, draft_campaign, preview_campaign
from homeport.flows.campaign.show import show_campaign
from homeport.flows.survey.start import start_survey_of_all


def previewed(play: Play) -> Campaign:
    """A campaign whose preview asked for a survey, while one of two days ago is there."""
    start_survey_of_all(play.world, play.root)
    play.finish_surveys()
    play.pass_days(2)
    draft = Draft("Home", "Why.", play.now.date() + 95 * DAY, TERMS)
    made = draft_campaign(play.world, play.root, CampaignKind.TO_ONLY, draft)
    return preview_campaign(play.world, play.root, made.id)


def test_groups_that_were_counted_anew(play: Play) -> None:
    """A page that shows the groups of an older survey announces nothing once its own has come to its end."""
    made = previewed(play)
    old = show_campaign(play.world, play.root, made.id)
    assert old.counted_by is not None
    assert old.counted_by.id != made.survey_id
    play.finish_surveys()
    with pytest.raises(Conflict, match=f"by survey {made.survey_id}") as refused:
        announce_campaign(play.world, play.root, made.id, revision=old.revision)
    assert refused.value.code == "campaign-changed"
    seen = show_campaign(play.world, play.root, made.id)
    assert seen.campaign.state is CampaignState.PREVIEWED
    announced = announce_campaign(play.world, play.root, made.id, revision=seen.revision)
    assert announced.state is CampaignState.ANNOUNCED


def test_who_looked_while_the_survey_ran_may_announce(play: Play) -> None:
    """As long as the groups are those that were shown."""
    made = previewed(play)
    seen = show_campaign(play.world, play.root, made.id)
    announced = announce_campaign(play.world, play.root, made.id, revision=seen.revision)
    assert announced.state is CampaignState.ANNOUNCED
