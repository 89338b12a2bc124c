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
    """How an invitation ended."""

    ACCEPTED = "accepted"
    EXPIRED = "expired"
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


@dataclass(frozen=True, slots=True)
class EndedInvitation:
    """What became of an invitation, for the one person that it was for: a notice leads to it for ever."""

    id: int
    user_id: int
    project: ProjectName
    role: Role
    invited_by: str
    how: Ending
    at: datetime

    @property
    def sentence(self) -> str:
        """The end, told to who was invited."""
        return _ENDS[self.how].format(by=self.invited_by, role=self.role)


_ENDS = {
    Ending.ACCEPTED: "You accepted it.",
    Ending.EXPIRED: "Nobody answered it in time. Ask {by} for another one.",
    Ending.DECLINED: "You declined it. Ask {by} for another one if you changed your mind.",
    Ending.TAKEN_BACK: "It was taken back. Ask {by} whether that was meant.",
    Ending.SUPERSEDED: "You were given a role without it.",
    Ending.VOID: "{by}, who invited you, does not own the project any more. Ask one of its owners for another one.",
}


def require_an_owner(project: ProjectName, name: str, roles: Iterable[Role]) -> None:
    """``Conflict`` unless one of the ``roles`` that would be left, when ``name`` goes, is an owner's."""
    if Role.OWNER not in roles:
        raise Conflict(f"{name} is the last owner of {project}: make another one first.", code="last-owner")
