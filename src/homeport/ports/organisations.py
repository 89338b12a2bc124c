"""Organisations and their teams, as the database remembers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from homeport.domain.account import User
from homeport.domain.organisation import Organisation, OrganisationInvitation, OrganisationRole, Team
from homeport.domain.project import Project, Role


@dataclass(frozen=True, slots=True)
class OrganisationMember:
    """A person's role in an organisation."""

    user: User
    role: OrganisationRole


class Organisations(Protocol):
    """Organisations, their people and their projects."""

    def add(self, name: str, display_name: str, at: datetime) -> Organisation:
        """A new organisation; raises ``Conflict`` when there is one, or a user, of that name."""
        ...

    def by_name(self, name: str) -> Organisation | None:
        """The organisation of that name."""
        ...

    def by_id(self, organisation_id: int) -> Organisation | None:
        """The organisation of that id."""
        ...

    def every(self) -> Sequence[Organisation]:
        """All of them, by name."""
        ...

    def of_user(self, user_id: int) -> Sequence[tuple[Organisation, OrganisationRole]]:
        """The organisations that the user is in, by name."""
        ...

    def grant(self, organisation_id: int, user_id: int, role: OrganisationRole) -> None:
        """Give a role; an earlier one is replaced."""
        ...

    def revoke(self, organisation_id: int, user_id: int) -> Sequence[Team]:
        """Take somebody out, and out of every team; the teams that they were in, by name."""
        ...

    def role_of(self, organisation_id: int, user_id: int) -> OrganisationRole | None:
        """The user's role; a disabled account has none, for as long as it is disabled."""
        ...

    def members(self, organisation_id: int) -> Sequence[OrganisationMember]:
        """Everyone with a role, owners first, then by name."""
        ...

    def of_project(self, project_id: int) -> Organisation | None:
        """The organisation that the project belongs to."""
        ...

    def take_in(self, organisation_id: int, project_id: int) -> None:
        """Let a project that belongs to none belong to the organisation."""
        ...

    def take_out(self, project_id: int) -> Sequence[Team]:
        """Let the project belong to none, and its teams have no role in it; those that had one, by name."""
        ...

    def projects(
        self, organisation_id: int, *, listed_only: bool, after: str = "", limit: int | None = None
    ) -> Sequence[Project]:
        """Its projects, or those that anybody may know of, whose PEP 503 forms are greater, by that."""
        ...


class OrganisationInvitations(Protocol):
    """Roles in organisations that were offered and not yet answered; what has expired is not there any more."""

    def put(
        self,
        organisation_id: int,
        user_id: int,
        role: OrganisationRole,
        *,
        by: str,
        at: datetime,
        until: datetime,
    ) -> None:
        """Invite somebody; an earlier invitation is replaced."""
        ...

    def find(self, organisation_id: int, user_id: int, now: datetime) -> OrganisationInvitation | None:
        """The invitation of that person to that organisation."""
        ...

    def of_organisation(self, organisation_id: int, now: datetime) -> Sequence[OrganisationInvitation]:
        """Who is invited, by name."""
        ...

    def of_user(self, user_id: int, now: datetime) -> Sequence[OrganisationInvitation]:
        """What somebody is invited to, by the organisations' names."""
        ...

    def remove(self, organisation_id: int, user_id: int) -> None:
        """Forget an invitation."""
        ...


class Teams(Protocol):
    """Teams, their people, and their roles in projects."""

    def add(self, organisation_id: int, name: str) -> Team:
        """A new team; raises ``Conflict`` when the organisation has one of that name."""
        ...

    def find(self, organisation_id: int, name: str) -> Team | None:
        """The organisation's team of that name."""
        ...

    def of_organisation(self, organisation_id: int) -> Sequence[Team]:
        """All teams, by name."""
        ...

    def remove(self, team_id: int) -> None:
        """Forget a team, who is in it, and its roles."""
        ...

    def put_member(self, team_id: int, user_id: int) -> bool:
        """Put a member of the organisation into the team; False when they are in it."""
        ...

    def drop_member(self, team_id: int, user_id: int) -> bool:
        """Take somebody out of the team; False when they are not in it."""
        ...

    def members(self, team_id: int) -> Sequence[User]:
        """Who is in the team, by name."""
        ...

    def put_role(self, team_id: int, project_id: int, role: Role) -> None:
        """Give the team a role in a project of the organisation; an earlier one is replaced."""
        ...

    def drop_role(self, team_id: int, project_id: int) -> bool:
        """Take the team's role in a project away; False when it has none."""
        ...

    def roles(self, team_id: int) -> Sequence[tuple[Project, Role]]:
        """The team's roles, by the projects' PEP 503 forms."""
        ...
