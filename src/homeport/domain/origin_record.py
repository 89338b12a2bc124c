"""Origin records: for every hosted file, what is known of how its bytes came here; written once, kept for ever.

1. A record is one canonical JSON object (format ``homeport-origin-1``); its bytes are served as they were written, and
   the ledger entry of the publishing names their sha256. A signature would be one over these bytes.
2. It names people by their user names, which the index shows anyway; no mail addresses, no tokens, no parameters by
   which a URL opens something, none of the words in which a consent was given.
3. A rehosted file has page, fetch, claims, signatures, evidence, inspection, rehost and consent; an uploaded one has who
   sent it, and the inspection. What is not known is ``null``, not left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from homeport.domain.canonical import Plain, canonical_bytes
from homeport.domain.consent import Consent
from homeport.domain.digests import Sha256
from homeport.domain.inspection import Finding, Verdict
from homeport.domain.rehost import Item
from homeport.domain.signature import Signature, is_person
from homeport.domain.strike_out import without_secrets

FORMAT: Final = "homeport-origin-1"


@dataclass(frozen=True)
class Journey:
    """What an arrival knows of its own way here, as the fields of its record."""

    index: str = ""
    fields: Mapping[str, Plain] | None = None


@dataclass(frozen=True, slots=True)
class OriginRecord:
    """The record of one file: whose it is, and the bytes that are kept."""

    filename: str
    sha256: Sha256
    at: datetime
    body: bytes

    @property
    def digest(self) -> Sha256:
        """What the ledger names it by."""
        return Sha256.of(self.body)


_UNKNOWN: Final[Mapping[str, Plain]] = {
    "page": None,
    "fetch": None,
    "claims": [],
    "signatures": [],
    "evidence": None,
    "inspection": None,
    "rehost": None,
    "consent": None,
}


def record_of(  # noqa: PLR0913 - a record says all of this
    journey: Journey,
    *,
    project: str,
    filename: str,
    version: str,
    sha256: Sha256,
    size_bytes: int,
    origin: str,
    by: str,
    at: datetime,
) -> OriginRecord:
    """The record of a file that is published ``at`` this moment ``by`` this user."""
    told: dict[str, Plain] = {
        "format": FORMAT,
        "index": journey.index,
        "project": project,
        "version": version,
        "filename": filename,
        "sha256": sha256.hex,
        "size": size_bytes,
        "origin": origin,
        "published": {"by": by, "at": moment(at)},
        **_UNKNOWN,
        **{name: _struck(value) for name, value in (journey.fields or {}).items()},
    }
    return OriginRecord(filename, sha256, at, canonical_bytes(told))


def _struck(told: Plain) -> Plain:
    """``told`` without the secrets in its texts."""
    if isinstance(told, str):
        return without_secrets(told)
    if isinstance(told, Mapping):
        return {name: _struck(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_struck(value) for value in told]
    return told


def journey_of_upload(index: str, inspector: str, verdict: Verdict, findings: tuple[Finding, ...]) -> Journey:
    """The way of a file that its owner sent."""
    return Journey(index, {"inspection": _inspection(inspector, verdict, findings)})


def journey_of_item(index: str, inspector: str, item: Item, consent: Consent) -> Journey:
    """The way of an item that came home by ``consent``."""
    page: Plain = (
        {"url": item.found_on, "source": item.source, "tls": item.page_is_tls} if item.found_on else None
    )
    fetch = item.fetched.to_json() if item.fetched else {}
    hops: Plain = [{"url": url, "address": address, "status": status} for url, address, status in item.hops]
    evidence = item.evidence
    return Journey(
        index,
        {
            "page": page,
            "fetch": {"asked_url": item.url, "source": item.source, "hops": hops, **fetch},
            "claims": [claim.to_json() for claim in item.claims],
            "declared_sha256": item.declared_sha256 or None,
            "signatures": [_signature(item, one) for one in item.signatures],
            "evidence": {"level": evidence.level.value, "sentence": _nameless(item, evidence.sentence)}
            if evidence
            else None,
            "inspection": _inspection(inspector, item.verdict or Verdict.HOLD, item.findings),
            "rehost": consent.rehost_id,
            "consent": {
                "id": consent.id,
                "by": consent.given_by,
                "basis": consent.basis.value,
                "statement": consent.statement_version,
                "plan": consent.plan_digest.hex,
                "at": moment(consent.given_at),
            },
        },
    )


def _signature(item: Item, signature: Signature) -> dict[str, Plain]:
    signer = signature.signer
    told: Plain = None
    if signer:
        told = {
            "subject": _nameless(item, signer.subject),
            "issuer": signer.issuer,
            "repository": signer.repository,
            "workflow": signer.workflow,
        }
    return {**signature.to_json(), "sentence": _nameless(item, signature.sentence), "signer": told}


def _nameless(item: Item, text: str) -> str:
    """``text`` without the mail addresses of people who signed."""
    for signature in item.signatures:
        if signature.signer and is_person(signature.signer.subject):
            text = text.replace(signature.signer.subject, "a person")
    return text


def _inspection(inspector: str, verdict: Verdict, findings: tuple[Finding, ...]) -> dict[str, Plain]:
    return {
        "inspector": inspector,
        "verdict": verdict.value,
        "findings": [
            {"code": finding.code, "severity": finding.severity.value, "message": finding.message}
            for finding in findings
        ],
    }


def moment(at: datetime) -> str:
    """A point in time as records have it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
