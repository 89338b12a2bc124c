"""People come into an organisation by invitation, get another role there, and leave."""

from datetime import datetime

from homeport.domain.account import Caller, Scope, User
from homeport.domain.errors import Conflict, NotFound
from homeport.domain.ledger import Kind
from homeport.domain.membership import INVITATION_LASTS, Ending
from homeport.domain.organisation import (
    Organisation,
    OrganisationInvitation,
    OrganisationRole,
    require_other_owner,
)
from homeport.domain.rights import require_admitted, require_unrestricted
from homeport.flows.live_caller import require_live
from homeport.flows.notify import INVITED_TO_ORGANISATION, tell, tell_invited, write_notice
from homeport.flows.organisations import (
    find_organisation,
    find_person,
    grant_organisation_role,
    managed_at,
    owned_organisation,
)
from homeport.ports.store import Transaction
from homeport.ports.world import World

MY_ORGANISATIONS = "/manage/organisations/"


def invite_to_organisation(
    world: World, caller: Caller, name: str, user_name: str, role: OrganisationRole
) -> OrganisationInvitation:
    """Offer somebody a role; they have it when they accept."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        organisation = owned_organisation(tx, caller, name)
        user = find_person(tx, user_name)
        if user.is_disabled:
            raise Conflict(f"The account {user_name} is disabled.", code="user-disabled")
        there = tx.organisations.role_of(organisation.id, user.id)
        if there is not None:
            raise Conflict(
                f"{user_name} is {there} of {name} already: give them another role instead.",
                code="organisation-member-already",
            )
        if tx.organisation_invitations.find(organisation.id, user.id, now) is not None:
            raise Conflict(f"{user_name} is invited already.", code="invitation-open")
        invitation = OrganisationInvitation(
            organisation, user, role, caller.user.name, now, now + INVITATION_LASTS
        )
        tx.organisation_invitations.put(
            organisation.id, user.id, role, by=caller.user.name, at=now, until=invitation.expires_at
        )
        tx.ledger.append(
            Kind.ROLE_INVITED,
            at=now,
            actor=caller.user.name,
            project="",
            details={
                "organisation": name,
                "user": user_name,
                "role": role.value,
                "until": invitation.expires_at.isoformat(),
            },
        )
        facts = {
            "by": caller.user.name,
            "organisation": organisation.name,
            "role": role.value,
            "until": f"{invitation.expires_at:%d %b %Y}",
        }
        tell_invited(tx, user, write_notice(INVITED_TO_ORGANISATION, facts, path=MY_ORGANISATIONS, at=now))
        return invitation


def accept_organisation_invitation(world: World, caller: Caller, name: str) -> OrganisationRole:
    """Take the role that is offered; the one who offered it must still own the organisation."""
    require_unrestricted(caller, Scope.MANAGE)
    require_admitted(caller, world.accounts)
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        invitation = _invitation(tx, name, caller.user.name, now)
        organisation, role = invitation.organisation, invitation.role
        inviter = tx.users.by_name(invitation.invited_by)
        invitation.require_open(tx.organisations.role_of(organisation.id, inviter.id) if inviter else None)
        tx.organisation_invitations.remove(organisation.id, caller.user.id)
        by = invitation.invited_by
        grant_organisation_role(tx, organisation, caller.user, role, by=caller.user, at=now, invited_by=by)
        facts = {"user": caller.user.name, "role": role.value, "organisation": name, "invited_by": by}
        notice = write_notice("organisation-joined", facts, path=managed_at(organisation), at=now)
        tell(tx, owners_of(tx, organisation).values(), notice, but_not=caller.user.name)
        return role


def decline_organisation_invitation(world: World, caller: Caller, name: str) -> None:
    """Do without the role that is offered."""
    require_unrestricted(caller, Scope.MANAGE)
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        invitation = _invitation(tx, name, caller.user.name, now)
        _end(tx, invitation, Ending.DECLINED, by=caller.user, at=now)
        facts = {"user": caller.user.name, "role": invitation.role.value, "place": name}
        notice = write_notice("invitation-declined", facts, path=managed_at(invitation.organisation), at=now)
        inviter = tx.users.by_name(invitation.invited_by)
        tell(tx, [inviter] if inviter else [], notice)


def take_invitation_back(world: World, caller: Caller, name: str, user_name: str) -> None:
    """No longer offer the role; an owner of the organisation may."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        owned_organisation(tx, caller, name)
        invitation = _invitation(tx, name, user_name, now)
        _end(tx, invitation, Ending.TAKEN_BACK, by=caller.user, at=now)
        facts = {"place": name, "by": caller.user.name}
        notice = write_notice("invitation-ended", facts, path=MY_ORGANISATIONS, at=now)
        tell(tx, [invitation.user], notice, by_mail=False)


