"""The fake store's organisations and teams, and the roles that come from them."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from tests.support.fake_tables import Tables

from homeport.domain.account import User
from homeport.domain.errors import Conflict
from homeport.domain.organisation import Organisation, OrganisationInvitation, OrganisationRole, Team
from homeport.domain.project import Project, Role
from homeport.ports.organisations import OrganisationMember


def held_roles(tables: Tables, project_id: int) -> Iterator[tuple[int, Role, str]]:
    """Every role that somebody holds in a project: whose, which, and through what; what counts first comes first."""
    for (of_project, user_id), role in tables.roles.items():
        if of_project == project_id:
            yield user_id, role, ""
    if project_id not in tables.organisation_projects:
        return
    organisation = tables.organisations[tables.organisation_projects[project_id]]
    for (organisation_id, user_id), held in tables.organisation_members.items():
        if organisation_id == organisation.id and held is OrganisationRole.OWNER:
            yield user_id, Role.OWNER, f"organisation {organisation.name}"
    for team in sorted(tables.teams.values(), key=lambda team: team.name):
        for user_id in (user for team_id, user in tables.team_members if team_id == team.id):
            if (team.id, project_id) in tables.team_roles:
                role = tables.team_roles[team.id, project_id]
                yield user_id, role, f"team {organisation.name}/{team.name}"


class FakeOrganisations:
    """``ports.organisations.Organisations``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, name: str, display_name: str, at: datetime) -> Organisation:
        """See the port."""
        if any(name == user.name for user in self._tables.users.values()):
            raise Conflict(f"There is already a user {name}.", code="organisation-exists")
        if self.by_name(name):
            raise Conflict(f"There is already an organisation {name}.", code="organisation-exists")
        organisation = Organisation(self._tables.fresh_id("organisations"), name, display_name, at)
        self._tables.organisations[organisation.id] = organisation
        return organisation

    def by_name(self, name: str) -> Organisation | None:
        """See the port."""
        return next((one for one in self._by_name() if one.name == name), None)

    def by_id(self, organisation_id: int) -> Organisation | None:
        """See the port."""
        return self._tables.organisations.get(organisation_id)

    def every(self) -> Sequence[Organisation]:
        """See the port."""
        return self._by_name()

    def of_user(self, user_id: int) -> Sequence[tuple[Organisation, OrganisationRole]]:
        """See the port."""
        held = self._tables.organisation_members
        roles = ((one, held.get((one.id, user_id))) for one in self._by_name())
        return [(one, role) for one, role in roles if role]

    def _by_name(self) -> list[Organisation]:
        return sorted(self._tables.organisations.values(), key=lambda one: one.name)

    def grant(self, organisation_id: int, user_id: int, role: OrganisationRole) -> None:
        """See the port."""
        self._tables.organisation_members[organisation_id, user_id] = role

    def revoke(self, organisation_id: int, user_id: int) -> Sequence[Team]:
        """See the port."""
        left = [
            team
            for team in FakeTeams(self._tables).of_organisation(organisation_id)
            if (team.id, user_id) in self._tables.team_members
        ]
        self._tables.team_members -= {(team.id, user_id) for team in left}
        self._tables.organisation_members.pop((organisation_id, user_id), None)
        return left

    def role_of(self, organisation_id: int, user_id: int) -> OrganisationRole | None:
        """See the port."""
        if self._tables.users[user_id].is_disabled:
            return None
        return self._tables.organisation_members.get((organisation_id, user_id))

    def members(self, organisation_id: int) -> Sequence[OrganisationMember]:
        """See the port."""
        found = [
            OrganisationMember(self._tables.users[user_id], role)
            for (of, user_id), role in self._tables.organisation_members.items()
            if of == organisation_id
        ]
        return sorted(found, key=lambda one: (one.role is not OrganisationRole.OWNER, one.user.name))

    def of_project(self, project_id: int) -> Organisation | None:
        """See the port."""
        return self.by_id(self._tables.organisation_projects.get(project_id, 0))

    def take_in(self, organisation_id: int, project_id: int) -> None:
        """See the port."""
        if project_id in self._tables.organisation_projects:
            raise AssertionError("the project belongs to an organisation")
        self._tables.organisation_projects[project_id] = organisation_id

    def take_out(self, project_id: int) -> Sequence[Team]:
        """See the port."""
        had_one = [self._tables.teams[team_id] for team_id, of in self._tables.team_roles if of == project_id]
        for team in had_one:
            del self._tables.team_roles[team.id, project_id]
        self._tables.organisation_projects.pop(project_id, None)
        return sorted(had_one, key=lambda team: team.name)

    def projects(
        self, organisation_id: int, *, listed_only: bool, after: str = "", limit: int | None = None
    ) -> Sequence[Project]:
        """See the port."""
        owned = [
            self._tables.projects[project_id]
            for project_id, of in self._tables.organisation_projects.items()
            if of == organisation_id
        ]
        wanted = [
            project
            for project in owned
            if project.name.normalized > after and (project.is_listed or not listed_only)
        ]
        return sorted(wanted, key=lambda project: project.name.normalized)[:limit]


