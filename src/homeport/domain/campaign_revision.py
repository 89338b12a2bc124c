"""What somebody saw of a campaign when they decided about it, as one short word.

1. It is another word as soon as title, reason, day, notices, terms or state are others; before the announcement also with
   another survey. After it the clock asks for surveys, which surprises nobody.
2. Whoever saw something else decides nothing: they are told who changed it, and look again.
"""

from typing import Final

from homeport.domain.campaign import Campaign
from homeport.domain.canonical import canonical_bytes
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict

_DIGITS: Final = 12


def revision_of(campaign: Campaign) -> str:
    """The word for a campaign as it is."""
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


def require_seen(campaign: Campaign, revision: str | None) -> None:
    """``Conflict`` when the campaign is not as it was seen; ``None`` is for whoever takes it as it is."""
    if revision is None or revision == revision_of(campaign):
        return
    raise Conflict(
        f"{campaign.changed_by or campaign.by} changed campaign {campaign.id} meanwhile: it is {campaign.state} and its day "
        f"is {campaign.day} (revision {revision_of(campaign)}). Look at it, then decide again.",
        code="campaign-changed",
    )
