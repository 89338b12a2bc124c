"""What the clock does about plans that nobody answers: it warns before their end, and ends them.

1. Each is looked at again in the transaction that writes: somebody may have answered meanwhile.
2. What was told is written with the telling: a kill before tells nobody, one after tells nobody twice.
3. No single plan stops the others: one that meets what nobody expected is told of, and due again.
"""

from dataclasses import replace
from datetime import datetime
from math import ceil
from typing import Final

from homeport.domain.errors import Unavailable
from homeport.domain.plan_expiry import LASTS, due_at, expires_at, is_over, warning
from homeport.domain.rehost import Rehost, Step
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell_members, write_notice
from homeport.flows.rehost.start import move
from homeport.observe.events import event, trouble
from homeport.ports.store import Transaction
from homeport.ports.world import World

AT_ONCE: Final = 100
_DAY_SECONDS: Final = 86400


def look_after_plans(world: World) -> int:
    """Do what is due, a bounded number at once; about how many plans something was done."""
    with world.store.read() as tx:
        due = tx.rehosts.due(world.clock.now(), limit=AT_ONCE)
    return sum(_looked_after(world, rehost) for rehost in due)


def _looked_after(world: World, rehost: Rehost) -> bool:
    try:
        return _look_after(world, rehost)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - told here; the row is as it was, and due
        trouble("a plan could not be looked after", rehost=rehost.id, error=error)
        return False


def _look_after(world: World, seen: Rehost) -> bool:
    now = world.clock.now()
    with world.store.write() as tx:
        rehost = tx.rehosts.find(seen.id)
        end, due = (expires_at(rehost), due_at(rehost)) if rehost else (None, None)
        if rehost is None or end is None or due is None or due > now:
            return False
        if is_over(rehost, now):
            _expire(tx, rehost, now)
        else:
            _warn(tx, rehost, end, now)
        return True


def _expire(tx: Transaction, rehost: Rehost, now: datetime) -> None:
    move(
        tx,
        rehost,
        Step.EXPIRE,
        now,
        problem=f"Nobody answered within {LASTS.days} days.",
        code="plan-expired",
    )
    _tell(tx, "plan-expired", rehost, now, {"lasts": LASTS.days})
    event("plan expired", rehost=rehost.id, project=rehost.project)


def _warn(tx: Transaction, rehost: Rehost, end: datetime, now: datetime) -> None:
    tx.rehosts.put(replace(rehost, warned=warning(rehost, now)))
    left = ceil((end - now).total_seconds() / _DAY_SECONDS)
    _tell(tx, "plan-expiring", rehost, now, {"days": left, "until": end.date().isoformat()})


def _tell(tx: Transaction, kind: str, rehost: Rehost, now: datetime, facts: dict[str, object]) -> None:
    project = find_project(tx, rehost.project)
    told = {
        "project": project.name.display,
        "version": rehost.version,
        "files": len(tx.rehosts.stands(rehost.id)),
        **facts,
    }
    tell_members(tx, project, write_notice(kind, told, path=f"/manage/rehosts/{rehost.id}", at=now))
