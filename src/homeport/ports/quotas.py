"""How much is stored, and how much may be, as the database remembers it."""

from typing import Protocol

from homeport.domain.quota import Usage


class Quotas(Protocol):
    """Usage of projects and users; it is kept as files come and go, and never counted anew."""

    def of_project(self, project_id: int) -> Usage:
        """What the project's files have, and its own quota."""
        ...

    def of_user(self, user_id: int) -> Usage:
        """What the hosted files have that the user uploaded, and the user's own quota."""
        ...

    def set_of_project(self, project_id: int, quota_bytes: int | None) -> None:
        """Give the project a quota of its own; ``None`` takes it away, and the index's default holds."""
        ...

    def set_of_user(self, user_id: int, quota_bytes: int | None) -> None:
        """Give the user a quota of its own; ``None`` takes it away."""
        ...
