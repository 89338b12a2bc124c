"""The ledger: append-only entries, their canonical bytes, the hash chain, and its verification.

1. Every publishing and every change of mode, consent or role is exactly one entry, written in the
   transaction that makes the change (I-16).
2. An entry's bytes never change (I-03). ``leaf_hash`` is the RFC 6962 leaf hash of these bytes, so that the
   same entries can be the leaves of a Merkle log; ``chain_hash`` links each entry to all before it.
3. Entries name things by what never changes: project names in PEP 503 form, file names, digests, user names.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from homeport.domain.canonical import Plain, canonical_bytes

FORMAT = "homeport-ledger-1"
GENESIS = hashlib.sha256(FORMAT.encode()).hexdigest()


class Kind(StrEnum):
    """What an entry records. New kinds are appended; a kind's fields only grow."""

    USER_ADDED = "user-added"
    PROJECT_CREATED = "project-created"
    ROLE_GRANTED = "role-granted"
    MODE_CHANGED = "mode-changed"
    SOURCE_ADDED = "source-added"
    RELEASE_REGISTERED = "release-registered"
    FILE_PUBLISHED = "file-published"
    STANDING_CONSENT_GIVEN = "standing-consent-given"
    CONSENT_GIVEN = "consent-given"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    REHOST_REFUSED = "rehost-refused"
    REHOST_COMPLETED = "rehost-completed"
    LINKS_LISTED = "links-listed"
    ADMINISTRATOR_MADE = "administrator-made"
    ADMINISTRATOR_UNMADE = "administrator-unmade"
    RELEASE_YANKED = "release-yanked"
    RELEASE_UNYANKED = "release-unyanked"
    STATUS_CHANGED = "status-changed"
    VISIBILITY_CHANGED = "visibility-changed"
    FILE_REMOVED = "file-removed"
    QUOTA_CHANGED = "quota-changed"
    ROLE_INVITED = "role-invited"
    INVITATION_ENDED = "invitation-ended"
    ROLE_REVOKED = "role-revoked"
    ORGANISATION_CREATED = "organisation-created"
    ORGANISATION_ROLE_GRANTED = "organisation-role-granted"
    ORGANISATION_ROLE_REVOKED = "organisation-role-revoked"
    PROJECT_TRANSFERRED = "project-transferred"
    TEAM_CHANGED = "team-changed"
    TOKEN_CREATED = "token-created"  # noqa: S105 - the name of a kind
    TOKEN_REVOKED = "token-revoked"  # noqa: S105 - the name of a kind
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - the name of a kind
    EMAIL_VERIFIED = "email-verified"
    EMAIL_CHANGED = "email-changed"
    PASSWORD_LINK_MADE = "password-link-made"  # noqa: S105 - the name of a kind
    USER_DISABLED = "user-disabled"
    USER_ENABLED = "user-enabled"
    SECOND_FACTOR_ADDED = "second-factor-added"
    SECOND_FACTOR_REMOVED = "second-factor-removed"
    RELEASE_REMOVED = "release-removed"
    SOURCE_CHANGED = "source-changed"
    SOURCE_REMOVED = "source-removed"
    STANDING_CONSENT_NARROWED = "standing-consent-narrowed"
    SIGNING_KEY_ADDED = "signing-key-added"
    SIGNING_KEY_REMOVED = "signing-key-removed"
    SIGNING_IDENTITY_ADDED = "signing-identity-added"
    SIGNING_IDENTITY_REMOVED = "signing-identity-removed"
    SURVEY_FINISHED = "survey-finished"
    DRIFT_SEEN = "drift-seen"
    HOST_FROZEN = "host-frozen"
    HOST_UNFROZEN = "host-unfrozen"
    HOST_REST_CHANGED = "host-rest-changed"
    CONSENT_VOIDED = "consent-voided"
    EXEMPTION_EXTENDED = "exemption-extended"
    REMOVAL_DECLINED = "removal-declined"
    WEBHOOK_ADDED = "webhook-added"
    WEBHOOK_CHANGED = "webhook-changed"
    WEBHOOK_REMOVED = "webhook-removed"
    RECEIVER_ADDED = "receiver-added"
    RECEIVER_CHANGED = "receiver-changed"
    RECEIVER_REMOVED = "receiver-removed"
    STANDING_CONSENT_WITHDRAWN = "standing-consent-withdrawn"
    CAMPAIGN_CHANGED = "campaign-changed"
    CAMPAIGN_STEP_BEGUN = "campaign-step-begun"
    CAMPAIGN_ANNOUNCED = "campaign-announced"
    CAMPAIGN_TOLD = "campaign-told"
    POLICY_CHANGED = "policy-changed"
    PROPOSAL_MADE = "proposal-made"
    PROPOSAL_ENDED = "proposal-ended"
    FILE_FROZEN = "file-frozen"
    FILE_UNFROZEN = "file-unfrozen"
    RELEASE_FROZEN = "release-frozen"
    RELEASE_UNFROZEN = "release-unfrozen"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is written: ``seq`` counts from 1 without gaps, ``project`` is empty for the index itself."""

    seq: int
    at: datetime
    kind: Kind
    actor: str
    project: str
    details: Mapping[str, Plain]

    def to_bytes(self) -> bytes:
        """The canonical bytes that are hashed and kept."""
        return canonical_bytes(
            {
                "format": FORMAT,
                "seq": self.seq,
                "at": self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "kind": self.kind.value,
                "actor": self.actor,
                "project": self.project,
                "details": self.details,
            }
        )


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry as it is kept. Hashes are lower-case hex."""

    seq: int
    body: bytes
    leaf_hash: str
    chain_hash: str


def leaf_hash(body: bytes) -> str:
    """RFC 6962 §2.1: the hash of a leaf is prefixed with a zero byte."""
    return hashlib.sha256(b"\x00" + body).hexdigest()


def chain_hash(previous: str, leaf: str) -> str:
    """The hash that stands for an entry and everything before it."""
    return hashlib.sha256(bytes.fromhex(previous) + bytes.fromhex(leaf)).hexdigest()


def seal(entry: Entry, previous_chain_hash: str) -> Sealed:
    """``entry`` with its hashes, linked to what stands before it (``GENESIS`` for the first)."""
    body = entry.to_bytes()
    leaf = leaf_hash(body)
    return Sealed(entry.seq, body, leaf, chain_hash(previous_chain_hash, leaf))


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of reading a ledger from its beginning; ``problem`` is empty when every link holds."""

    entries: int
    head: str
    problem: str = ""


def verify(entries: Iterable[Sealed]) -> Verification:
    """Recompute every hash in order; stop at the first entry that is missing, changed or out of place."""
    head, count = GENESIS, 0
    for sealed in entries:
        if sealed.seq != count + 1:
            return Verification(
                count, head, f"Entry {count + 1} is missing: entry {sealed.seq} stands in its place."
            )
        leaf = leaf_hash(sealed.body)
        if leaf != sealed.leaf_hash or chain_hash(head, leaf) != sealed.chain_hash:
            return Verification(
                count, head, f"Entry {sealed.seq} was changed: its hashes do not match its bytes."
            )
        head, count = sealed.chain_hash, sealed.seq
    return Verification(count, head)
