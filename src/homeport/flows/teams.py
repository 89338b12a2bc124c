"""Teams of an organisation: who is in them, and what role they have in which of its projects. Its owners decide."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from homeport.domain.account import Caller, User
from homeport.domain.errors import Conflict, NotFound
from homeport.domain.ledger import Kind
from homeport.domain.organisation import Organisation, Team, require_team_name
from homeport.domain.project import Project, Role
from homeport.flows.live_caller import require_live
from homeport.flows.notify import tell, write_notice
from homeport.flows.organisations import (
    find_person,
    managed_at,
    owned_organisation,
    project_of_organisation,
)
from homeport.ports.store import Transaction
from homeport.ports.world import World


def create_team(world: World, caller: Caller, name: str, team_name: str) -> Team:
    """A new team, without people and roles."""
    require_team_name(team_name)
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        organisation = owned_organisation(tx, caller, name)
        team = tx.teams.add(organisation.id, team_name)
        _Change(tx, caller, organisation, team, now).record("created")
        return team


def delete_team(world: World, caller: Caller, name: str, team_name: str) -> None:
    """Forget the team; who was in it loses the roles that came from it."""
    with _changing(world, caller, name, team_name) as change:
        tx, team = change.tx, change.team
        people, roles = tx.teams.members(team.id), tx.teams.roles(team.id)
        tx.teams.remove(team.id)
        change.record(
            "deleted",
            members=[user.name for user in people],
            roles={project.name.normalized: role.value for project, role in roles},
        )
        change.tell(people, "gone")


def add_to_team(world: World, caller: Caller, name: str, team_name: str, user_name: str) -> None:
    """Put a member of the organisation into the team."""
    with _changing(world, caller, name, team_name) as change:
        tx, team = change.tx, change.team
        user = find_person(tx, user_name)
        if tx.organisations.role_of(team.organisation_id, user.id) is None:
            raise Conflict(
                f"{user_name} is not in {change.organisation.name}: invite them there first.",
                code="team-outsider",
            )
        if not tx.teams.put_member(team.id, user.id):
            raise Conflict(f"{user_name} is in {change.shown} already.", code="team-unchanged")
        change.record("member-added", user=user_name)
        change.tell([user], "joined")


def remove_from_team(world: World, caller: Caller, name: str, team_name: str, user_name: str) -> None:
    """Take somebody out of the team; they stay in the organisation."""
    with _changing(world, caller, name, team_name) as change:
        user = find_person(change.tx, user_name)
        if not change.tx.teams.drop_member(change.team.id, user.id):
            raise NotFound(f"{user_name} is not in {change.shown}.", code="team-member-unknown")
        change.record("member-removed", user=user_name)
        change.tell([user], "left")


def give_team_role(
    world: World, caller: Caller, name: str, team_name: str, project_name: str, role: Role
) -> None:
    """Give the team a role, or another one, in a project of the organisation."""
    with _changing(world, caller, name, team_name) as change:
        tx, team = change.tx, change.team
        project = project_of_organisation(tx, change.organisation, project_name)
        if (project, role) in tx.teams.roles(team.id):
            raise Conflict(f"{change.shown} is {role} of {project.name} already.", code="team-unchanged")
        tx.teams.put_role(team.id, project.id, role)
        change.record("role-granted", project, role=role.value)
        change.tell(tx.teams.members(team.id), "role", project, role.value)


def take_team_role(world: World, caller: Caller, name: str, team_name: str, project_name: str) -> None:
    """Take the team's role in a project away."""
    with _changing(world, caller, name, team_name) as change:
        tx, team = change.tx, change.team
        project = project_of_organisation(tx, change.organisation, project_name)
        if not tx.teams.drop_role(team.id, project.id):
            raise NotFound(f"{change.shown} has no role in {project.name}.", code="team-role-unknown")
        change.record("role-revoked", project)
        change.tell(tx.teams.members(team.id), "role", project)


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of a team, and what every one of them leaves behind."""

    tx: Transaction
    caller: Caller
    organisation: Organisation
    team: Team
    at: datetime

    @property
    def shown(self) -> str:
        """The team with its organisation, as people are told of it."""
        return f"{self.organisation.name}/{self.team.name}"

    def record(
        self, change: str, project: Project | None = None, **details: str | list[str] | dict[str, str]
    ) -> None:
        """The entry of the ledger."""
        self.tx.ledger.append(
            Kind.TEAM_CHANGED,
            at=self.at,
            actor=self.caller.user.name,
            project=project.name.normalized if project else "",
            details={
                "organisation": self.organisation.name,
                "team": self.team.name,
                "change": change,
                **details,
            },
        )

    def tell(
        self, people: Sequence[User], change: str, project: Project | None = None, role: str = ""
    ) -> None:
        """The notice."""
        facts = {
            "change": change,
            "team": self.shown,
            "by": self.caller.user.name,
            "project": project.name.display if project else "",
            "role": role,
        }
        notice = write_notice("team-changed", facts, path=managed_at(self.organisation), at=self.at)
        tell(self.tx, people, notice, but_not=self.caller.user.name)


@contextmanager
def _changing(world: World, caller: Caller, name: str, team_name: str) -> Iterator[_Change]:
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        organisation = owned_organisation(tx, caller, name)
        team = tx.teams.find(organisation.id, team_name)
        if team is None:
            raise NotFound(f"{name} has no team {team_name[:80]}.", code="team-unknown")
        yield _Change(tx, caller, organisation, team, now)
