"""Exemptions as administrators see and decide them: listed, extended, and ended before their day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from homeport.domain.account import Caller
from homeport.domain.errors import Invalid, NotFound
from homeport.domain.exemption import Exemption, extended, reminder
from homeport.domain.hosting import HostingMode, Mover, Need, move
from homeport.domain.hosting_log import Event, HostingLine
from homeport.domain.ledger import Kind
from homeport.domain.project import Project, require_reason
from homeport.domain.rights import require_admin
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.move_project import Said, lost_links, move_project, require_movable
from homeport.flows.notify import page_of, tell_members, write_notice
from homeport.flows.pieces import AT_ONCE, pieces
from homeport.flows.render_pages import render_project
from homeport.ports.hosting import ExemptionFilter
from homeport.ports.store import Transaction
from homeport.ports.world import World

PAGE_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """Some exemptions; ``before`` asks for those that follow, and is 0 when there are none."""

    exemptions: Sequence[Exemption]
    before: int


def list_exemptions(world: World, by: Caller | None, wanted: ExemptionFilter) -> Listed:
    """Exemptions, newest first, a page at a time; ``by`` is ``None`` for the index's own shell (ADR 0004)."""
    _require_right(by)
    with world.store.read() as tx:
        found = tx.exemptions.every(wanted, limit=PAGE_LENGTH + 1)
    shown = found[:PAGE_LENGTH]
    return Listed(shown, shown[-1].id if len(found) > PAGE_LENGTH else 0)


def every_exemption(
    world: World, by: Caller | None, wanted: ExemptionFilter
) -> Iterator[Sequence[Exemption]]:
    """All of :func:`list_exemptions`, piece by piece."""
    _require_right(by)
    return pieces(
        world,
        lambda tx, before: tx.exemptions.every(replace(wanted, before=before), limit=AT_ONCE),
        lambda one: one.id,
        wanted.before,
    )


def _require_right(by: Caller | None) -> None:
    if by is not None:
        require_admin(by)


def extend_exemption(world: World, caller: Caller, name: str, until: date | None, reason: str) -> Exemption:
    """Let an exemption hold longer, or give an end to one that has none; owners are told."""
    now = world.clock.now()
    require_admin(caller)
    with world.store.write() as tx:
        project, exemption = _decided(tx, caller, name, now)
        if refusal := tx.policies.current().mode_refusal(HostingMode.EXT, now.date(), by_admin=True):
            raise refusal
        end, why = extended(exemption, until, reason, now.date())
        longer = replace(
            exemption, until=end, reason=why, by=caller.user.name, reminded=reminder(end, now.date())
        )
        tx.exemptions.put(longer)
        before = exemption.until.isoformat() if exemption.until else None
        serial = tx.ledger.append(
            Kind.EXEMPTION_EXTENDED,
            at=now,
            actor=caller.user.name,
            project=project.name.normalized,
            details={"from": before, "until": end.isoformat(), "reason": why},
        )
        ext = HostingMode.EXT
        line = HostingLine(
            serial, now, longer.project, Event.EXEMPTION_EXTENDED, ext, ext, Mover.ADMIN, why, end
        )
        tx.hosting_log.add(project.id, line)
        facts = {
            "project": project.name.display,
            "by": caller.user.name,
            "until": f"{end}",
            "reason": why,
        }
        notice = write_notice("exemption-extended", facts, path=page_of(project), at=now)
        tell_members(tx, project, notice, but_not=caller.user.name)
        return longer


def end_exemption(world: World, caller: Caller, name: str, reason: str) -> tuple[str, ...]:
    """End an exemption before its day: the project becomes ``pypi-only``, and owners are told which files are lost."""
    now, why = world.clock.now(), require_reason(reason)
    require_admin(caller)
    with world.store.write() as tx:
        project, _ = _decided(tx, caller, name, now)
        if not why:
            raise Invalid("Say why it ends now: the reason is public.", code="reason-missing")
        lost = lost_links(tx, project)
        leave_external(tx, project, Said(Mover.ADMIN, caller.user.name, why), now)
        facts = {
            "project": project.name.display,
            "by": caller.user.name,
            "until": "",
            "reason": why,
            "lost": lost,
        }
        notice = write_notice("exemption-ended", facts, path=page_of(project), at=now)
        tell_members(tx, project, notice, but_not=caller.user.name)
        return lost


def _decided(tx: Transaction, caller: Caller, name: str, now: datetime) -> tuple[Project, Exemption]:
    """The project and its exemption, for an administrator to decide about."""
    require_admin(require_live(tx, caller, now))
    project = find_project(tx, name)
    exemption = tx.exemptions.live(project.id)
    if exemption is None:
        raise NotFound(
            f"{project.name} has no exemption: it is {project.mode}. To give it one, move it to pypi-ext.",
            code="exemption-unknown",
        )
    return project, exemption


def leave_external(tx: Transaction, project: Project, said: Said, now: datetime) -> None:
    """Move a project whose exemption has ended to ``pypi-only``, as the table of moves allows it."""
    require_movable(project)
    ended = frozenset({Need.EXEMPTION_ENDED})
    move(project.mode, HostingMode.ONLY, said.mover, ended, tx.policies.current(), now.date())
    moved, serial = move_project(tx, project, HostingMode.ONLY, said, now)
    render_project(tx, moved, serial)
