"""Members and invitations of projects as programs are told them."""

from typing import Any

from homeport.domain.membership import Invitation
from homeport.domain.project import Role
from homeport.formats.management_json import moment


def member_json(user: str, role: Role, through: str) -> dict[str, Any]:
    """A person's role, and what they hold it through; that is empty when it is their own."""
    return {"user": user, "role": role.value, "through": through}


def invitation_json(invitation: Invitation) -> dict[str, Any]:
    """A role that was offered."""
    return {
        "id": invitation.id,
        "project": invitation.project.normalized,
        "user": invitation.user.name,
        "role": invitation.role.value,
        "invited_by": invitation.invited_by,
        "created": moment(invitation.created_at),
        "expires": moment(invitation.expires_at),
    }
