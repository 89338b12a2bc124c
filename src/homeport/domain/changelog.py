"""The ledger in the words of PyPI's changelog, which mirrors follow.

1. An entry is told when it changed what anybody reads of a project; consents and refusals are not, and neither is
   what concerns the index as a whole. Every kind stands in exactly one of the two lists.
2. A mirror asks for pages that are at least as new as the entry it was told of: an entry that is told has its
   serial, or a greater one, on the project's page.
3. The words are Warehouse's where it has some (standards A.15), and those of 2013 for hosting modes and links.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeport.domain.ledger import Kind, Sealed
from homeport.domain.names import ReleaseVersion
from homeport.domain.project import ProjectStatus, Role
from homeport.domain.release_page import python_version


@dataclass(frozen=True, slots=True)
class Change:
    """One entry as mirrors are told it; ``project`` is in PEP 503 form, ``version`` is normalized and may be empty."""

    serial: int
    project: str
    version: str
    at: datetime
    actions: tuple[str, ...]


def change_of(sealed: Sealed) -> Change | None:
    """What mirrors are told of an entry, or ``None``."""
    entry = json.loads(sealed.body)
    kind, details = Kind(entry["kind"]), entry["details"]
    if not entry["project"] or kind in UNTOLD:
        return None
    version = ReleaseVersion.parse_legacy(details["version"]).normalized if "version" in details else ""
    return Change(sealed.seq, entry["project"], version, written_at(sealed), tuple(TOLD[kind](details)))


def written_at(sealed: Sealed) -> datetime:
    """The moment that the entry bears."""
    return datetime.fromisoformat(json.loads(sealed.body)["at"])


def _role(verb: str) -> Callable[[Mapping[str, Any]], Sequence[str]]:
    def told(details: Mapping[str, Any]) -> Sequence[str]:
        if not Role(details["role"]).maintains:
            # Who may read a private project is nobody's business, later either.
            return ["update readers"]
        return [f"{verb} {details['role'].capitalize()} {details['user']}"]

    return told


def _file_published(details: Mapping[str, Any]) -> Sequence[str]:
    return [f"add {python_version(details['filename'])} file {details['filename']}"]


def _of_file(verb: str) -> Callable[[Mapping[str, Any]], Sequence[str]]:
    return lambda details: [f"{verb} file {details['filename']}"]


def _links_listed(details: Mapping[str, Any]) -> Sequence[str]:
    return [f"add url {url}" for url in details["links"]] or ["update urls"]


def _status_changed(details: Mapping[str, Any]) -> Sequence[str]:
    if details["to"] == ProjectStatus.QUARANTINED:
        return ["project quarantined"]
    if details["from"] == ProjectStatus.QUARANTINED:
        return ["project quarantine cleared"]
    return [f"project marked {details['to']}"]


def _visibility_changed(details: Mapping[str, Any]) -> Sequence[str]:
    return ["project made private" if details["private"] else "project made public"]


def _always(action: str) -> Callable[[Mapping[str, Any]], Sequence[str]]:
    return lambda details: [action]  # noqa: ARG005 - as the others have it


TOLD: Mapping[Kind, Callable[[Mapping[str, Any]], Sequence[str]]] = {
    Kind.PROJECT_CREATED: _always("create"),
    Kind.ROLE_GRANTED: _role("add"),
    Kind.ROLE_REVOKED: _role("remove"),
    Kind.MODE_CHANGED: _always("update hosting_mode"),
    Kind.SOURCE_ADDED: _always("update sources"),
    Kind.SOURCE_CHANGED: _always("update sources"),
    Kind.SOURCE_REMOVED: _always("update sources"),
    Kind.STANDING_CONSENT_NARROWED: _always("update standing consent"),
    Kind.STANDING_CONSENT_GIVEN: _always("update standing consent"),
    Kind.STANDING_CONSENT_WITHDRAWN: _always("update standing consent"),
    Kind.RELEASE_REGISTERED: _always("new release"),
    Kind.FILE_PUBLISHED: _file_published,
    Kind.FILE_REMOVED: _of_file("remove"),
    Kind.LINKS_LISTED: _links_listed,
    Kind.RELEASE_YANKED: _always("yank release"),
    Kind.RELEASE_UNYANKED: _always("unyank release"),
    Kind.RELEASE_REMOVED: _always("remove release"),
    Kind.FILE_FROZEN: _of_file("freeze"),
    Kind.FILE_UNFROZEN: _of_file("unfreeze"),
    Kind.RELEASE_FROZEN: _always("freeze release"),
    Kind.RELEASE_UNFROZEN: _always("unfreeze release"),
    Kind.STATUS_CHANGED: _status_changed,
    Kind.VISIBILITY_CHANGED: _visibility_changed,
}
UNTOLD = frozenset(
    {
        Kind.USER_ADDED,
        Kind.ADMINISTRATOR_MADE,
        Kind.ADMINISTRATOR_UNMADE,
        Kind.CONSENT_GIVEN,
        Kind.CONSENT_WITHDRAWN,
        Kind.REHOST_REFUSED,
        Kind.REMOVAL_DECLINED,
        Kind.REHOST_COMPLETED,
        Kind.QUOTA_CHANGED,
        Kind.ROLE_INVITED,
        Kind.INVITATION_ENDED,
        Kind.ORGANISATION_CREATED,
        Kind.ORGANISATION_ROLE_GRANTED,
        Kind.ORGANISATION_ROLE_REVOKED,
        Kind.PROJECT_TRANSFERRED,
        Kind.TEAM_CHANGED,
        Kind.TOKEN_CREATED,
        Kind.TOKEN_REVOKED,
        Kind.PASSWORD_CHANGED,
        Kind.PASSWORD_LINK_MADE,
        Kind.EMAIL_VERIFIED,
        Kind.EMAIL_CHANGED,
        Kind.USER_DISABLED,
        Kind.USER_ENABLED,
        Kind.SECOND_FACTOR_ADDED,
        Kind.SECOND_FACTOR_REMOVED,
        Kind.SIGNING_KEY_ADDED,
        Kind.SIGNING_KEY_REMOVED,
        Kind.SIGNING_IDENTITY_ADDED,
        Kind.SIGNING_IDENTITY_REMOVED,
        Kind.SURVEY_FINISHED,
        Kind.DRIFT_SEEN,
        Kind.HOST_FROZEN,
        Kind.HOST_UNFROZEN,
        Kind.HOST_REST_CHANGED,
        Kind.CONSENT_VOIDED,
        Kind.EXEMPTION_EXTENDED,
        Kind.POLICY_CHANGED,
        Kind.PROPOSAL_MADE,
        Kind.PROPOSAL_ENDED,
        Kind.WEBHOOK_ADDED,
        Kind.WEBHOOK_CHANGED,
        Kind.WEBHOOK_REMOVED,
        Kind.RECEIVER_ADDED,
        Kind.RECEIVER_CHANGED,
        Kind.RECEIVER_REMOVED,
        Kind.CAMPAIGN_CHANGED,
        Kind.CAMPAIGN_STEP_BEGUN,
        Kind.CAMPAIGN_ANNOUNCED,
        Kind.CAMPAIGN_TOLD,
    }
)
