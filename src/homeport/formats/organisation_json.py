"""Organisations, their people, teams and projects as programs are told them."""

from collections.abc import Iterable
from typing import Any

from homeport.domain.account import User
from homeport.domain.organisation import Organisation, OrganisationInvitation, OrganisationRole, Team
from homeport.domain.project import Project, Role
from homeport.formats.management_json import moment


def organisation_json(organisation: Organisation, role: OrganisationRole | None = None) -> dict[str, Any]:
    """An organisation, and what the one who asks is in it."""
    told = {
        "name": organisation.name,
        "display_name": organisation.display_name,
        "created": moment(organisation.created_at),
    }
    return told if role is None else {**told, "role": role.value}


def organisation_member_json(user: User, role: OrganisationRole) -> dict[str, Any]:
    """A person's role in an organisation."""
    return {"user": user.name, "role": role.value}


def organisation_invitation_json(invitation: OrganisationInvitation) -> dict[str, Any]:
    """A role in an organisation that was offered."""
    return {
        "organisation": invitation.organisation.name,
        "user": invitation.user.name,
        "role": invitation.role.value,
        "invited_by": invitation.invited_by,
        "created": moment(invitation.created_at),
        "expires": moment(invitation.expires_at),
    }


def team_json(
    team: Team, members: Iterable[User] = (), roles: Iterable[tuple[Project, Role]] = ()
) -> dict[str, Any]:
    """A team, who is in it, and its roles."""
    return {
        "name": team.name,
        "members": [user.name for user in members],
        "projects": [{"project": project.name.normalized, "role": role.value} for project, role in roles],
    }
