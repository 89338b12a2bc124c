"""Invitations, as the database remembers them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from homeport.domain.membership import EndedInvitation, Ending, Invitation
from homeport.domain.project import Role


class Invitations(Protocol):
    """Roles in projects that were offered and not yet answered."""

    def add(
        self, project_id: int, user_id: int, role: Role, *, by: str, at: datetime, until: datetime
    ) -> Invitation:
        """A new invitation, in the place of one to the same person whose time is over."""
        ...

    def find(self, invitation_id: int) -> Invitation | None:
        """The invitation of that id, also when its time is over."""
        ...

    def between(self, project_id: int, user_id: int, now: datetime) -> Invitation | None:
        """The invitation of that person to that project."""
        ...

    def of_project(self, project_id: int, now: datetime) -> Sequence[Invitation]:
        """Who is invited to a project, oldest first."""
        ...

    def of_user(self, user_id: int, now: datetime) -> Sequence[Invitation]:
        """What somebody is invited to, oldest first."""
        ...

    def end(self, invitation: Invitation, how: Ending, at: datetime) -> None:
        """Take an invitation away, and remember what became of it."""
        ...

    def ended(self, invitation_id: int) -> EndedInvitation | None:
        """What became of the invitation of that id; ``None`` also when nobody ended it."""
        ...
