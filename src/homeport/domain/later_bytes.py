"""A plan waits, and meanwhile a source gives other bytes: that is said beside the file, and a person must look (T-11, T-12).

What is published stays what was reviewed. That others were seen since is part of what is shown, so whoever agrees has seen it.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from homeport.domain.inspection import Finding, Severity, verdict_of
from homeport.domain.rehost import Item, Plan
from homeport.domain.sighting import Sighting


def with_later_bytes(plan: Plan, sightings: Iterable[Sighting]) -> Plan:
    """``plan`` with a finding at every file whose address gave other bytes after the plan's own."""
    by_url: dict[str, list[Sighting]] = {}
    for one in sightings:
        by_url.setdefault(one.url, []).append(one)
    if not by_url:
        return plan
    return replace(plan, items=tuple(_told(item, by_url.get(item.url, [])) for item in plan.items))


def _told(item: Item, seen: list[Sighting]) -> Item:
    if item.sha256 is None or item.fetched is None or item.is_published:
        return item
    here_at = datetime.fromisoformat(item.fetched.here_at)
    later = [one for one in seen if one.sha256 != item.sha256.hex and one.last_at > here_at]
    if not later:
        return item
    newest = max(later, key=lambda one: one.last_at)
    sentence = (
        f"Since this plan was made, this URL gave other bytes: sha256 {newest.sha256}, on "
        f"{newest.last_at:%Y-%m-%d at %H:%M} UTC. What is published is what was looked at here, {item.sha256}. Ask whoever "
        "published it which are meant."
    )
    findings = (*item.findings, Finding("other-bytes-since", Severity.HOLD, sentence))
    return replace(item, findings=findings, verdict=verdict_of(findings))
