"""Organisations, their people and projects, and their teams."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.engine import Row

from homeport.adapters.db.identity import user_of
from homeport.adapters.db.projects import LISTED, project_of
from homeport.adapters.db.tables import (
    invitations,
    organisation_members,
    organisation_projects,
    organisations,
    projects,
    team_members,
    team_roles,
    teams,
    users,
)
from homeport.domain.account import User
from homeport.domain.errors import Conflict
from homeport.domain.organisation import Organisation, OrganisationInvitation, OrganisationRole, Team
from homeport.domain.project import Project, Role
from homeport.ports.organisations import OrganisationMember


def _organisation(row: Row[Any]) -> Organisation:
    return Organisation(row.id, row.name, row.display_name, row.created_at)


def _team(row: Row[Any]) -> Team:
    return Team(row.id, row.organisation_id, row.name)


class SqlOrganisations:
    """``ports.organisations.Organisations`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, name: str, display_name: str, at: datetime) -> Organisation:
        """See the port."""
        if self._connection.execute(select(users.c.id).where(users.c.name == name)).first():
            raise Conflict(f"There is already a user {name}.", code="organisation-exists")
        made = self._connection.execute(
            upsert(organisations)
            .values(name=name, display_name=display_name, created_at=at)
            .on_conflict_do_nothing()
        )
        organisation = self.by_name(name)
        if made.rowcount != 1 or organisation is None:
            raise Conflict(f"There is already an organisation {name}.", code="organisation-exists")
        return organisation

    def by_name(self, name: str) -> Organisation | None:
        """See the port."""
        return self._one(select(organisations).where(organisations.c.name == name))

    def by_id(self, organisation_id: int) -> Organisation | None:
        """See the port."""
        return self._one(select(organisations).where(organisations.c.id == organisation_id))

    def _one(self, wanted: Select[Any]) -> Organisation | None:
        row = self._connection.execute(wanted).first()
        return _organisation(row) if row else None

    def every(self) -> Sequence[Organisation]:
        """See the port."""
        rows = self._connection.execute(select(organisations).order_by(organisations.c.name))
        return [_organisation(row) for row in rows]

    def of_user(self, user_id: int) -> Sequence[tuple[Organisation, OrganisationRole]]:
        """See the port."""
        rows = self._connection.execute(
            select(organisations, organisation_members.c.role)
            .join(organisation_members, organisation_members.c.organisation_id == organisations.c.id)
            .where(organisation_members.c.user_id == user_id)
            .order_by(organisations.c.name)
        )
        return [(_organisation(row), OrganisationRole(row.role)) for row in rows]

    def grant(self, organisation_id: int, user_id: int, role: OrganisationRole) -> None:
        """See the port."""
        row = upsert(organisation_members).values(
            organisation_id=organisation_id, user_id=user_id, role=role.value
        )
        self._connection.execute(
            row.on_conflict_do_update(
                index_elements=["organisation_id", "user_id"], set_={"role": role.value}
            )
        )

    def revoke(self, organisation_id: int, user_id: int) -> Sequence[Team]:
        """See the port."""
        left = [
            _team(row)
            for row in self._connection.execute(
                select(teams)
                .join(team_members, team_members.c.team_id == teams.c.id)
                .where(teams.c.organisation_id == organisation_id, team_members.c.user_id == user_id)
                .order_by(teams.c.name)
            )
        ]
        self._connection.execute(
            delete(team_members).where(
                team_members.c.user_id == user_id, team_members.c.team_id.in_([team.id for team in left])
            )
        )
        self._connection.execute(delete(organisation_members).where(*_is_member(organisation_id, user_id)))
        return left

    def role_of(self, organisation_id: int, user_id: int) -> OrganisationRole | None:
        """See the port."""
        held = select(organisation_members.c.role).where(*_is_member(organisation_id, user_id))
        able = held.join(users, users.c.id == organisation_members.c.user_id).where(
            users.c.disabled_at.is_(None)
        )
        role = self._connection.execute(able).scalar()
        return None if role is None else OrganisationRole(role)

    def members(self, organisation_id: int) -> Sequence[OrganisationMember]:
        """See the port."""
        rows = self._connection.execute(
            select(users, organisation_members.c.role)
            .join(organisation_members, organisation_members.c.user_id == users.c.id)
            .where(organisation_members.c.organisation_id == organisation_id)
            .order_by(organisation_members.c.role != OrganisationRole.OWNER.value, users.c.name)
        )
        return [OrganisationMember(user_of(row), OrganisationRole(row.role)) for row in rows]

    def of_project(self, project_id: int) -> Organisation | None:
        """See the port."""
        return self._one(
            select(organisations)
            .join(organisation_projects, organisation_projects.c.organisation_id == organisations.c.id)
            .where(organisation_projects.c.project_id == project_id)
        )

    def take_in(self, organisation_id: int, project_id: int) -> None:
        """See the port."""
        self._connection.execute(
            insert(organisation_projects).values(organisation_id=organisation_id, project_id=project_id)
        )

    def take_out(self, project_id: int) -> Sequence[Team]:
        """See the port."""
        had_one = [
            _team(row)
            for row in self._connection.execute(
                select(teams)
                .join(team_roles, team_roles.c.team_id == teams.c.id)
                .where(team_roles.c.project_id == project_id)
                .order_by(teams.c.name)
            )
        ]
        self._connection.execute(delete(team_roles).where(team_roles.c.project_id == project_id))
        self._connection.execute(
            delete(organisation_projects).where(organisation_projects.c.project_id == project_id)
        )
        return had_one

    def projects(
        self, organisation_id: int, *, listed_only: bool, after: str = "", limit: int | None = None
    ) -> Sequence[Project]:
        """See the port."""
        wanted = (
            select(projects)
            .join(organisation_projects, organisation_projects.c.project_id == projects.c.id)
            .where(organisation_projects.c.organisation_id == organisation_id, projects.c.normalized > after)
            .order_by(projects.c.normalized)
            .limit(limit)
        )
        rows = self._connection.execute(wanted.where(LISTED) if listed_only else wanted)
        return [project_of(row) for row in rows]


def _is_member(organisation_id: int, user_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    columns = organisation_members.c
    return columns.organisation_id == organisation_id, columns.user_id == user_id


class SqlOrganisationInvitations:
    """``ports.organisations.OrganisationInvitations`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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
        self.remove(organisation_id, user_id)
        self._connection.execute(
            insert(invitations).values(
                project_id=None,
                organisation_id=organisation_id,
                user_id=user_id,
                role=role.value,
                invited_by=by,
                created_at=at,
                expires_at=until,
            )
        )

    def find(self, organisation_id: int, user_id: int, now: datetime) -> OrganisationInvitation | None:
        """See the port."""
        found = self._open(_INVITED.where(*_invites(organisation_id, user_id)), now)
        return next(iter(found), None)

    def of_organisation(self, organisation_id: int, now: datetime) -> Sequence[OrganisationInvitation]:
        """See the port."""
        wanted = _INVITED.where(invitations.c.organisation_id == organisation_id)
        return self._open(wanted.order_by(users.c.name), now)

    def of_user(self, user_id: int, now: datetime) -> Sequence[OrganisationInvitation]:
        """See the port."""
        return self._open(
            _INVITED.where(invitations.c.user_id == user_id).order_by(organisations.c.name), now
        )

    def _open(self, wanted: Select[Any], now: datetime) -> Sequence[OrganisationInvitation]:
        rows = self._connection.execute(wanted.where(invitations.c.expires_at > now))
        return [
            OrganisationInvitation(
                Organisation(row.organisation_id, row.organisation, row.display_name, row.organisation_since),
                user_of(row),
                OrganisationRole(row.role),
                row.invited_by,
                row.invited_at,
                row.expires_at,
            )
            for row in rows
        ]

    def remove(self, organisation_id: int, user_id: int) -> None:
        """See the port."""
        self._connection.execute(delete(invitations).where(*_invites(organisation_id, user_id)))


