"""A project moves from one hosting mode to another; the table in ``domain/hosting`` decides."""

from dataclasses import dataclass
from datetime import date, datetime

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Invalid, NeedsConsent, together
from homeport.domain.exemption import exemption_problems
from homeport.domain.hosting import HostingMode, Mover, Need, is_one_way, move
from homeport.domain.outlook import loss_digest, unread_loss
from homeport.domain.project import Project, Role, require_reason
from homeport.domain.rehost import Purpose, State
from homeport.domain.rights import is_admin_in_person, require_admin, require_known, require_role
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.move_project import Said, lost_links, move_project, require_movable
from homeport.flows.notify import page_of, tell_members, write_notice
from homeport.flows.outlook import project_external
from homeport.flows.render_pages import render_project
from homeport.flows.standing_consent import give_standing
from homeport.ports.store import Transaction
from homeport.ports.world import World

_UNREAD = f"needs-{Need.ACKNOWLEDGED_LOSS}"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for: the mode, and what was said with it.

    ``loss_digest`` names the list that was acknowledged (``domain.outlook.loss_digest``); empty for whatever is on it.
    """

    mode: HostingMode
    reason: str = ""
    until: date | None = None
    consents: bool = False
    acknowledges_loss: bool = False
    loss_digest: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """The project after the move, and the external files that stop being installable by it."""

    project: Project
    lost: tuple[str, ...]


def change_hosting(world: World, caller: Caller, name: str, wish: Wish) -> Changed:
    """Move the project, or refuse with what the move needs."""
    now, reason = world.clock.now(), require_reason(wish.reason)
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        project = find_project(tx, name)
        mover = _authorize(tx, caller, project, wish)
        if project.mode is wish.mode and wish.mode.takes_crawled_files and wish.consents:
            return _renew(tx, project, caller, now)
        if project.mode is wish.mode:
            raise Conflict(f"{project.name} is {wish.mode} already.", code="mode-unchanged")
        require_movable(project)
        policy, today = tx.policies.current(), now.date()
        met, by_admin = _met(tx, project, wish, today), is_admin_in_person(caller)
        try:
            row = move(project.mode, wish.mode, mover, met, policy, today, by_admin=by_admin)
        except Invalid as refusal:
            if refusal.code == _UNREAD:
                raise unread_loss(project.mode, wish.mode, project_external(tx, project)) from None
            # What else an owner or an administrator may lack is an exemption.
            lacks = exemption_problems(wish.until, reason, today)
            raise together("The exemption", lacks, code=refusal.code) from None
        _require_same_loss(tx, project, wish)
        if wish.mode.takes_crawled_files and not wish.consents:
            raise NeedsConsent(
                "Say that release files found at this project's sources may be hosted here (--consent).",
                code=f"needs-{Need.STANDING_CONSENT}",
            )
        lost = lost_links(tx, project) if project.mode.lists_external else ()
        said = Said(mover, caller.user.name, reason, wish.until, is_one_way=is_one_way(row, policy, today))
        moved, serial = move_project(tx, project, wish.mode, said, now)
        if wish.mode.takes_crawled_files:
            serial = give_standing(tx, moved, by=caller.user.name, at=now)
        render_project(tx, moved, serial)
        facts = {
            "project": project.name.display,
            "source": project.mode.value,
            "target": wish.mode.value,
            "by": caller.user.name,
            "reason": reason,
            "until": f"{wish.until}" if wish.mode.lists_external else "",
        }
        notice = write_notice("mode-changed", facts, path=page_of(project), at=now)
        tell_members(tx, moved, notice, but_not=caller.user.name)
        return Changed(moved, lost)


def _require_same_loss(tx: Transaction, project: Project, wish: Wish) -> None:
    """``Conflict`` when other files would be lost than those that were on the list."""
    if wish.acknowledges_loss and wish.loss_digest:
        external = project_external(tx, project)
        if loss_digest(external) != wish.loss_digest:
            raise Conflict(
                f"The list has changed since you read it: {len(external):,} files would stop being installable now. Read it "
                "again.",
                code="loss-changed",
            )


def _renew(tx: Transaction, project: Project, caller: Caller, now: datetime) -> Changed:
    """The standing consent of a ``pypi-cache`` project, given again for its sources of today."""
    serial = give_standing(tx, project, by=caller.user.name, at=now, tells=True)
    render_project(tx, project, serial)
    return Changed(project, ())


def _authorize(tx: Transaction, caller: Caller, project: Project, wish: Wish) -> Mover:
    role = tx.projects.role_of(project.id, caller.user.id)
    require_known(caller, project, role)
    # Back to external links is an administrator's exemption; an owner is told so by the table.
    if wish.mode is HostingMode.EXT and (caller.user.is_admin or role is not Role.OWNER):
        require_admin(caller)
        return Mover.ADMIN
    require_role(caller, Scope.MANAGE, project, role, owner=True)
    return Mover.OWNER


def _met(tx: Transaction, project: Project, wish: Wish, today: date) -> frozenset[Need]:
    met = set()
    if wish.consents:
        met.add(Need.STANDING_CONSENT)
    if wish.acknowledges_loss or not lost_links(tx, project):
        met.add(Need.ACKNOWLEDGED_LOSS)
    if not exemption_problems(wish.until, wish.reason.strip(), today):
        met.add(Need.EXEMPTION)
    if any(
        rehost.purpose is Purpose.HISTORY and not rehost.version and rehost.state is State.PUBLISHED
        for rehost in tx.rehosts.of_project(project.id)
    ):
        met.add(Need.REVIEWED_PLAN)
    return frozenset(met)
