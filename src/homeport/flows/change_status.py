"""A project's status marker changes (PEP 792), and who may read it.

1. Its owners archive it, deprecate it and take that back; only administrators begin and end a quarantine.
2. The end of a quarantine takes two of them where the policy says so.
3. Archived and quarantined projects take no files from anywhere; a quarantined one is listed nowhere and offers nothing.
4. Who decided about what was shown ends no quarantine that they did not see.
"""

from dataclasses import replace
from datetime import datetime

from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Conflict, Invalid
from homeport.domain.ledger import Kind
from homeport.domain.project import Project, ProjectStatus, require_reason
from homeport.domain.proposal import Act
from homeport.domain.rights import require_admin, require_known, require_role
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import page_of, tell_members, write_notice
from homeport.flows.render_pages import render_project
from homeport.flows.two_people import require_one
from homeport.ports.store import Transaction
from homeport.ports.world import World


def change_status(
    world: World,
    caller: Caller,
    name: str,
    status: ProjectStatus,
    reason: str = "",
    *,
    serial: int | None = None,
) -> Project:
    """Give the project another status, or the same one another reason; the project as it is then.

    ``serial`` is that of the project as the caller saw it, ``None`` for however it is: a quarantine is ended only by who
    knows of it, and of everything that came to light since (rule 4).
    """
    reason, now = require_reason(reason), world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        project = find_project(tx, name)
        if ProjectStatus.QUARANTINED in {project.status, status}:
            require_known(caller, project, tx.projects.role_of(project.id, caller.user.id))
            require_admin(caller)
        else:
            _require_owner(tx, caller, project)
        if project.status is ProjectStatus.QUARANTINED and serial not in {None, project.serial}:
            raise Conflict(
                f"{project.name} changed meanwhile (serial {project.serial}), and is quarantined: look at it, then "
                "decide again.",
                code="project-changed",
            )
        if status is ProjectStatus.QUARANTINED and not reason:
            raise Invalid(
                "A quarantine needs a reason: its owners are told it (--reason).", code="reason-missing"
            )
        if project.status is ProjectStatus.QUARANTINED is not status:
            require_one(tx, Act.END_QUARANTINE)
        return put_status(tx, caller, project, status, reason, now)


def put_status(
    tx: Transaction, caller: Caller, project: Project, status: ProjectStatus, reason: str, now: datetime
) -> Project:
    """The same, in the transaction of whoever may decide that."""
    if (project.status, project.status_reason) == (status, reason):
        raise Conflict(f"{project.name} is {status} already.", code="status-unchanged")
    tx.projects.set_status(project.id, status, reason)
    changed = replace(project, status=status, status_reason=reason)
    serial = tx.ledger.append(
        Kind.STATUS_CHANGED,
        at=now,
        actor=caller.user.name,
        project=project.name.normalized,
        details={"from": project.status.value, "to": status.value, "reason": reason},
    )
    render_project(tx, changed, serial, comes_or_goes=project.is_listed != changed.is_listed)
    facts = {
        "project": project.name.display,
        "status": status.value,
        "by": caller.user.name,
        "reason": reason,
    }
    notice = write_notice("status-changed", facts, path=page_of(project), at=now)
    tell_members(tx, changed, notice, but_not=caller.user.name)
    return replace(changed, serial=serial)


def change_visibility(world: World, caller: Caller, name: str, *, is_private: bool) -> Project:
    """Say whether everybody may read the project, or its members only; the project as it is then."""
    now, word = world.clock.now(), "private" if is_private else "public"
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        project = find_project(tx, name)
        _require_owner(tx, caller, project)
        # A page that warns of its project must not vanish from those who installed it.
        project.require_no_quarantine()
        if project.is_private == is_private:
            raise Conflict(f"{project.name} is {word} already.", code="visibility-unchanged")
        tx.projects.set_private(project.id, is_private=is_private)
        changed = replace(project, is_private=is_private)
        serial = tx.ledger.append(
            Kind.VISIBILITY_CHANGED,
            at=now,
            actor=caller.user.name,
            project=project.name.normalized,
            details={"private": is_private},
        )
        render_project(tx, changed, serial, comes_or_goes=project.is_listed != changed.is_listed)
        facts = {"project": project.name.display, "is_private": is_private, "by": caller.user.name}
        notice = write_notice("visibility-changed", facts, path=page_of(project), at=now)
        tell_members(tx, changed, notice, but_not=caller.user.name)
        return replace(changed, serial=serial)


def _require_owner(tx: Transaction, caller: Caller, project: Project) -> None:
    if caller.user.is_admin and caller.token is None:
        return
    role = tx.projects.role_of(project.id, caller.user.id)
    require_role(caller, Scope.MANAGE, project, role, owner=True)
