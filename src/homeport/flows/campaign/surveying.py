"""What lies outside is looked at before each step of a campaign; a survey is waited for, but not forever.

A survey takes hours where there are many hosts: it begins ahead of the step, and is news for a few days.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from homeport.domain.campaign import Campaign, CampaignKind
from homeport.domain.errors import Conflict
from homeport.domain.survey import Survey
from homeport.flows.survey.start import begin_survey_of_all
from homeport.ports.store import Transaction
from homeport.ports.world import World

AHEAD: Final = timedelta(days=2)
_NEWS: Final = timedelta(days=3)
_PATIENCE: Final = timedelta(days=1)


def survey_of(tx: Transaction, campaign: Campaign) -> Survey | None:
    """The survey that the campaign asked for last."""
    return tx.surveys.find(campaign.survey_id) if campaign.survey_id is not None else None


def shown_survey(tx: Transaction, campaign: Campaign) -> Survey | None:
    """The survey by which a preview counts: the campaign's own when it has seen all, till then the last one of all that had."""
    own = survey_of(tx, campaign)
    return own if own is not None and not own.is_running and not own.problem else tx.surveys.newest_of_all()


def counted_by(tx: Transaction, campaign: Campaign) -> int:
    """The survey by which a preview counts; 0 where there is none."""
    shown = shown_survey(tx, campaign)
    return 0 if shown is None else shown.id


def require_surveyed(tx: Transaction, campaign: Campaign, now: datetime) -> None:
    """``Conflict`` while the survey that the preview asked for runs, and none that is news has been finished."""
    own = survey_of(tx, campaign)
    if own is None or not own.is_running:
        return
    last = tx.surveys.newest_of_all()
    if last is None or not _is_news(last, now):
        raise Conflict(
            f"Survey {own.id} of the preview still runs: who is in which group is not known before it is finished. See how "
            f"far it is at /admin/surveys/{own.id}/, look at the preview again after that, and announce it then.",
            code="campaign-survey-running",
        )


def with_survey(world: World, tx: Transaction, campaign: Campaign, *, by: str, now: datetime) -> Campaign:
    """The campaign with a survey that is news; one begins where there is none. A phase-out needs none."""
    survey = survey_of(tx, campaign)
    if campaign.kind is not CampaignKind.TO_ONLY or (survey is not None and _is_news(survey, now)):
        return campaign
    return replace(campaign, survey_id=begin_survey_of_all(world, tx, by).id)


def is_surveyed(campaign: Campaign, survey: Survey | None, now: datetime) -> bool | None:
    """True when the step may be taken, False while the survey is waited for, ``None`` when one is to begin."""
    if campaign.kind is not CampaignKind.TO_ONLY:
        return True
    if survey is None or not _is_news(survey, now):
        return None
    return not survey.is_running or now - survey.started_at > _PATIENCE


def _is_news(survey: Survey, now: datetime) -> bool:
    return abs(now - survey.started_at) <= _NEWS
