"""Membership: people are invited to a project, answer, get other roles, are removed, and leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from homeport.domain.account import Caller, Scope, User
from homeport.domain.errors import Conflict, NotFound
from homeport.domain.ledger import Kind
from homeport.domain.membership import INVITATION_LASTS, EndedInvitation, Ending, Invitation, require_an_owner
from homeport.domain.names import ProjectName
from homeport.domain.organisation import best_role
from homeport.domain.project import Project, Role
from homeport.domain.rights import (
    require_admitted,
    require_known,
    require_role,
    require_scope,
    require_unrestricted,
)
from homeport.flows.attempts import count_seeking
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.notify import INVITED_TO_PROJECT, tell, tell_invited, write_notice
from homeport.flows.organisations import find_person
from homeport.flows.render_pages import render_project
from homeport.ports.catalogue import Membership
from homeport.ports.store import Transaction
from homeport.ports.world import World

INBOX = "/manage/"


@dataclass(frozen=True, slots=True)
class Members:
    """Who has which role in a project, and who is invited; ``role`` is that of the person who asks."""

    project: Project
    role: Role | None
    members: tuple[Membership, ...]
    invitations: tuple[Invitation, ...]


def show_members(world: World, caller: Caller | None, name: str) -> Members:
    """Everybody with a role, owners first, and everybody who is invited, for those who maintain the project.

    No ``caller`` is the shell, which reads the database anyway.
    """
    with world.store.read() as tx:
        project = find_project(tx, name)
        role = tx.projects.role_of(project.id, caller.user.id) if caller else None
        return Members(
            project=project,
            role=require_role(caller, Scope.MANAGE, project, role) if caller else None,
            members=tuple(tx.projects.members(project.id)),
            invitations=tuple(tx.invitations.of_project(project.id, world.clock.now())),
        )


# Invitations


def invite(world: World, caller: Caller, name: str, who: str, role: Role) -> Invitation:
    """Ask the account of that name or address to take a role; it is theirs when they accept, within 14 days.

    ``RateLimited`` after too many addresses: an answer tells whether somebody here has one.
    """
    require_admitted(caller, world.accounts)
    now = world.clock.now()
    if "@" in who:
        # By itself, so that it counts also where nobody has the address (T-27).
        with world.store.write() as tx:
            caller = require_live(tx, caller, now)
            _owned(tx, caller, name)
            count_seeking(world, tx, caller.user)
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        project = _owned(tx, caller, name)
        user = _account(tx, who)
        _require_news(tx, project, user, who if "@" in who else user.name, role, now)
        until = now + INVITATION_LASTS
        made = tx.invitations.add(project.id, user.id, role, by=caller.user.name, at=now, until=until)
        tx.ledger.append(
            Kind.ROLE_INVITED,
            at=now,
            actor=caller.user.name,
            project=project.name.normalized,
            details={"user": user.name, "role": role.value, "until": until.isoformat()},
        )
        facts = {
            "by": caller.user.name,
            "project": project.name.display,
            "role": role.value,
            "until": f"{until:%d %b %Y}",
        }
        notice = write_notice(INVITED_TO_PROJECT, facts, path=f"/invitations/{made.id}", at=now)
        tell_invited(tx, user, notice)
        return made


def _owned(tx: Transaction, caller: Caller, name: str) -> Project:
    project = find_project(tx, name)
    role = tx.projects.role_of(project.id, caller.user.id)
    require_role(caller, Scope.MANAGE, project, role, owner=True)
    project.require_no_quarantine()
    return project


def _account(tx: Transaction, who: str) -> User:
    user = tx.users.by_email(who) if "@" in who else tx.users.by_name(who)
    if user is not None and "@" in who and not user.is_verified:
        # Whoever typed an address into a form would be let in as the person who has it.
        user = None
    if user is None or user.is_disabled:
        what = "account that is known to have the address" if "@" in who else "account"
        raise NotFound(f"There is no {what} {who[:320]} here.", code="user-unknown")
    return user


def _require_news(
    tx: Transaction, project: Project, user: User, called: str, role: Role, now: datetime
) -> None:
    """``Conflict`` when there is nothing to offer to the person, who is told of as they were ``called``."""
    there = _membership(tx, project, user)
    # What somebody holds through others may be given to them for themselves only where that is more.
    if there is not None and (not there.through or best_role((there.role, role)) is there.role):
        through = f" through {there.through}" if there.through else ""
        raise Conflict(
            f"{called} is {there.role} of {project.name}{through} already: change the role of who is a member.",
            code="member-already",
        )
    open_one = tx.invitations.between(project.id, user.id, now)
    if open_one is not None:
        raise Conflict(
            f"{called} is invited as {open_one.role} already: take that back first.",
            code="invitation-open",
        )


def _membership(tx: Transaction, project: Project, user: User) -> Membership | None:
    return next((one for one in tx.projects.members(project.id) if one.user.id == user.id), None)


def my_invitations(world: World, caller: Caller) -> Sequence[Invitation]:
    """What the caller is invited to and has not answered, oldest first."""
    require_unrestricted(caller, Scope.MANAGE)
    with world.store.read() as tx:
        return tx.invitations.of_user(caller.user.id, world.clock.now())


def show_invitation(world: World, caller: Caller, invitation_id: int) -> Invitation:
    """An invitation to the caller that is not answered yet."""
    with world.store.read() as tx:
        return _to(tx, caller, invitation_id, world.clock.now())


def show_ended_invitation(world: World, caller: Caller, invitation_id: int) -> EndedInvitation:
    """What became of an invitation to the caller."""
    require_unrestricted(caller, Scope.MANAGE)
    with world.store.read() as tx:
        ended, there = tx.invitations.ended(invitation_id), tx.invitations.find(invitation_id)
    if there is not None and there.expires_at <= world.clock.now():
        user, until = there.user.id, there.expires_at
        ended = EndedInvitation(
            there.id, user, there.project, there.role, there.invited_by, Ending.EXPIRED, until
        )
    if ended is None or ended.user_id != caller.user.id:
        raise _unknown()
    return ended


def accept(world: World, caller: Caller, invitation_id: int) -> Invitation:
    """Take the role that was offered, if the one who offered it still owns the project (T-32)."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        invitation = _to(tx, caller, invitation_id, now)
        require_admitted(caller, world.accounts)
        project = find_project(tx, invitation.project.normalized)
        inviter = tx.users.by_name(invitation.invited_by)
        invitation.require_inviter(tx.projects.role_of(project.id, inviter.id) if inviter else None)
        project.require_no_quarantine()
        tx.invitations.end(invitation, Ending.ACCEPTED, now)
        _grant(tx, caller, project, caller.user, invitation.role, now, invited_by=invitation.invited_by)
        return invitation


