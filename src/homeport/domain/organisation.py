"""Organisations and teams: how many people keep many projects together.

1. A project belongs to one organisation at most. Who owns the organisation owns all its projects; a member has no
   right by that alone.
2. A team is some of an organisation's members, with a role in some of its projects.
3. A person's role in a project is the best of what they hold: by themselves, through the organisation, through teams.
4. An organisation always has an owner; a project always has one, by themselves or through its organisation. Who is
   disabled does not count.
5. Nobody is in an organisation without agreeing: a role that is offered is an invitation until it is accepted, which
   counts for 14 days, while the one who invited owns the organisation (T-32).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from homeport.domain.account import Caller, Scope, User, require_unreserved
from homeport.domain.errors import Conflict, Forbidden, Invalid
from homeport.domain.names import ProjectName
from homeport.domain.project import Role
from homeport.domain.rights import require_unrestricted

LONGEST_DISPLAY_NAME = 128
# As user names are, so that a name means one of them wherever it stands.
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?", re.ASCII)


class OrganisationRole(StrEnum):
    """What a person is to an organisation."""

    OWNER = "owner"
    MEMBER = "member"

    @classmethod
    def parse(cls, text: str) -> "OrganisationRole":
        """The role of that name, or ``Invalid``."""
        try:
            return cls(text)
        except ValueError:
            raise Invalid(
                f"{text[:40]!r} is not a role in an organisation: use owner or member.",
                code="organisation-role-unknown",
            ) from None


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who keeps projects together; ``name`` is in addresses, ``display_name`` is what people read."""

    id: int
    name: str
    display_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Team:
    """Some of an organisation's members."""

    id: int
    organisation_id: int
    name: str


@dataclass(frozen=True, slots=True)
class OrganisationInvitation:
    """Somebody is asked to take a role in an organisation; ``invited_by`` is the name of an owner."""

    organisation: Organisation
    user: User
    role: OrganisationRole
    invited_by: str
    created_at: datetime
    expires_at: datetime

    def require_open(self, inviter: OrganisationRole | None) -> None:
        """``Conflict`` when ``inviter``, the role of who invited, is no owner's."""
        if inviter is not OrganisationRole.OWNER:
            raise Conflict(
                f"{self.invited_by}, who invited you, no longer owns {self.organisation.name}: ask one of its "
                "owners to invite you again.",
                code="invitation-void",
            )


def require_organisation_name(name: str, *, by_admin: bool = False) -> str:
    """``name`` itself, or ``Invalid`` with what an organisation's name may hold.

    Names that would deceive those who read them are as reserved as among users, but for administrators.
    """
    _name(name, "an organisation", "organisation-name-invalid")
    return name if by_admin else require_unreserved(name)


def require_team_name(name: str) -> str:
    """``name`` itself, or ``Invalid`` with what a team's name may hold."""
    return _name(name, "a team", "team-name-invalid")


def _name(name: str, whose: str, code: str) -> str:
    if not _NAME.fullmatch(name):
        raise Invalid(
            f"{name[:80]!r} is not a name for {whose}: use lower-case letters, digits, '.', '-' and '_', "
            "at most 64 characters.",
            code=code,
        )
    return name


def require_display_name(text: str) -> str:
    """The name that people read, as one line, or ``Invalid``."""
    shown = " ".join(text.split())
    # What is not seen where it stands could make one organisation look like another.
    if not shown or not shown.isprintable() or len(shown) > LONGEST_DISPLAY_NAME:
        raise Invalid(
            f"{text[:40]!r} is not a display name: 1 to {LONGEST_DISPLAY_NAME} printable characters are wanted.",
            code="display-name-invalid",
        )
    return shown


def best_role(held: Iterable[Role]) -> Role | None:
    """The role that counts among those that a person holds."""
    return min(held, key=list(Role).index, default=None)


def require_organisation_owner(
    caller: Caller, organisation: Organisation, role: OrganisationRole | None
) -> None:
    """``Forbidden`` unless the caller owns the organisation; a token must be to manage all its user's projects."""
    require_unrestricted(caller, Scope.MANAGE)
    if role is not OrganisationRole.OWNER:
        raise Forbidden(f"Only an owner of {organisation.name} may do this.", code="organisation-owner-only")


def require_other_owner(organisation: Organisation, name: str, owners: Iterable[str]) -> None:
    """``Conflict`` when ``name`` is the only one of ``owners``, and so must stay one."""
    if set(owners) == {name}:
        raise Conflict(
            f"{name} is the last owner of {organisation.name}: make another one first.",
            code="last-organisation-owner",
        )


def require_owner_of_its_own(project: ProjectName, roles: Iterable[Role]) -> None:
    """``Conflict`` unless somebody among the ``roles`` that people hold by themselves owns the project."""
    if Role.OWNER not in roles:
        raise Conflict(
            f"{project} is owned through its organisation only: make somebody its owner first.",
            code="last-owner",
        )
