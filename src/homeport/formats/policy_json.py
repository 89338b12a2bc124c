"""How the policy, proposals and freezes are told to programs: one shape for the API and ``--json``."""

import json
from collections.abc import Iterable, Iterator
from itertools import starmap
from typing import Any

from homeport.domain.freeze import Freeze
from homeport.domain.hosting_policy import FIELDS, FLAGS, Decided, HostingPolicy
from homeport.domain.proposal import Proposal, ProposalState
from homeport.formats.csv_lines import csv_lines
from homeport.formats.management_json import moment

FREEZE_COLUMNS = ("id", "project", "version", "file", "reason", "by", "since", "ended_by", "ended")
DECISION_COLUMNS = ("revision", "by", "at", "reason", *FIELDS)
PROPOSAL_COLUMNS = (
    "id",
    "state",
    "what",
    "act",
    "project",
    "subject",
    "filenames",
    "changes",
    "reason",
    "asked_by",
    "asked",
    "expires",
    "ended_by",
    "ended",
    "answer",
)


def decided_json(decided: Decided) -> dict[str, Any]:
    """A policy, and who decided it."""
    return {
        "revision": decided.revision,
        "by": decided.by or None,
        "at": moment(decided.at) if decided.at else None,
        "reason": decided.reason or None,
        "policy": policy_json(decided.policy),
    }


def policy_json(policy: HostingPolicy) -> dict[str, Any]:
    """Every field of a policy."""
    return {
        "allowed_modes": sorted(policy.allowed_modes),
        "default_mode": policy.default_mode.value,
        "cache_chosen_by": policy.cache_chosen_by.value,
        "cache_ends_on": policy.cache_ends_on.isoformat() if policy.cache_ends_on else None,
        "allow_cache_after_only": policy.allow_cache_after_only,
        "lowest_evidence": policy.lowest_evidence.value,
        "cooling_hours": policy.cooling_hours,
        "two_to_unfreeze": policy.two_to_unfreeze,
        "two_to_delete": policy.two_to_delete,
        "frozen_status": policy.frozen_status.value,
    }


def text_of(name: str, value: object) -> str:
    """A JSON value of that field as ``domain.hosting_policy.read_policy`` reads it; what is no value of a field stays one that is none."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool() if name in FLAGS:
            return "yes" if value else "no"
        case list():
            return ", ".join(text_of(name, one) for one in value)
        case _:
            return json.dumps(value)


def proposal_json(proposal: Proposal, state: ProposalState) -> dict[str, Any]:
    """A proposal and how it stands."""
    return {
        "id": proposal.id,
        "state": state.value,
        "what": proposal.deed.sentence,
        **proposal.deed.to_json(),
        "reason": proposal.reason,
        "asked_by": proposal.asked_by,
        "asked": moment(proposal.asked_at),
        "expires": moment(proposal.expires_at),
        "ended_by": proposal.ended_by or None,
        "ended": moment(proposal.ended_at) if proposal.ended_at else None,
        "answer": proposal.answer or None,
    }


def freeze_json(freeze: Freeze) -> dict[str, Any]:
    """A freeze of a file, or with no ``file`` of a release."""
    return {
        "id": freeze.id,
        "project": freeze.project,
        "version": freeze.version,
        "file": freeze.filename or None,
        "reason": freeze.reason,
        "by": freeze.by,
        "since": moment(freeze.at),
        "ended_by": freeze.ended_by or None,
        "ended": moment(freeze.ended_at) if freeze.ended_at else None,
    }


def freezes_csv(pieces: Iterable[Iterable[Freeze]]) -> Iterator[str]:
    """Freezes, a line each, below the names of the columns (RFC 4180); piece by piece."""
    return csv_lines(FREEZE_COLUMNS, (map(freeze_json, piece) for piece in pieces))


def proposals_csv(pieces: Iterable[Iterable[tuple[Proposal, ProposalState]]]) -> Iterator[str]:
    """Proposals, a line each, piece by piece."""
    return csv_lines(PROPOSAL_COLUMNS, (starmap(proposal_json, piece) for piece in pieces))


def decisions_csv(pieces: Iterable[Iterable[Decided]]) -> Iterator[str]:
    """Policies, a line each, with who decided them; piece by piece."""
    rows = ([{**decided_json(one), **policy_json(one.policy)} for one in piece] for piece in pieces)
    return csv_lines(DECISION_COLUMNS, rows)