def _invitation(tx: Transaction, name: str, user_name: str, now: datetime) -> OrganisationInvitation:
    organisation, user = tx.organisations.by_name(name), tx.users.by_name(user_name)
    if organisation is not None and user is not None:
        found = tx.organisation_invitations.find(organisation.id, user.id, now)
        if found is not None:
            return found
    raise NotFound(
        "There is no such invitation: it was taken back or answered, or its time is over.",
        code="invitation-unknown",
    )


def _end(tx: Transaction, invitation: OrganisationInvitation, how: Ending, *, by: User, at: datetime) -> None:
    tx.organisation_invitations.remove(invitation.organisation.id, invitation.user.id)
    tx.ledger.append(
        Kind.INVITATION_ENDED,
        at=at,
        actor=by.name,
        project="",
        details={
            "organisation": invitation.organisation.name,
            "user": invitation.user.name,
            "role": invitation.role.value,
            "how": how.value,
        },
    )


def give_organisation_role(
    world: World,
    caller: Caller,
    name: str,
    user_name: str,
    role: OrganisationRole,
    *,
    uninvited: bool = False,
) -> None:
    """Give a member another role; an owner may, and the last of them stays one.

    ``uninvited`` lets in who was not a member, without asking them: the shell may, a door may not.
    """
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        organisation = owned_organisation(tx, caller, name)
        user = find_person(tx, user_name)
        there = _held(tx, organisation, user)
        if there is None and not uninvited:
            raise _no_member(organisation, user_name)
        if there is role:
            raise Conflict(f"{user_name} is {role} of {name} already.", code="organisation-role-unchanged")
        if role is not OrganisationRole.OWNER:
            require_other_owner(organisation, user_name, owners_of(tx, organisation))
        invitation = tx.organisation_invitations.find(organisation.id, user.id, now)
        if invitation is not None:
            _end(tx, invitation, Ending.SUPERSEDED, by=caller.user, at=now)
        grant_organisation_role(tx, organisation, user, role, by=caller.user, at=now)
        facts = {"role": role.value, "organisation": name, "by": caller.user.name}
        notice = write_notice("organisation-role", facts, path=managed_at(organisation), at=now)
        tell(tx, [user], notice, but_not=caller.user.name)


def remove_from_organisation(world: World, caller: Caller, name: str, user_name: str) -> None:
    """Take somebody out of the organisation and its teams: an owner may, and everybody may leave."""
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        if user_name == caller.user.name:
            require_unrestricted(caller, Scope.MANAGE)
            organisation = find_organisation(tx, name)
        else:
            organisation = owned_organisation(tx, caller, name)
        user = find_person(tx, user_name)
        role = _held(tx, organisation, user)
        if role is None:
            raise _no_member(organisation, user_name)
        owners = owners_of(tx, organisation)
        require_other_owner(organisation, user_name, owners)
        teams = [team.name for team in tx.organisations.revoke(organisation.id, user.id)]
        tx.ledger.append(
            Kind.ORGANISATION_ROLE_REVOKED,
            at=now,
            actor=caller.user.name,
            project="",
            details={"organisation": name, "user": user_name, "role": role.value, "teams": teams},
        )
        facts = {"user": user_name, "organisation": name, "by": caller.user.name, "teams": teams}
        notice = write_notice("organisation-left", facts, path=f"/organisations/{name}/", at=now)
        tell(tx, [user, *owners.values()], notice, but_not=caller.user.name)


def owners_of(tx: Transaction, organisation: Organisation) -> dict[str, User]:
    """Who owns the organisation and can act for it, by name: not who is disabled."""
    members = tx.organisations.members(organisation.id)
    able = [member for member in members if not member.user.is_disabled]
    return {member.user.name: member.user for member in able if member.role is OrganisationRole.OWNER}


def _held(tx: Transaction, organisation: Organisation, user: User) -> OrganisationRole | None:
    # Also who is disabled is a member, who gets another role, or is removed.
    members = tx.organisations.members(organisation.id)
    return next((member.role for member in members if member.user.id == user.id), None)


def _no_member(organisation: Organisation, user_name: str) -> NotFound:
    return NotFound(
        f"{user_name} is not in {organisation.name}: invite them first.", code="organisation-member-unknown"
    )
