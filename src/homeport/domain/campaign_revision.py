"""What somebody saw of a campaign when they decided about it, as one short word.

1. It is another word as soon as title, reason, day, notices, terms or state are others; before the announcement also with
   another survey. After it the clock asks for surveys, which surprises nobody.
2. Where projects were counted, ``.`` and the survey that counted them follow: whoever announces has seen these groups.
3. Whoever saw something else decides nothing: they are told who changed it, and look again.
"""

from typing import Final

from homeport.domain.campaign import Campaign, CampaignKind
from homeport.domain.canonical import canonical_bytes
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict

_DIGITS: Final = 12


def revision_of(campaign: Campaign) -> str:
    """The word for a campaign as it is, whatever lies outside."""
    seen = {
        "title": campaign.title,
        "reason": campaign.reason,
        "day": campaign.day.isoformat(),
        "notices": list(campaign.notices),
        "terms": campaign.terms_url,
        "state": campaign.state.value,
        "survey": campaign.survey_id if campaign.announced_at is None else None,
    }
    return str(Sha256.of(canonical_bytes(seen)))[:_DIGITS]


def counted_revision(campaign: Campaign, counted_by: int) -> str:
    """The word for a campaign whose groups were shown as that survey counted them; 0 where none has, and they are guesses."""
    is_counted = campaign.kind is CampaignKind.TO_ONLY and campaign.announced_at is None
    return f"{revision_of(campaign)}.{counted_by}" if is_counted else revision_of(campaign)


def require_counted(campaign: Campaign, revision: str | None, counted_by: int) -> None:
    """``Conflict`` when other groups were shown than those that ``counted_by`` counts; a word without a survey saw none."""
    seen = (revision or "").partition(".")[2]
    if seen and seen != str(counted_by):
        raise Conflict(
            f"The groups of campaign {campaign.id} were counted anew since you saw them, by survey {counted_by}. Look at it "
            "again, then decide.",
            code="campaign-changed",
        )


def require_seen(campaign: Campaign, revision: str | None) -> None:
    """``Conflict`` when the campaign is not as it was seen; ``None`` is for whoever takes it as it is."""
    if revision is None or revision.partition(".")[0] == revision_of(campaign):
        return
    raise Conflict(
        f"{campaign.changed_by or campaign.by} changed campaign {campaign.id} meanwhile: it is {campaign.state} and its day "
        f"is {campaign.day} (revision {revision_of(campaign)}). Look at it, then decide again.",
        code="campaign-changed",
    )
