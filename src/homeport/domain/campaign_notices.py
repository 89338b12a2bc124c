"""Which notices a campaign gives, as numbers of days before its day."""

from collections.abc import Collection
from typing import Final

from homeport.domain.campaign import CampaignKind
from homeport.domain.errors import Invalid

MOST_NOTICES: Final = 12
_FARTHEST: Final = 1_000


def require_notices(kind: CampaignKind, notices: Collection[int]) -> tuple[int, ...]:
    """The notices, falling, or ``Invalid`` with what the table of moves wants at the least."""
    falling = tuple(sorted(set(notices), reverse=True))
    standing_for = {next((days for days in reversed(falling) if days >= least), 0) for least in kind.least}
    if not 1 <= len(falling) <= MOST_NOTICES or not all(0 < days < _FARTHEST for days in falling):
        raise Invalid(
            f"Notices are 1 to {MOST_NOTICES} numbers of days before the day, like 90,30,7.",
            code="notices-invalid",
        )
    if len(standing_for) < len(kind.least) or 0 in standing_for:
        wanted = ", ".join(str(least) for least in kind.least)
        raise Invalid(
            f"A {kind} campaign has a notice of its own at least {wanted} days before the day: "
            f"{', '.join(map(str, falling))} leave one out.",
            code="notices-too-few",
        )
    return falling


def parse_notices(text: str) -> tuple[int, ...]:
    """Numbers of days, separated by commas or blanks, or ``Invalid``."""
    words = text.replace(",", " ").split()
    if not all(word.isascii() and word.isdigit() and len(word) < len(str(_FARTHEST)) for word in words):
        raise Invalid(
            f"{text[:40]!r} are no numbers of days: write them like 90,30,7.", code="notices-invalid"
        )
    return tuple(int(word) for word in words)