class FakeOrganisationInvitations:
    """``ports.organisations.OrganisationInvitations``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

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
        """See the port."""
        organisation, user = self._tables.organisations[organisation_id], self._tables.users[user_id]
        invitation = OrganisationInvitation(organisation, user, role, by, at, until)
        self._tables.organisation_invitations[organisation_id, user_id] = invitation

    def find(self, organisation_id: int, user_id: int, now: datetime) -> OrganisationInvitation | None:
        """See the port."""
        found = self.of_organisation(organisation_id, now)
        return next((one for one in found if one.user.id == user_id), None)

    def of_organisation(self, organisation_id: int, now: datetime) -> Sequence[OrganisationInvitation]:
        """See the port."""
        found = [one for one in self._open(now) if one.organisation.id == organisation_id]
        return sorted(found, key=lambda one: one.user.name)

    def of_user(self, user_id: int, now: datetime) -> Sequence[OrganisationInvitation]:
        """See the port."""
        found = [one for one in self._open(now) if one.user.id == user_id]
        return sorted(found, key=lambda one: one.organisation.name)

    def _open(self, now: datetime) -> list[OrganisationInvitation]:
        return [one for one in self._tables.organisation_invitations.values() if one.expires_at > now]

    def remove(self, organisation_id: int, user_id: int) -> None:
        """See the port."""
        self._tables.organisation_invitations.pop((organisation_id, user_id), None)


class FakeTeams:
    """``ports.organisations.Teams``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, organisation_id: int, name: str) -> Team:
        """See the port."""
        if self.find(organisation_id, name):
            raise Conflict(f"There is already a team {name}.", code="team-exists")
        team = Team(self._tables.fresh_id("teams"), organisation_id, name)
        self._tables.teams[team.id] = team
        return team

    def find(self, organisation_id: int, name: str) -> Team | None:
        """See the port."""
        return next((team for team in self.of_organisation(organisation_id) if team.name == name), None)

    def of_organisation(self, organisation_id: int) -> Sequence[Team]:
        """See the port."""
        found = [team for team in self._tables.teams.values() if team.organisation_id == organisation_id]
        return sorted(found, key=lambda team: team.name)

    def remove(self, team_id: int) -> None:
        """See the port."""
        for project, _ in self.roles(team_id):
            del self._tables.team_roles[team_id, project.id]
        self._tables.team_members -= {(team_id, user.id) for user in self.members(team_id)}
        del self._tables.teams[team_id]

    def put_member(self, team_id: int, user_id: int) -> bool:
        """See the port."""
        is_new = (team_id, user_id) not in self._tables.team_members
        self._tables.team_members.add((team_id, user_id))
        return is_new

    def drop_member(self, team_id: int, user_id: int) -> bool:
        """See the port."""
        was_in = (team_id, user_id) in self._tables.team_members
        self._tables.team_members.discard((team_id, user_id))
        return was_in

    def members(self, team_id: int) -> Sequence[User]:
        """See the port."""
        found = [self._tables.users[user_id] for of, user_id in self._tables.team_members if of == team_id]
        return sorted(found, key=lambda user: user.name)

    def put_role(self, team_id: int, project_id: int, role: Role) -> None:
        """See the port."""
        self._tables.team_roles[team_id, project_id] = role

    def drop_role(self, team_id: int, project_id: int) -> bool:
        """See the port."""
        return self._tables.team_roles.pop((team_id, project_id), None) is not None

    def roles(self, team_id: int) -> Sequence[tuple[Project, Role]]:
        """See the port."""
        found = [
            (self._tables.projects[project_id], role)
            for (of, project_id), role in self._tables.team_roles.items()
            if of == team_id
        ]
        return sorted(found, key=lambda one: one[0].name.normalized)
