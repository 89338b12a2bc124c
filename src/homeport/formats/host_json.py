"""Hosts as programs are told of them."""

from datetime import UTC, datetime
from typing import Any

from homeport.domain.manners import Host, HostState, Politeness, Taken


def host_json(
    host: Host, state: HostState, domain: str, taken: Taken, politeness: Politeness
) -> dict[str, Any]:
    """A host as administrators are told of it."""
    frozen, robots = host.frozen, host.robots
    return {
        "name": host.name,
        "state": state.value,
        "asked": _text(host.asked_at),
        "next_turn": _text(host.next_at),
        "held_until": _text(host.held_until),
        "failures": host.failures,
        "resting_until": _text(host.resting_until),
        "problem": host.problem or None,
        "robots": {
            "status": robots.status.value or None,
            "until": _text(robots.until),
            "crawl_delay": robots.crawl_delay_seconds,
            "rules": robots.rules,
            "problem": robots.problem or None,
        },
        "frozen": {"at": _text(frozen.at), "by": frozen.by, "reason": frozen.reason} if frozen else None,
        "today": {
            "host_bytes": taken.host_bytes,
            "host_budget": politeness.host_bytes,
            "domain": domain,
            "domain_bytes": taken.domain_bytes,
            "domain_budget": politeness.domain_bytes,
        },
    }


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
