"""The fake store's invitations."""

from collections.abc import Sequence
from datetime import datetime

from tests.support.fake_tables import Tables

from homeport.domain.membership import EndedInvitation, Ending, Invitation
from homeport.domain.project import Role


class FakeInvitations:
    """``ports.membership.Invitations``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(
        self, project_id: int, user_id: int, role: Role, *, by: str, at: datetime, until: datetime
    ) -> Invitation:
        """See the port."""
        for there in list(self._tables.invitations.values()):
            if (there.project_id, there.user.id) == (project_id, user_id):
                if there.expires_at > at:
                    raise AssertionError("there is an invitation already")
                self.end(there, Ending.EXPIRED, there.expires_at)
        project, user = self._tables.projects[project_id], self._tables.users[user_id]
        new_id = self._tables.fresh_id("invitations")
        made = Invitation(new_id, project_id, project.name, user, role, by, at, until)
        self._tables.invitations[new_id] = made
        return made

    def find(self, invitation_id: int) -> Invitation | None:
        """See the port."""
        return self._tables.invitations.get(invitation_id)

    def between(self, project_id: int, user_id: int, now: datetime) -> Invitation | None:
        """See the port."""
        return next((one for one in self.of_project(project_id, now) if one.user.id == user_id), None)

    def of_project(self, project_id: int, now: datetime) -> Sequence[Invitation]:
        """See the port."""
        return [one for one in self._open(now) if one.project_id == project_id]

    def of_user(self, user_id: int, now: datetime) -> Sequence[Invitation]:
        """See the port."""
        return [one for one in self._open(now) if one.user.id == user_id]

    def end(self, invitation: Invitation, how: Ending, at: datetime) -> None:
        """See the port."""
        del self._tables.invitations[invitation.id]
        user, role = invitation.user.id, invitation.role
        self._tables.ended_invitations[invitation.id] = EndedInvitation(
            invitation.id, user, invitation.project, role, invitation.invited_by, how, at
        )

    def ended(self, invitation_id: int) -> EndedInvitation | None:
        """See the port."""
        return self._tables.ended_invitations.get(invitation_id)

    def _open(self, now: datetime) -> list[Invitation]:
        return [one for _, one in sorted(self._tables.invitations.items()) if one.expires_at > now]