_INVITED = (
    select(
        users,
        invitations.c.organisation_id,
        invitations.c.role,
        invitations.c.invited_by,
        invitations.c.created_at.label("invited_at"),
        invitations.c.expires_at,
        organisations.c.name.label("organisation"),
        organisations.c.display_name,
        organisations.c.created_at.label("organisation_since"),
    )
    .join(invitations, invitations.c.user_id == users.c.id)
    .join(organisations, organisations.c.id == invitations.c.organisation_id)
)


def _invites(organisation_id: int, user_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return invitations.c.organisation_id == organisation_id, invitations.c.user_id == user_id


class SqlTeams:
    """``ports.organisations.Teams`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, organisation_id: int, name: str) -> Team:
        """See the port."""
        made = self._connection.execute(
            upsert(teams).values(organisation_id=organisation_id, name=name).on_conflict_do_nothing()
        )
        team = self.find(organisation_id, name)
        if made.rowcount != 1 or team is None:
            raise Conflict(f"There is already a team {name}.", code="team-exists")
        return team

    def find(self, organisation_id: int, name: str) -> Team | None:
        """See the port."""
        wanted = select(teams).where(teams.c.organisation_id == organisation_id, teams.c.name == name)
        row = self._connection.execute(wanted).first()
        return _team(row) if row else None

    def of_organisation(self, organisation_id: int) -> Sequence[Team]:
        """See the port."""
        wanted = select(teams).where(teams.c.organisation_id == organisation_id).order_by(teams.c.name)
        return [_team(row) for row in self._connection.execute(wanted)]

    def remove(self, team_id: int) -> None:
        """See the port."""
        for table in (team_members, team_roles):
            self._connection.execute(delete(table).where(table.c.team_id == team_id))
        self._connection.execute(delete(teams).where(teams.c.id == team_id))

    def put_member(self, team_id: int, user_id: int) -> bool:
        """See the port."""
        row = upsert(team_members).values(team_id=team_id, user_id=user_id)
        return self._connection.execute(row.on_conflict_do_nothing()).rowcount == 1

    def drop_member(self, team_id: int, user_id: int) -> bool:
        """See the port."""
        columns = team_members.c
        gone = delete(team_members).where(columns.team_id == team_id, columns.user_id == user_id)
        return self._connection.execute(gone).rowcount == 1

    def members(self, team_id: int) -> Sequence[User]:
        """See the port."""
        rows = self._connection.execute(
            select(users)
            .join(team_members, team_members.c.user_id == users.c.id)
            .where(team_members.c.team_id == team_id)
            .order_by(users.c.name)
        )
        return [user_of(row) for row in rows]

    def put_role(self, team_id: int, project_id: int, role: Role) -> None:
        """See the port."""
        row = upsert(team_roles).values(team_id=team_id, project_id=project_id, role=role.value)
        self._connection.execute(
            row.on_conflict_do_update(index_elements=["team_id", "project_id"], set_={"role": role.value})
        )

    def drop_role(self, team_id: int, project_id: int) -> bool:
        """See the port."""
        columns = team_roles.c
        gone = delete(team_roles).where(columns.team_id == team_id, columns.project_id == project_id)
        return self._connection.execute(gone).rowcount == 1

    def roles(self, team_id: int) -> Sequence[tuple[Project, Role]]:
        """See the port."""
        rows = self._connection.execute(
            select(projects, team_roles.c.role)
            .join(team_roles, team_roles.c.project_id == projects.c.id)
            .where(team_roles.c.team_id == team_id)
            .order_by(projects.c.normalized)
        )
        return [(project_of(row), Role(row.role)) for row in rows]