def decline(world: World, caller: Caller, invitation_id: int) -> Invitation:
    """Say no to what was offered."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        invitation = _to(tx, caller, invitation_id, now)
        _end(tx, invitation, Ending.DECLINED, caller.user.name, now)
        inviter = tx.users.by_name(invitation.invited_by)
        facts = {
            "user": caller.user.name,
            "role": invitation.role.value,
            "place": invitation.project.display,
        }
        path = _members_page(invitation.project)
        notice = write_notice("invitation-declined", facts, path=path, at=now)
        tell(tx, [inviter] if inviter else [], notice)
        return invitation


def take_back(world: World, caller: Caller, invitation_id: int) -> Invitation:
    """Withdraw an invitation; every owner of the project may."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        invitation = tx.invitations.find(invitation_id)
        if invitation is None or tx.projects.role_of(invitation.project_id, caller.user.id) is None:
            # Whoever counts through the numbers must not learn the names of projects.
            raise _unknown()
        _owned(tx, caller, invitation.project.normalized)
        _end(tx, invitation, Ending.TAKEN_BACK, caller.user.name, now)
        facts = {"place": invitation.project.display, "by": caller.user.name}
        notice = write_notice("invitation-ended", facts, path=INBOX, at=now)
        tell(tx, [invitation.user], notice, by_mail=False)
        return invitation


def _to(tx: Transaction, caller: Caller, invitation_id: int, now: datetime) -> Invitation:
    require_unrestricted(caller, Scope.MANAGE)
    invitation = tx.invitations.find(invitation_id)
    if invitation is None or invitation.user.id != caller.user.id or invitation.expires_at <= now:
        raise _unknown()
    return invitation


def _unknown() -> NotFound:
    return NotFound(
        "There is no such invitation for you: it was taken back or answered, or its time is over.",
        code="invitation-unknown",
    )


def _end(tx: Transaction, invitation: Invitation, how: Ending, actor: str, now: datetime) -> None:
    tx.invitations.end(invitation, how, now)
    tx.ledger.append(
        Kind.INVITATION_ENDED,
        at=now,
        actor=actor,
        project=invitation.project.normalized,
        details={"user": invitation.user.name, "role": invitation.role.value, "how": how.value},
    )


# Roles


