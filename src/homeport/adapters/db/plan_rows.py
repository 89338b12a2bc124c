"""How a plan's items are written into rows, and read back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Row

from homeport.domain.claim import Claim
from homeport.domain.digests import Sha256
from homeport.domain.evidence import Evidence, Level
from homeport.domain.fetch_facts import FetchFacts
from homeport.domain.inspection import Finding, Severity, Verdict
from homeport.domain.names import ReleaseVersion
from homeport.domain.neighbour import Neighbour
from homeport.domain.offer import Facts
from homeport.domain.rehost import Bytes, Decision, Item, NotTaken, Visit
from homeport.domain.signature import Signature


def item_values(item: Item) -> dict[str, Any]:
    """The columns of ``item``, without its keys."""
    return {
        "filename": item.filename,
        "version": item.version.text,
        "kind": item.kind,
        "url": item.url,
        "found_on": item.found_on,
        "source": item.source,
        "page_is_tls": item.page_is_tls,
        "page_is_loopback": item.page_is_loopback,
        "claims": [claim.to_json() for claim in item.claims],
        "neighbours": [neighbour.to_json() for neighbour in item.neighbours],
        "signatures": [signature.to_json() for signature in item.signatures],
        "fetched": item.fetched.to_json() if item.fetched else None,
        "bytes": item.bytes.value,
        "problem": item.problem,
        "hops": [list(hop) for hop in item.hops],
        "sha256": item.sha256.hex if item.sha256 else None,
        "size_bytes": item.size_bytes,
        "evidence": [item.evidence.level.value, item.evidence.sentence, item.evidence.is_loopback]
        if item.evidence
        else None,
        "verdict": item.verdict.value if item.verdict else None,
        "findings": [[f.code, f.severity.value, f.message] for f in item.findings],
        "change": item.change,
        "declared_sha256": item.declared_sha256,
        "decision": item.decision.value,
        "is_published": item.is_published,
        "facts": facts_to_json(item.facts),
        "tries": item.tries,
        "next_try_at": item.next_try_at,
    }


def evidence_from_json(stored: Sequence[Any]) -> Evidence:
    """The evidence that a row holds."""
    level, sentence, is_loopback = stored
    return Evidence(Level(level), sentence, is_loopback)


def item_from_row(row: Row[Any]) -> Item:
    """The item a row holds."""
    return Item(
        id=row.id,
        filename=row.filename,
        version=ReleaseVersion.parse_legacy(row.version),
        kind=row.kind,
        url=row.url,
        found_on=row.found_on,
        source=row.source,
        page_is_tls=row.page_is_tls,
        page_is_loopback=row.page_is_loopback,
        claims=tuple(map(Claim.from_json, row.claims)),
        neighbours=tuple(map(Neighbour.from_json, row.neighbours)),
        signatures=tuple(map(Signature.from_json, row.signatures)),
        fetched=FetchFacts.from_json(row.fetched) if row.fetched else None,
        bytes=Bytes(row.bytes),
        problem=row.problem,
        hops=tuple((url, address, status) for url, address, status in row.hops),
        sha256=Sha256(row.sha256) if row.sha256 else None,
        size_bytes=row.size_bytes,
        evidence=evidence_from_json(row.evidence) if row.evidence else None,
        verdict=Verdict(row.verdict) if row.verdict else None,
        findings=tuple(
            Finding(code, Severity(severity), message) for code, severity, message in row.findings
        ),
        change=row.change,
        declared_sha256=row.declared_sha256,
        decision=Decision(row.decision),
        is_published=row.is_published,
        facts=facts_from_json(row.facts),
        tries=row.tries,
        next_try_at=row.next_try_at,
    )


def facts_to_json(facts: Facts) -> dict[str, Any]:
    """What is known of ``facts``; nothing is written of the rest."""
    known = {
        "size": facts.size_bytes,
        "uploaded": facts.uploaded_at.isoformat() if facts.uploaded_at else None,
        "requires_python": facts.requires_python or None,
        "yanked": facts.yanked,
        "tag": facts.tag or None,
        "prerelease": facts.is_prerelease or None,
        "seen_by": list(facts.seen_by) or None,
    }
    return {name: value for name, value in known.items() if value is not None}


def facts_from_json(stored: Mapping[str, Any]) -> Facts:
    """What :func:`facts_to_json` wrote."""
    if not stored:
        return Facts()
    uploaded = stored.get("uploaded")
    return Facts(
        size_bytes=stored.get("size"),
        uploaded_at=datetime.fromisoformat(uploaded) if uploaded else None,
        requires_python=stored.get("requires_python", ""),
        yanked=stored.get("yanked"),
        tag=stored.get("tag", ""),
        is_prerelease=stored.get("prerelease", False),
        seen_by=tuple(stored.get("seen_by", ())),
    )


def not_taken_from_json(stored: Iterable[list[str]]) -> tuple[NotTaken, ...]:
    """What was not taken, as it was written."""
    return tuple(NotTaken(*entry) for entry in stored)


def visits_from_json(stored: Iterable[list[Any]]) -> tuple[Visit, ...]:
    """The visits, as they were written."""
    return tuple(Visit(*entry) for entry in stored)
