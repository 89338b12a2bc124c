"""Consent: who agreed to what, for which files, until when.

1. Consent to a plan is bound to the plan's digest and each item's sha256; every item's consent is used once.
2. It is evaluated again inside the publishing transaction: not withdrawn, the person still holds the role,
   the project still takes files (T-32).
3. What a maintainer consents to before any file is seen is a standing consent (``domain/standing_consent.py``).
4. A statement that somebody agreed to is kept word for word, and so is the basis they chose beside it: another wording of
   either gets another version.
5. A consent that was withdrawn stays on record, with what was wanted for the files that came home by it.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid, NeedsConsent
from homeport.domain.project import Project, Role, require_reason
from homeport.domain.urls import Url

STATEMENT_VERSION = "2"
STATEMENT = (
    "I maintain this project and I have looked at the files listed. I agree that this index hosts and distributes exactly "
    "these bytes under their file names. I may do so on the basis given."
)
# The first and the second differ in the words of two bases.
STATEMENTS = {"1": STATEMENT, "2": STATEMENT}
LONGEST_EVIDENCE = 2000
_SHORTEST_TEXT = 10
# Words may begin with one that a colon follows; what begins like an address is read as one.
_IS_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S")


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
        """The words a person reads beside the choice, and agrees to."""
        return _BASIS_SENTENCES[self]

    @property
    def hint(self) -> str:
        """What a form asks for besides; it is no part of what was agreed to."""
        return _BASIS_HINTS.get(self, "")

    def agreed_in(self, version: str) -> str:
        """The words of the choice, as they stood beside that version of the statement."""
        had_hint = version == "1" and self.hint
        return f"{self.sentence} ({self.hint})" if had_hint else self.sentence

    @property
    def needs_text(self) -> bool:
        """True when the person must say more."""
        return self in {Basis.WRITTEN_PERMISSION, Basis.OTHER}


class Hosted(StrEnum):
    """What becomes of the files that came home by a consent, when it is withdrawn."""

    KEEP = "keep"
    YANK = "yank"
    ASK_REMOVAL = "ask-removal"

    @classmethod
    def parse(cls, text: str) -> "Hosted":
        """What that word says, or ``Invalid`` with those there are."""
        try:
            return cls(text)
        except ValueError:
            raise Invalid(
                f"{text[:40]!r} says not what becomes of the files: use one of {', '.join(cls)}.",
                code="hosted-unknown",
            ) from None

    @property
    def sentence(self) -> str:
        """The words a person reads beside the choice."""
        return _HOSTED_SENTENCES[self]


_HOSTED_SENTENCES = {
    Hosted.KEEP: "They stay as they are",
    Hosted.YANK: "They are yanked: installers take them only when asked for exactly that version",
    Hosted.ASK_REMOVAL: "The administrators are asked to remove them; until then they stay",
}

_BASIS_SENTENCES = {
    Basis.AUTHOR: "I am the author of these files",
    Basis.LICENCE: "Their licence permits redistribution",
    Basis.WRITTEN_PERMISSION: "I have written permission",
    Basis.OTHER: "Other",
}
_BASIS_HINTS = {Basis.WRITTEN_PERMISSION: "say from whom", Basis.OTHER: "say what"}


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That a consent was taken back: by whom, when and why, and what was wanted for the files that were hosted.

    ``serial`` is that of its entry in the ledger, 0 for one that is older than this record.
    """

    by: str
    at: datetime
    hosted: Hosted
    reason: str
    serial: int = 0


@dataclass(frozen=True)
class Consent:
    """A maintainer's recorded agreement. ``files`` are (item id, sha256) pairs.

    ``evidence`` is where the permission can be read, or its words; ``serial`` is that of its entry in the ledger.
    """

    id: int
    rehost_id: int
    given_by: str
    basis: Basis
    text: str
    statement_version: str
    plan_digest: Sha256
    files: tuple[tuple[int, Sha256], ...]
    given_at: datetime
    evidence: str = ""
    serial: int = 0
    withdrawal: Withdrawal | None = None

    @property
    def withdrawn_at(self) -> datetime | None:
        """When it was taken back."""
        return self.withdrawal.at if self.withdrawal else None


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why somebody may agree: the basis, in their words, and where the permission can be read."""

    basis: Basis
    text: str = ""
    evidence: str = ""


def read_grounds(basis: Basis, text: str, evidence: str = "") -> Grounds:
    """The grounds as they are recorded, or ``Invalid`` when something about them is missing or unreadable."""
    grounds = Grounds(basis, text.strip(), read_evidence(evidence))
    require_basis(basis, grounds.text, grounds.evidence)
    return grounds


def require_basis(basis: Basis, text: str, evidence: str = "") -> None:
    """``Invalid`` when ``basis`` needs words, or evidence, and neither says enough."""
    if basis.needs_text and max(len(text.strip()), len(evidence.strip())) < _SHORTEST_TEXT:
        raise Invalid(
            f"The basis “{basis}” needs a sentence, or evidence: who permitted what, and where it can be read.",
            code="basis-text-missing",
        )


def read_evidence(text: str) -> str:
    """The evidence as it is recorded: an ``http(s)`` URL in its canonical form, or words; it may be empty.

    Raises ``Invalid`` for any other URL, for what nobody can see, and for a book.
    """
    told = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
    if len(told) > LONGEST_EVIDENCE:
        raise Invalid(
            f"The evidence has {len(told):,} characters, and at most {LONGEST_EVIDENCE:,} are kept: name its URL instead.",
            code="evidence-too-long",
        )
    if not told.replace("\n", "").isprintable():
        raise Invalid(
            "The evidence holds control or invisible characters: write plain text, or an http(s) URL.",
            code="evidence-unprintable",
        )
    return str(Url.parse(told)) if _IS_URL.match(told) and not any(map(str.isspace, told)) else told


def read_withdrawal(by: str, at: datetime, hosted: Hosted, reason: str) -> Withdrawal:
    """A withdrawal, or ``Invalid`` when people are not told why something happens to files they use."""
    why = require_reason(reason)
    if hosted is not Hosted.KEEP and not why:
        raise Invalid(
            "Say why: whoever uses the files, or is asked to remove them, is told the reason.",
            code="reason-missing",
        )
    return Withdrawal(by, at, hosted, why)


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
