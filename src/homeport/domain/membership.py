"""Membership: who is invited to a project as what, and who may not go.

1. Nobody becomes a member without agreeing: a role that others offer is an invitation, until it is accepted.
2. An invitation lasts 14 days, and counts while the one who invited owns the project (T-32).
3. A project always has an owner: the last one can neither leave, nor be removed, nor be lowered. Who is disabled
   cannot act as one, and does not count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from homeport.domain.account import User
from homeport.domain.errors import Conflict
from homeport.domain.names import ProjectName
from homeport.domain.project import Role

INVITATION_LASTS = timedelta(days=14)


class Ending(StrEnum):
    """How an invitation ended without becoming a role."""

    DECLINED = "declined"
    TAKEN_BACK = "taken-back"
    SUPERSEDED = "superseded"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody is asked to take a role in a project; ``invited_by`` is the name of an owner."""

    id: int
    project_id: int
    project: ProjectName
    user: User
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime

    def require_inviter(self, role: Role | None) -> None:
        """``Conflict`` unless who invited, and has this ``role`` now, owns the project."""
        if role is not Role.OWNER:
            raise Conflict(
                f"{self.invited_by}, who invited you, does not own {self.project} any more: ask one of its owners "
                "to invite you again.",
                code="invitation-void",
            )


def require_an_owner(project: ProjectName, name: str, roles: Iterable[Role]) -> None:
    """``Conflict`` unless one of the ``roles`` that would be left, when ``name`` goes, is an owner's."""
    if Role.OWNER not in roles:
        raise Conflict(f"{name} is the last owner of {project}: make another one first.", code="last-owner")
