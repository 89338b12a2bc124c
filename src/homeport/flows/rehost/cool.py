"""Files that were agreed to wait for the end of the cooling time that the index's policy has.

1. Until then whoever maintains the project may withdraw the consent, and nothing was public (``domain/hosting_policy``).
2. The policy of the moment holds, for what waits already, too: with a longer time it waits on, with a shorter one it is
   published when that has passed, and those who were told a later moment are told the sooner one.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from homeport.domain.consent import Consent
from homeport.domain.project import Project
from homeport.domain.rehost import Decision, Purpose, Rehost, State
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell_members, write_notice
from homeport.ports.jobs import Job, Work
from homeport.ports.store import Transaction


def cooled_at(tx: Transaction, rehost: Rehost, consent: Consent | None) -> datetime | None:
    """When files of ``rehost`` are published that wait for the end of the cooling time; ``None`` when none do.

    What a call brings home was agreed to by the standing consent, which has cooled by then (``settle``).
    """
    cooling = tx.policies.current().cooling_time
    if consent is None or not cooling or not _may_wait(rehost):
        return None
    return consent.given_at + cooling


def waits_to_cool(tx: Transaction, rehost: Rehost, now: datetime) -> bool:
    """True while the policy lets the consent cool, which is looked at again when that is over."""
    cooled = cooled_at(tx, rehost, tx.rehosts.consent(rehost.id))
    if cooled is None or cooled <= now:
        return False
    _publish_at(tx, rehost, cooled, now)
    return True


def cool_sooner(tx: Transaction, now: datetime) -> None:
    """The policy's cooling time became shorter: what waits is published when it has passed."""
    for rehost in filter(_may_wait, tx.rehosts.running()):
        cooled = cooled_at(tx, rehost, tx.rehosts.consent(rehost.id)) or now
        _publish_at(tx, rehost, cooled, now)
        if cooled > now:
            items = tx.rehosts.plan(rehost).items
            chosen = [item.filename for item in items if item.decision is Decision.ACCEPT]
            tell_of_cooling(tx, find_project(tx, rehost.project), rehost, chosen, now)


def tell_of_cooling(
    tx: Transaction, project: Project, rehost: Rehost, filenames: Sequence[str], now: datetime
) -> None:
    """Who else maintains the project hears of what will be published, while it can be withdrawn."""
    consent = tx.rehosts.consent(rehost.id)
    cooled = cooled_at(tx, rehost, consent)
    if consent is not None and cooled is not None:
        facts = {
            "project": project.name.display,
            "actor": consent.given_by,
            "cooled": f"{cooled:%Y-%m-%d %H:%M} UTC",
            "files": list(filenames),
        }
        notice = write_notice("consent-cooling", facts, path=f"/manage/rehosts/{rehost.id}", at=now)
        tell_members(tx, project, notice, but_not=consent.given_by)


def _may_wait(rehost: Rehost) -> bool:
    return rehost.state is State.CONSENTED and rehost.purpose is Purpose.HISTORY


def _publish_at(tx: Transaction, rehost: Rehost, moment: datetime, now: datetime) -> None:
    again = replace(rehost, tries=rehost.tries + 1)
    tx.rehosts.put(again)
    delay = max(0.0, (moment - now).total_seconds())
    tx.jobs.enqueue(Job(Work.PUBLISH_REHOST, rehost.id, again.tries, delay_seconds=delay))
