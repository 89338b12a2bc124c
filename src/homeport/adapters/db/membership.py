"""Invitations to projects."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.engine import Row

from homeport.adapters.db.identity import user_of
from homeport.adapters.db.tables import ended_invitations, invitations, projects, users
from homeport.domain.membership import EndedInvitation, Ending, Invitation
from homeport.domain.names import ProjectName
from homeport.domain.project import Role

# An invitation to an organisation has no project.
_WHOLE = (
    select(
        users,
        projects.c.name.label("project"),
        *(column.label(f"invitation_{column.name}") for column in invitations.c),
    )
    .join(invitations, invitations.c.user_id == users.c.id)
    .join(projects, projects.c.id == invitations.c.project_id)
    .order_by(invitations.c.id)
)


class SqlInvitations:
    """``ports.membership.Invitations`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, project_id: int, user_id: int, role: Role, *, by: str, at: datetime, until: datetime
    ) -> Invitation:
        """See the port."""
        of_both = (invitations.c.project_id == project_id, invitations.c.user_id == user_id)
        lapsed = _WHOLE.where(*of_both, invitations.c.expires_at <= at)
        for row in self._connection.execute(lapsed).all():
            there = _invitation(row)
            self.end(there, Ending.EXPIRED, there.expires_at)
        self._connection.execute(
            insert(invitations).values(
                project_id=project_id,
                organisation_id=None,
                user_id=user_id,
                role=role.value,
                invited_by=by,
                created_at=at,
                expires_at=until,
            )
        )
        return _invitation(self._connection.execute(_WHOLE.where(*of_both)).one())

    def find(self, invitation_id: int) -> Invitation | None:
        """See the port."""
        row = self._connection.execute(_WHOLE.where(invitations.c.id == invitation_id)).first()
        return _invitation(row) if row else None

    def between(self, project_id: int, user_id: int, now: datetime) -> Invitation | None:
        """See the port."""
        return next((one for one in self.of_project(project_id, now) if one.user.id == user_id), None)

    def of_project(self, project_id: int, now: datetime) -> Sequence[Invitation]:
        """See the port."""
        wanted = _WHOLE.where(invitations.c.project_id == project_id, invitations.c.expires_at > now)
        return [_invitation(row) for row in self._connection.execute(wanted)]

    def of_user(self, user_id: int, now: datetime) -> Sequence[Invitation]:
        """See the port."""
        wanted = _WHOLE.where(invitations.c.user_id == user_id, invitations.c.expires_at > now)
        return [_invitation(row) for row in self._connection.execute(wanted)]

    def end(self, invitation: Invitation, how: Ending, at: datetime) -> None:
        """See the port."""
        self._connection.execute(delete(invitations).where(invitations.c.id == invitation.id))
        self._connection.execute(
            insert(ended_invitations).values(
                id=invitation.id,
                project_id=invitation.project_id,
                user_id=invitation.user.id,
                role=invitation.role.value,
                invited_by=invitation.invited_by,
                how=how.value,
                at=at,
            )
        )

    def ended(self, invitation_id: int) -> EndedInvitation | None:
        """See the port."""
        asked = select(ended_invitations, projects.c.name).join(
            projects, projects.c.id == ended_invitations.c.project_id
        )
        row = self._connection.execute(asked.where(ended_invitations.c.id == invitation_id)).first()
        if row is None:
            return None
        project, role = ProjectName(row.name), Role(row.role)
        return EndedInvitation(row.id, row.user_id, project, role, row.invited_by, Ending(row.how), row.at)


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        row.invitation_id,
        row.invitation_project_id,
        ProjectName(row.project),
        user_of(row),
        Role(row.invitation_role),
        row.invitation_invited_by,
        row.invitation_created_at,
        row.invitation_expires_at,
    )
