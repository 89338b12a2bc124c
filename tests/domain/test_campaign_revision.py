"""What somebody saw of a campaign, as one word."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from homeport.domain.campaign import Campaign, CampaignKind, CampaignState
from homeport.domain.campaign_revision import (
    counted_revision,
    require_counted,
    require_seen,
    revision_of,
)
from homeport.domain.errors import Conflict

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DRAFT = Campaign(
    8,
    CampaignKind.TO_ONLY,
    "Home",
    "Why.",
    date(2026, 6, 1),
    (90, 30, 7),
    "https://example.org/terms",
    CampaignState.PREVIEWED,
    "root",
    NOW,
    survey_id=3,
)


def test_every_part_that_is_shown_counts() -> None:
    """Title, reason, day, notices, terms, state, and the survey of what is not announced."""
    others = [
        replace(DRAFT, title="Other"),
        replace(DRAFT, reason="Other."),
        replace(DRAFT, day=date(2026, 6, 2)),
        replace(DRAFT, notices=(90, 30, 8)),
        replace(DRAFT, terms_url="https://example.org/other"),
        replace(DRAFT, state=CampaignState.ANNOUNCED),
        replace(DRAFT, survey_id=4),
    ]
    assert len({revision_of(one) for one in [DRAFT, *others]}) == len(others) + 1


def test_what_the_clock_notes_does_not() -> None:
    """Steps that began, and surveys after the announcement, are no decision of anybody."""
    running = replace(DRAFT, state=CampaignState.ANNOUNCED, announced_at=NOW)
    later = replace(running, begun=("B-90",), survey_id=9)
    assert revision_of(later) == revision_of(running)


def test_who_saw_something_else_is_told_who_changed_it() -> None:
    """The last who decided, or who drafted it where nobody has since."""
    require_seen(DRAFT, None)
    require_seen(DRAFT, revision_of(DRAFT))
    with pytest.raises(Conflict, match=r"root changed campaign 8 meanwhile: it is previewed .* 2026-06-01"):
        require_seen(DRAFT, "")
    with pytest.raises(Conflict, match="frank changed campaign 8"):
        require_seen(replace(DRAFT, changed_by="frank"), revision_of(replace(DRAFT, title="Other")))


def test_groups_are_seen_as_a_survey_counted_them() -> None:
    """Another survey is another word; a word without one saw no groups, and who takes it as it is is not asked."""
    seen = counted_revision(DRAFT, 4)
    assert seen == f"{revision_of(DRAFT)}.4"
    require_seen(DRAFT, seen)
    for revision in (seen, revision_of(DRAFT), None):
        require_counted(DRAFT, revision, 4)
    with pytest.raises(Conflict, match="counted anew since you saw them, by survey 5"):
        require_counted(DRAFT, seen, 5)
    with pytest.raises(Conflict, match="by survey 5"):
        require_counted(DRAFT, counted_revision(DRAFT, 0), 5)


@pytest.mark.parametrize(
    "one", [replace(DRAFT, kind=CampaignKind.PHASE_OUT), replace(DRAFT, announced_at=NOW)]
)
def test_where_no_survey_counts_a_word_has_none(one: Campaign) -> None:
    """A phase-out asks for no survey, and what is announced is decided by its days."""
    assert counted_revision(one, 4) == revision_of(one)
