"""Account links: addresses that let whoever holds them do one thing to one account, once.

1. Only the SHA-256 of a link's secret is stored; the secret is shown, or mailed, and forgotten.
2. A link ends by being used, by its time, and when a newer fact makes it wrong: another password, another address.
3. To look at a link's page changes nothing: mail programs and scanners do that, too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class LinkPurpose(StrEnum):
    """What a link is for."""

    VERIFY_EMAIL = "verify-email"
    VERIFIED = "verified"  # none any more: it was used, and says so
    SET_PASSWORD = "set-password"  # noqa: S105 - the name of a purpose


SECRET_BYTES = 24
# From when the mail leaves: a mail server that was down must not use up the time.
MAILED_LASTS = {LinkPurpose.VERIFY_EMAIL: timedelta(hours=24), LinkPurpose.SET_PASSWORD: timedelta(hours=1)}
# What an administrator hands on may lie for a weekend.
HANDED_LASTS = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class AccountLink:
    """A link as it is remembered; ``email`` is the address that it verifies, or that its account had when it was made."""

    purpose: LinkPurpose
    user_id: int
    email: str
    expires_at: datetime


def link_path(purpose: LinkPurpose, secret: str) -> str:
    """Where the link leads, below the index's address."""
    return f"/{purpose}/{secret}"
