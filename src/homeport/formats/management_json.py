"""How projects, rehosts and the ledger are told to programs: one shape for the API and for ``--json``."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from homeport.domain.consent import Consent
from homeport.domain.digests import Sha256
from homeport.domain.ledger import Sealed
from homeport.domain.offer import Facts
from homeport.domain.plan_expiry import expires_at
from homeport.domain.project import Project, Role
from homeport.domain.rehost import Item, Plan, Rehost
from homeport.domain.release import HostedFile
from homeport.domain.source import Source


def moment(at: datetime) -> str:
    """A point in time, UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def project_json(
    project: Project,
    members: Iterable[tuple[str, Role]],
    files: Iterable[HostedFile],
    sources: Iterable[Source],
    versions: Iterable[str],
) -> dict[str, Any]:
    """A project, its people by role, its hosted files, and where it looks for others."""
    return {
        "name": project.name.display,
        "normalized": project.name.normalized,
        "mode": project.mode.value,
        "status": project.status.value,
        "status_reason": project.status_reason or None,
        "private": project.is_private,
        "serial": project.serial,
        "created": moment(project.created_at),
        "members": [{"user": user, "role": role.value} for user, role in members],
        "sources": [source_json(source) for source in sources],
        "versions": list(versions),
        "files": [file_json(file) for file in files],
    }


def source_json(source: Source) -> dict[str, Any]:
    """A source: of its token, only whether it has one."""
    return {
        "kind": source.kind.value,
        "url": source.url,
        "filters": source.filters.to_json(),
        "has_token": source.has_token,
    }


def file_json(file: HostedFile) -> dict[str, Any]:
    """A hosted file."""
    return {
        "filename": file.filename,
        "version": file.version.text,
        "kind": file.kind.value,
        "size": file.size_bytes,
        "sha256": file.digests.sha256.hex,
        "origin": file.origin.value,
        "published": moment(file.published_at),
        "requires_python": file.requires_python,
        "yanked": file.yanked,
    }


def rehost_json(rehost: Rehost) -> dict[str, Any]:
    """A rehost as it stands, without its plan."""
    return {
        "id": rehost.id,
        "project": rehost.project,
        "purpose": rehost.purpose.value,
        "version": rehost.version or None,
        "state": rehost.state.value,
        "tries": rehost.tries,
        "asked_by": rehost.asked_by,
        "created": moment(rehost.created_at),
        "changed": moment(rehost.changed_at),
        "problem": rehost.problem or None,
        "problem_code": rehost.problem_code or None,
        "expires": _moment_or_none(expires_at(rehost)),
    }


def plan_json(rehost: Rehost, plan: Plan, digest: Sha256, consent: Consent | None) -> dict[str, Any]:
    """A rehost with everything a maintainer is shown. ``plan_digest`` is what an acceptance names."""
    return {
        **rehost_json(rehost),
        "plan_digest": digest.hex,
        "items": [item_json(item) for item in plan.items],
        "not_taken": [
            {"url": entry.url, "found_on": entry.found_on, "code": entry.code, "reason": entry.sentence}
            for entry in plan.not_taken
        ],
        "visits": [
            {
                "url": visit.url,
                "source": visit.source,
                "status": visit.status,
                "links": visit.links,
                "problem": visit.problem or None,
            }
            for visit in plan.visits
        ],
        "consent": _consent_json(consent) if consent else None,
    }


def item_json(item: Item) -> dict[str, Any]:
    """One item of a plan."""
    return {
        "id": item.id,
        "filename": item.filename,
        "version": item.version.text,
        "kind": item.kind,
        "url": item.url,
        "found_on": item.found_on or None,
        "source": item.source,
        "claimed": {claim.algorithm: claim.value for claim in item.claims},
        "claims": [claim.to_json() for claim in item.claims],
        "signatures": [signature.to_json() for signature in item.signatures],
        "fetched": item.fetched.to_json() if item.fetched else None,
        "bytes": item.bytes.value,
        "problem": item.problem or None,
        "hops": [{"url": url, "address": address, "status": status} for url, address, status in item.hops],
        "sha256": item.sha256.hex if item.sha256 else None,
        "size": item.size_bytes if item.sha256 else None,
        "facts": facts_json(item.facts),
        "evidence": {"level": item.evidence.level.value, "reason": item.evidence.sentence}
        if item.evidence
        else None,
        "verdict": item.verdict.value if item.verdict else None,
        "findings": findings_json(item),
        "change": item.change or None,
        "declared_sha256": item.declared_sha256 or None,
        "obstacles": list(item.obstacles),
        "decision": item.decision.value,
        "published": item.is_published,
        "tries": item.tries,
        "next_try": _moment_or_none(item.next_try_at),
    }


def facts_json(facts: Facts) -> dict[str, Any]:
    """What places say of a file beside its hashes; what nobody said is left out."""
    said = {
        "size": facts.size_bytes,
        "uploaded": moment(facts.uploaded_at) if facts.uploaded_at else None,
        "requires_python": facts.requires_python or None,
        "yanked": facts.yanked,
        "tag": facts.tag or None,
        "prerelease": facts.is_prerelease or None,
        "seen_by": list(facts.seen_by) or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def findings_json(item: Item) -> list[dict[str, str]]:
    """What inspection found."""
    return [{"code": f.code, "severity": f.severity.value, "message": f.message} for f in item.findings]


def ledger_json(entries: Iterable[Sealed]) -> list[dict[str, Any]]:
    """Ledger entries: what they say, and their hashes."""
    return [
        {**json.loads(entry.body), "leaf_hash": entry.leaf_hash, "chain_hash": entry.chain_hash}
        for entry in entries
    ]


def problem_json(
    status: int, title: str, sentence: str, code: str, problems: Sequence[str]
) -> dict[str, Any]:
    """A refusal as RFC 9457 writes it, with our stable code and every single problem."""
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": sentence,
        "code": code,
        "problems": list(problems),
    }


def _consent_json(consent: Consent) -> dict[str, Any]:
    withdrawal = consent.withdrawal
    return {
        "given_by": consent.given_by,
        "basis": consent.basis.value,
        "text": consent.text,
        "evidence": consent.evidence or None,
        "serial": consent.serial or None,
        "statement_version": consent.statement_version,
        "plan_digest": consent.plan_digest.hex,
        "given": moment(consent.given_at),
        "withdrawn": _moment_or_none(consent.withdrawn_at),
        "withdrawal": {
            "by": withdrawal.by,
            "hosted": withdrawal.hosted.value,
            "reason": withdrawal.reason,
        }
        if withdrawal
        else None,
    }


def _moment_or_none(at: datetime | None) -> str | None:
    return moment(at) if at else None
