"""What the clock does about standing consents: who maintains a project is told before one ends, and when it is over.

1. Each is looked at again in the transaction that writes: it may have been renewed or withdrawn meanwhile.
2. What was told is written with the telling: a kill before tells nobody, one after tells nobody twice.
3. It ends by itself, to the second; nothing is done to what is hosted.
4. No single consent stops the others: one that meets what nobody expected is told of, and due again.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from homeport.domain.errors import Unavailable
from homeport.domain.project import Project
from homeport.domain.standing_consent import StandingConsent, reminder
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell_members, write_notice
from homeport.flows.standing_consent import consent_page, live_standing
from homeport.observe.events import trouble
from homeport.ports.store import Transaction
from homeport.ports.world import World

AT_ONCE: Final = 100


def look_after_standing_consents(world: World) -> int:
    """Do what is due, a bounded number at once; how many standing consents something was done about."""
    with world.store.read() as tx:
        due = tx.standing_consents.due(world.clock.now().date(), limit=AT_ONCE)
    return sum(_looked_after(world, project_id, standing) for project_id, standing in due)


def _looked_after(world: World, project_id: int, standing: StandingConsent) -> bool:
    try:
        return _look_after(world, project_id, standing)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - told here; the row is as it was, and due
        trouble("a standing consent could not be looked after", project=standing.project, error=error)
        return False


def _look_after(world: World, project_id: int, seen: StandingConsent) -> bool:
    now = world.clock.now()
    with world.store.write() as tx:
        if tx.standing_consents.of_project(project_id) != seen:
            return False
        project = find_project(tx, seen.project)
        tx.standing_consents.put(project_id, replace(seen, reminded=reminder(seen.ends_on, now.date())))
        # Who knows that it counts no more, because its giver left, need not be told that it ends.
        if live_standing(tx, project) is not None:
            _tell(tx, project, seen, now)
        return True


def _tell(tx: Transaction, project: Project, standing: StandingConsent, now: datetime) -> None:
    days = (standing.ends_on - now.date()).days
    facts: dict[str, object] = {
        "project": project.name.display,
        "name": project.name.normalized,
        "by": standing.given_by,
        "since": f"{standing.given_at:%Y-%m-%d}",
        "until": f"{standing.ends_on}",
        "hosts": list(standing.hosts),
    }
    kind = "standing-consent-ended" if days <= 0 else "standing-consent-ends"
    told = facts if days <= 0 else {**facts, "days": days}
    tell_members(tx, project, write_notice(kind, told, path=consent_page(project), at=now))
