"""What the clock does about exemptions: it reminds before their end, and ends them when their day has come.

1. Each is looked at again in the transaction that writes: it may have been extended or ended meanwhile.
2. What was told is written with the telling: a kill before tells nobody, one after tells nobody twice.
3. On the day, external links stop being listed; nothing is re-hosted, and nothing recorded is forgotten (design §2).
4. No single exemption stops the others: one that meets what nobody expected is told of, and due again.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from homeport.domain.errors import Unavailable
from homeport.domain.exemption import Exemption, reminder
from homeport.domain.hosting import Mover
from homeport.domain.project import Project
from homeport.flows.exemptions import leave_external
from homeport.flows.manage_project import find_project
from homeport.flows.move_project import Said, lost_links
from homeport.flows.notify import page_of, tell, tell_members, write_notice
from homeport.observe.events import event, trouble
from homeport.ports.store import Transaction
from homeport.ports.world import World

ACTOR: Final = "clock"
AT_ONCE: Final = 100


def look_after_exemptions(world: World) -> int:
    """Do what is due, a bounded number at once; how many exemptions something was done about."""
    with world.store.read() as tx:
        due = tx.exemptions.due(world.clock.now().date(), limit=AT_ONCE)
    return sum(_looked_after(world, exemption) for exemption in due)


def _looked_after(world: World, exemption: Exemption) -> bool:
    try:
        return _look_after(world, exemption)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - told here; the row is as it was, and due
        trouble("an exemption could not be looked after", project=exemption.project, error=error)
        return False


def _look_after(world: World, seen: Exemption) -> bool:
    now = world.clock.now()
    with world.store.write() as tx:
        project, exemption = find_project(tx, seen.project), tx.exemptions.live(seen.project_id)
        if exemption is None or exemption != seen:
            return False
        if exemption.is_over(now.date()):
            _end(tx, project, exemption, now)
        else:
            _remind(tx, project, exemption, now)
        return True


def _end(tx: Transaction, project: Project, exemption: Exemption, now: datetime) -> None:
    lost = lost_links(tx, project)
    reason = f"The exemption until {exemption.until} has ended."
    leave_external(tx, project, Said(Mover.CLOCK, ACTOR, reason), now)
    facts = {
        "project": project.name.display,
        "by": "",
        "until": f"{exemption.until}",
        "reason": exemption.reason,
        "lost": lost,
    }
    notice = write_notice("exemption-ended", facts, path=page_of(project), at=now)
    members = (member.user for member in tx.projects.members(project.id) if member.role.maintains)
    # In one call: who maintains the project and administers the index is told once.
    tell(tx, [*members, *tx.users.administrators()], notice)
    event("exemption ended", project=project.name.normalized)


def _remind(tx: Transaction, project: Project, exemption: Exemption, now: datetime) -> None:
    until = exemption.until
    if until is None:
        raise AssertionError("what has no end is never due")
    facts = {
        "project": project.name.display,
        "until": f"{until}",
        "days": (until - now.date()).days,
        "lost": lost_links(tx, project),
    }
    tx.exemptions.put(replace(exemption, reminded=reminder(until, now.date())))
    path = f"/manage/projects/{project.name.normalized}/"
    tell_members(tx, project, write_notice("exemption-reminder", facts, path=path, at=now))
