"""What every move of a project between hosting modes does, whoever makes it: one transaction, one entry of the ledger.

1. The hosting log has a line of the same serial.
2. The move into ``pypi-ext`` begins an exemption, the move out of it ends that, whoever moves.
3. Nothing recorded is forgotten: external links that are listed no more are there for a later plan.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from homeport.domain.errors import Conflict
from homeport.domain.exemption import reminder
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.hosting_log import HostingLine, event_of
from homeport.domain.ledger import Kind
from homeport.domain.project import Project, ProjectStatus
from homeport.ports.store import Transaction


@dataclass(frozen=True, slots=True)
class Said:
    """Who moves, and what is said with it; ``until`` is the end of an exemption, ``campaign`` which one moves it, or 0."""

    mover: Mover
    actor: str
    reason: str = ""
    until: date | None = None
    is_one_way: bool = False
    campaign: int = 0


def require_movable(project: Project) -> None:
    """``Conflict`` while the project is quarantined (I-12)."""
    if project.status is ProjectStatus.QUARANTINED:
        raise Conflict(
            f"{project.name} is quarantined: quarantine stops every move.", code="project-quarantined"
        )


def move_project(
    tx: Transaction, project: Project, target: HostingMode, said: Said, at: datetime
) -> tuple[Project, int]:
    """Make a move that the table allowed; the project after it and the serial, by which its pages are to be rendered."""
    tx.projects.set_mode(project.id, target)
    until = said.until if target.lists_external else None
    serial = tx.ledger.append(
        Kind.MODE_CHANGED,
        at=at,
        actor=said.actor,
        project=project.name.normalized,
        details={
            "from": project.mode.value,
            "to": target.value,
            "by": said.mover.value,
            "one_way": said.is_one_way,
            "reason": said.reason,
            "until": until.isoformat() if until else None,
            **({"campaign": said.campaign} if said.campaign else {}),
        },
    )
    tx.hosting_log.add(
        project.id,
        HostingLine(
            serial=serial,
            at=at,
            project=project.name.normalized,
            event=event_of(project.mode, target, said.mover, is_campaigns=said.campaign > 0),
            source=project.mode,
            target=target,
            mover=said.mover,
            reason=said.reason,
            until=until,
        ),
    )
    _end_exemption(tx, project, said.mover, at)
    if until is not None:
        told = reminder(until, at.date())
        tx.exemptions.add(project.id, said.reason, until, by=said.actor, at=at, reminded=told)
    return replace(project, mode=target), serial


def _end_exemption(tx: Transaction, project: Project, mover: Mover, at: datetime) -> None:
    exemption = tx.exemptions.live(project.id)
    if exemption is not None:
        tx.exemptions.put(replace(exemption, ended_at=at, ended_by=mover))


def lost_links(tx: Transaction, project: Project) -> tuple[str, ...]:
    """The external files that never were hosted here: what a move to hosted files only takes from installers."""
    # What was removed here is listed nowhere else, and cannot be lost (I-04).
    had = set(tx.files.names(project.id))
    return tuple(link.filename for link in tx.outside.links(project.id) if link.filename not in had)
