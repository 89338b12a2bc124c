"""Consent: who agreed to what, for which files, until when.

1. Consent to a plan is bound to the plan's digest and each item's sha256; every item's consent is used once.
2. It is evaluated again inside the publishing transaction: not withdrawn, the person still holds the role,
   the project still takes files (T-32).
3. A standing consent names hosts and file patterns for releases that are registered later. It lasts 365 days
   at most, and the registration call of a maintainer is the consent to the files of exactly that version.
4. A standing consent is an owner's, and void when who gave it owns the project no longer (T-32).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid, NeedsConsent
from homeport.domain.project import Project, Role

STATEMENT_VERSION = "1"
STATEMENT = (
    "I maintain this project and I have looked at the files listed. I agree that this index hosts and distributes "
    "exactly these bytes under their file names. I may do so on the basis given."
)
STANDING_LIMIT = timedelta(days=365)
_SHORTEST_TEXT = 10


class Basis(StrEnum):
    """Why the person may agree."""

    AUTHOR = "author"
    LICENCE = "licence"
    WRITTEN_PERMISSION = "written-permission"
    OTHER = "other"

    @classmethod
    def parse(cls, text: str) -> "Basis":
        """The basis of that name, or ``Invalid`` with those there are."""
        try:
            return cls(text)
        except ValueError:
            wanted = ", ".join(cls)
            raise Invalid(
                f"{text[:40]!r} is not a basis for consent: use one of {wanted}.", code="basis-unknown"
            ) from None

    @property
    def sentence(self) -> str:
        """The words a person reads beside the choice."""
        return _BASIS_SENTENCES[self]

    @property
    def needs_text(self) -> bool:
        """True when the person must say more."""
        return self in {Basis.WRITTEN_PERMISSION, Basis.OTHER}


_BASIS_SENTENCES = {
    Basis.AUTHOR: "I am the author of these files",
    Basis.LICENCE: "Their licence permits redistribution",
    Basis.WRITTEN_PERMISSION: "I have written permission (say from whom)",
    Basis.OTHER: "Other (say what)",
}


@dataclass(frozen=True)
class Consent:
    """A maintainer's recorded agreement. ``files`` are (item id, sha256) pairs."""

    id: int
    rehost_id: int
    given_by: str
    basis: Basis
    text: str
    statement_version: str
    plan_digest: Sha256
    files: tuple[tuple[int, Sha256], ...]
    given_at: datetime
    withdrawn_at: datetime | None = None


def require_basis(basis: Basis, text: str) -> None:
    """``Invalid`` when ``basis`` needs words that are missing."""
    if basis.needs_text and len(text.strip()) < _SHORTEST_TEXT:
        raise Invalid(
            f"The basis “{basis}” needs a sentence: who permitted what, and where.", code="basis-text-missing"
        )


def require_live(
    consent: Consent | None, item_id: int, sha256: Sha256, project: Project, role: Role | None
) -> Consent:
    """The consent that covers exactly these bytes now, or ``NeedsConsent`` with the reason it does not."""
    if consent is None:
        raise NeedsConsent("No maintainer has agreed to this file.", code="consent-missing")
    if consent.withdrawn_at is not None:
        raise NeedsConsent("The consent to this rehost was withdrawn.", code="consent-withdrawn")
    if (item_id, sha256) not in consent.files:
        raise NeedsConsent("The consent does not cover these bytes.", code="consent-other-bytes")
    if role is None or not role.maintains:
        raise NeedsConsent(
            f"{consent.given_by}, who agreed, no longer maintains {project.name}.", code="consent-role-lost"
        )
    if not project.status.takes_files:
        raise NeedsConsent(
            f"{project.name} is {project.status}: no files are added.", code="consent-project-closed"
        )
    return consent


@dataclass(frozen=True)
class StandingConsent:
    """Consent for releases yet to be registered: pages on ``hosts``, files whose names match ``patterns``."""

    project: str
    given_by: str
    hosts: tuple[str, ...]
    patterns: tuple[str, ...]
    given_at: datetime
    expires_at: datetime

    def is_void(self, giver: Role | None) -> bool:
        """True when who gave it, and has the role ``giver`` now, does not own the project."""
        return giver is not Role.OWNER

    def covers(self, page_url: str, filename: str, now: datetime) -> bool:
        """True when a file of that name, found on that page, may come home at registration."""
        return (
            now < self.expires_at
            and urlsplit(page_url).hostname in self.hosts
            and any(fnmatchcase(filename, pattern) for pattern in self.patterns)
        )