def grant_role(world: World, caller: Caller, name: str, user_name: str, role: Role) -> Role:
    """Give a user a role, or another one, without asking them: for the shell, which is trusted to have asked."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        project = _owned(tx, caller, name)
        _grant(tx, caller, project, find_person(tx, user_name), role, now)
        return role


def change_role(world: World, caller: Caller, name: str, user_name: str, role: Role) -> Role:
    """Give a member another role; who is none is invited instead."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        project = _owned(tx, caller, name)
        user = find_person(tx, user_name)
        if _membership(tx, project, user) is None:
            raise NotFound(
                f"{user.name} is no member of {project.name}: invite them first.", code="member-unknown"
            )
        _grant(tx, caller, project, user, role, now)
        return role


def revoke_role(world: World, caller: Caller, name: str, user_name: str) -> Role:
    """Take a member's own role away: an owner does it to others, everybody to themselves, which is leaving."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        if user_name == caller.user.name:
            project = find_project(tx, name)
            require_known(caller, project, tx.projects.role_of(project.id, caller.user.id))
            require_scope(caller, Scope.MANAGE, project.name)
            project.require_no_quarantine()
        else:
            project = _owned(tx, caller, name)
        user = find_person(tx, user_name)
        there = _membership(tx, project, user)
        was = tx.projects.revoke(project.id, user.id)
        if was is None:
            raise _no_role(project, user, there)
        if was is Role.OWNER:
            _require_an_owner(tx, project, user)
        _settle(tx, caller, project, user, now)
        serial = tx.ledger.append(
            Kind.ROLE_REVOKED,
            at=now,
            actor=caller.user.name,
            project=project.name.normalized,
            details={"user": user.name, "role": was.value},
        )
        render_project(tx, project, serial)
        _tell(tx, caller, project, user, "role-revoked", was, now)
        return was


def _no_role(project: Project, user: User, there: Membership | None) -> NotFound | Conflict:
    if there is None:
        return NotFound(f"{user.name} has no role in {project.name}.", code="member-unknown")
    return Conflict(
        f"{user.name} is {there.role} of {project.name} through {there.through}: it is taken away there.",
        code="role-through-others",
    )


def _grant(
    tx: Transaction,
    caller: Caller,
    project: Project,
    user: User,
    role: Role,
    now: datetime,
    **told: str,
) -> None:
    """``told`` is what the ledger's entry says besides; without it, a role that they have already is no news (I-18)."""
    if not tx.projects.grant(project.id, user.id, role) and not told:
        return
    open_one = tx.invitations.between(project.id, user.id, now)
    if open_one is not None:
        _end(tx, open_one, Ending.SUPERSEDED, caller.user.name, now)
    _require_an_owner(tx, project, user)
    _settle(tx, caller, project, user, now)
    serial = tx.ledger.append(
        Kind.ROLE_GRANTED,
        at=now,
        actor=caller.user.name,
        project=project.name.normalized,
        details={"user": user.name, "role": role.value, **told},
    )
    render_project(tx, project, serial)
    _tell(tx, caller, project, user, "role-granted", role, now)


def _require_an_owner(tx: Transaction, project: Project, user: User) -> None:
    able = [one.role for one in tx.projects.members(project.id) if not one.user.is_disabled]
    require_an_owner(project.name, user.name, able)


def _settle(tx: Transaction, caller: Caller, project: Project, user: User, now: datetime) -> None:
    """What a role that changed takes with it: who no longer owns the project invites nobody to it."""
    members = tx.projects.members(project.id)
    if user.id in {one.user.id for one in members if one.role is Role.OWNER}:
        return
    for invitation in tx.invitations.of_project(project.id, now):
        if invitation.invited_by == user.name:
            _end(tx, invitation, Ending.VOID, caller.user.name, now)


def _tell(
    tx: Transaction, caller: Caller, project: Project, user: User, kind: str, role: Role, now: datetime
) -> None:
    """Tell ``user`` what they are, and the owners what ``user`` is; not the one who did it."""
    facts = {
        "user": user.name,
        "is_you": True,
        "role": role.value,
        "project": project.name.display,
        "by": caller.user.name,
    }
    path = INBOX if kind == "role-revoked" else _members_page(project.name)
    owners = [one.user for one in tx.projects.members(project.id) if one.role is Role.OWNER]
    others = [owner for owner in owners if owner.id != user.id]
    tell(tx, [user], write_notice(kind, facts, path=path, at=now), but_not=caller.user.name)
    told = write_notice(kind, facts | {"is_you": False}, path=_members_page(project.name), at=now)
    tell(tx, others, told, but_not=caller.user.name)


def _members_page(project: ProjectName) -> str:
    return f"/manage/projects/{project.normalized}/members/"
