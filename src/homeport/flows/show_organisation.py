"""What people are shown of organisations: the public page, one's own, and all that a member may know of one.

1. Everybody may know an organisation's name and its listed projects; who is in it is its members' business.
2. A member who owns nothing is told of a private project only where they have a role in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeport.domain.account import Caller, Scope, User
from homeport.domain.errors import Forbidden
from homeport.domain.organisation import Organisation, OrganisationInvitation, OrganisationRole, Team
from homeport.domain.project import Project, Role
from homeport.domain.rights import require_unrestricted
from homeport.flows.browse import Listed, listed
from homeport.flows.organisation_people import owners_of
from homeport.flows.organisations import find_organisation
from homeport.flows.reading import Who, require_index_reader
from homeport.formats.organisation_json import (
    organisation_invitation_json,
    organisation_json,
    organisation_member_json,
    team_json,
)
from homeport.ports.organisations import OrganisationMember
from homeport.ports.store import Transaction
from homeport.ports.world import World

_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class PublicOrganisation:
    """What everybody may know; ``more`` is what to ask for ``after``, and empty at the end.

    ``members`` is empty for who is none of them.
    """

    organisation: Organisation
    projects: tuple[Listed, ...]
    more: str
    members: tuple[OrganisationMember, ...]


def public_organisation(
    world: World, who: Who, viewer: User | None, name: str, *, after: str = ""
) -> PublicOrganisation:
    """An organisation and its listed projects by name, as many as a page holds."""
    require_index_reader(world, who)
    with world.store.read() as tx:
        organisation = find_organisation(tx, name)
        found = tx.organisations.projects(
            organisation.id, listed_only=True, after=after, limit=_ON_A_PAGE + 1
        )
        shown = found[:_ON_A_PAGE]
        is_member = viewer is not None and tx.organisations.role_of(organisation.id, viewer.id) is not None
        return PublicOrganisation(
            organisation,
            listed(tx, shown),
            shown[-1].name.normalized if len(found) > _ON_A_PAGE else "",
            tuple(tx.organisations.members(organisation.id)) if is_member else (),
        )


@dataclass(frozen=True, slots=True)
class MyOrganisations:
    """The organisations that somebody is in, each with their role, and those that they are invited to."""

    roles: tuple[tuple[Organisation, OrganisationRole], ...]
    invitations: tuple[OrganisationInvitation, ...]
    may_create: bool


def my_organisations(world: World, caller: Caller) -> MyOrganisations:
    """What the caller is in, and invited to."""
    _require_scope(caller)
    with world.store.read() as tx:
        return MyOrganisations(
            tuple(tx.organisations.of_user(caller.user.id)),
            tuple(tx.organisation_invitations.of_user(caller.user.id, world.clock.now())),
            may_create=world.accounts.all_make_organisations or caller.user.is_admin,
        )


def every_organisation(world: World) -> tuple[Organisation, ...]:
    """All of them, by name, for who runs the index."""
    with world.store.read() as tx:
        return tuple(tx.organisations.every())


def owners(world: World, name: str) -> tuple[User, ...]:
    """Who owns the organisation, by name; for the shell, which acts for one of them."""
    with world.store.read() as tx:
        return tuple(owners_of(tx, find_organisation(tx, name)).values())


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team, who is in it, and its roles in projects."""

    team: Team
    members: tuple[User, ...]
    roles: tuple[tuple[Project, Role], ...]


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """All that a member may know; ``role`` is theirs."""

    organisation: Organisation
    role: OrganisationRole
    members: tuple[OrganisationMember, ...]
    invited: tuple[OrganisationInvitation, ...]
    teams: tuple[TeamView, ...]
    projects: tuple[Project, ...]

    def to_json(self) -> dict[str, Any]:
        """The organisation as it is told to programs."""
        return {
            **organisation_json(self.organisation, self.role),
            "members": [organisation_member_json(member.user, member.role) for member in self.members],
            "invitations": [organisation_invitation_json(invitation) for invitation in self.invited],
            "teams": [team_json(view.team, view.members, view.roles) for view in self.teams],
            "projects": [project.name.normalized for project in self.projects],
        }


def show_organisation(world: World, caller: Caller, name: str) -> OrganisationView:
    """The organisation's people, teams and projects, for its members."""
    _require_scope(caller)
    with world.store.read() as tx:
        organisation = find_organisation(tx, name)
        role = tx.organisations.role_of(organisation.id, caller.user.id)
        if role is None:
            raise Forbidden(f"Only members of {name} see this.", code="organisation-member-only")
        everything = tx.organisations.projects(organisation.id, listed_only=False)
        known = {
            project.id: project
            for project in everything
            if project.is_listed or tx.projects.role_of(project.id, caller.user.id) is not None
        }
        return OrganisationView(
            organisation,
            role,
            tuple(tx.organisations.members(organisation.id)),
            tuple(tx.organisation_invitations.of_organisation(organisation.id, world.clock.now())),
            tuple(_team(tx, team, known) for team in tx.teams.of_organisation(organisation.id)),
            tuple(known.values()),
        )


def _team(tx: Transaction, team: Team, known: Mapping[int, Project]) -> TeamView:
    roles = ((project, role) for project, role in tx.teams.roles(team.id) if project.id in known)
    return TeamView(team, tuple(tx.teams.members(team.id)), tuple(roles))


def _require_scope(caller: Caller) -> None:
    reads = caller.token is not None and Scope.READ in caller.token.scopes
    require_unrestricted(caller, Scope.READ if reads else Scope.MANAGE)
