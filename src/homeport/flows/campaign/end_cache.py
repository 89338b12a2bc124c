"""With the day of a phase-out ``pypi-cache`` ends on the index: the policy says so, or projects would come back to it."""

from dataclasses import replace
from datetime import datetime

from homeport.domain.campaign import Campaign
from homeport.domain.hosting import HostingMode
from homeport.flows.policies import record_policy
from homeport.ports.store import Transaction


def end_cache(tx: Transaction, campaign: Campaign, *, by: str, now: datetime) -> None:
    """Let nobody choose ``pypi-cache`` from now on, and tell administrators; nothing where the policy says that already."""
    before, today = tx.policies.current(), now.date()
    after = replace(
        before,
        allow_cache_after_only=False,
        cache_ends_on=min(before.cache_ends_on or today, today),
        default_mode=HostingMode.ONLY,
    )
    if after != before:
        record_policy(tx, after, f"{campaign.title}: {campaign.reason}", by=by, at=now)
