"""Signatures over release files: who made them, and whom a project's maintainers named.

1. A signature that was made over other bytes is *bad*, and rejects the file: somebody signed something else.
2. One that cannot be verified (an unknown key, an authority that is not trusted, an expired key) proves nothing either
   way: it is recorded with the reason, and gives no level.
3. A good signature gives a level only when a maintainer named its signer for the project: anybody can sign anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from homeport.domain.errors import Invalid
from homeport.domain.neighbour import NeighbourKind

GITHUB: Final = "https://token.actions.githubusercontent.com"
GITLAB: Final = "https://gitlab.com"
_FORGES: Final[Mapping[str, tuple[str, str]]] = {
    "github": (GITHUB, "https://github.com/"),
    "gitlab": (GITLAB, "https://gitlab.com/"),
}
_MAX_TEXT = 500


class Outcome(StrEnum):
    """What came of looking at a signature."""

    GOOD = "good"
    BAD = "bad"  # made over other bytes
    UNVERIFIED = "unverified"  # nothing can be said


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, as the certificate or the key says.

    For Sigstore ``issuer`` vouches for ``subject``; ``repository`` and ``workflow`` are those of a forge's publisher.
    For OpenPGP ``subject`` is the fingerprint of the key.
    """

    subject: str
    issuer: str = ""
    repository: str = ""
    workflow: str = ""

    def __str__(self) -> str:
        if self.repository:
            return f"{self.repository} ({self.workflow})" if self.workflow else self.repository
        return f"{self.subject} ({self.issuer})" if self.issuer else self.subject


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of one signature in a document, and who made it as far as that can be said."""

    outcome: Outcome
    sentence: str
    signer: Signer | None = None


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What an OpenPGP certificate says of itself; ``problem`` says why it cannot be registered."""

    fingerprint: str = ""
    armoured: str = ""
    user_ids: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature that lies beside a file, and what came of it; ``document_sha256`` is that of the signature itself.

    ``is_named``: a maintainer named this signer for the project before these bytes were looked at.
    """

    kind: NeighbourKind
    url: str
    outcome: Outcome
    sentence: str
    signer: Signer | None = None
    is_named: bool = False
    document_sha256: str = ""

    @property
    def proves(self) -> bool:
        """True when it is good, and made by somebody whom a maintainer named."""
        return self.outcome is Outcome.GOOD and self.is_named

    def to_json(self) -> dict[str, Any]:
        """The signature, for storing and for people's scripts."""
        signer = self.signer
        return {
            "kind": self.kind.value,
            "url": self.url,
            "outcome": self.outcome.value,
            "sentence": self.sentence,
            "signer": [signer.subject, signer.issuer, signer.repository, signer.workflow] if signer else None,
            "named": self.is_named,
            "document_sha256": self.document_sha256,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Signature":
        """What :meth:`to_json` made."""
        return cls(
            NeighbourKind(stored["kind"]),
            stored["url"],
            Outcome(stored["outcome"]),
            stored["sentence"],
            Signer(*stored["signer"]) if stored["signer"] else None,
            stored["named"],
            stored["document_sha256"],
        )


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An OpenPGP certificate that a maintainer registered for a project; ``fingerprint`` is its primary key's."""

    fingerprint: str
    armoured: str
    by: str
    at: datetime
    user_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """A Sigstore identity that an owner named for a project.

    A ``repository``, as the forge's own URL of it, with a ``workflow`` file or any; or else exactly one ``subject``.
    """

    issuer: str
    repository: str = ""
    workflow: str = ""
    subject: str = ""
    by: str = ""
    at: datetime | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from others."""
        return self.issuer, self.repository, self.workflow, self.subject

    def __str__(self) -> str:
        if self.repository:
            return f"{self.repository} ({self.workflow})" if self.workflow else self.repository
        return f"{self.subject} ({self.issuer})"

    def is_of(self, signer: Signer) -> bool:
        """True when ``signer`` is who was named."""
        if self.issuer != signer.issuer:
            return False
        if not self.repository:
            return self.subject == signer.subject
        # Forges take the names of owners and repositories in any case; the name of a workflow is a file's.
        return self.repository.lower() == signer.repository.lower() and self.workflow in {"", signer.workflow}


def repository_identity(repository: str, workflow: str = "", forge: str = "github") -> SigningIdentity:
    """The identity of a repository's workflows: ``owner/name``, as its forge signs them; or ``Invalid``."""
    if forge not in _FORGES:
        raise Invalid(
            f"{forge[:40]!r} is no forge whose identities are known: github or gitlab.", code="forge-unknown"
        )
    issuer, root = _FORGES[forge]
    slug = repository.strip().removeprefix(root).strip("/")
    parts = slug.split("/")
    if len(parts) < 2 or not all(map(_is_slug, parts)) or (forge == "github" and len(parts) != 2):  # noqa: PLR2004
        raise Invalid(
            f"{repository[:80]!r} is not a repository: owner/name is wanted.", code="repository-invalid"
        )
    file = workflow.strip()
    if file and (len(file) > _MAX_TEXT or not all(map(_is_slug, file.split("/")))):
        raise Invalid(
            f"{workflow[:80]!r} is not the file of a workflow: release.yml, for example.",
            code="workflow-invalid",
        )
    return SigningIdentity(issuer, root + slug, file)


def person_identity(subject: str, issuer: str) -> SigningIdentity:
    """The identity of one person or service, as its ``issuer`` (a URL) knows it; or ``Invalid``."""
    subject, issuer = subject.strip(), issuer.strip()
    is_url = urlsplit(issuer).scheme == "https" and bool(urlsplit(issuer).hostname)
    if not subject or not is_url or max(len(subject), len(issuer)) > _MAX_TEXT:
        raise Invalid(
            "An identity is a subject, like a mail address, and the https URL of who vouches for it.",
            code="identity-invalid",
        )
    return SigningIdentity(issuer, subject=subject)


def is_person(subject: str) -> bool:
    """True when ``subject`` is somebody's mail address, which is nobody else's business."""
    return "@" in subject and "://" not in subject


def is_named(
    signature_kind: NeighbourKind,
    signer: Signer | None,
    keys: Iterable[SigningKey],
    identities: Iterable[SigningIdentity],
) -> bool:
    """True when maintainers named ``signer`` for the kind of signature that it made."""
    if signer is None:
        return False
    if signature_kind is NeighbourKind.OPENPGP:
        return any(key.fingerprint == signer.subject for key in keys)
    return any(identity.is_of(signer) for identity in identities)


def _is_slug(part: str) -> bool:
    return (
        bool(part)
        and part.strip(".") != ""
        and all(c.isascii() and (c.isalnum() or c in "._-") for c in part)
    )
