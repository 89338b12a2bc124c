"""How much is stored, and how much may be."""

from sqlalchemy import Connection, select, update

from homeport.adapters.db.tables import projects, users
from homeport.domain.quota import Usage


class SqlQuotas:
    """``ports.quotas.Quotas`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_project(self, project_id: int) -> Usage:
        """See the port."""
        wanted = select(projects.c.size_bytes, projects.c.quota_bytes).where(projects.c.id == project_id)
        return Usage(*self._connection.execute(wanted).one())

    def of_user(self, user_id: int) -> Usage:
        """See the port."""
        wanted = select(users.c.uploaded_bytes, users.c.quota_bytes).where(users.c.id == user_id)
        return Usage(*self._connection.execute(wanted).one())

    def set_of_project(self, project_id: int, quota_bytes: int | None) -> None:
        """See the port."""
        changed = update(projects).where(projects.c.id == project_id).values(quota_bytes=quota_bytes)
        self._connection.execute(changed)

    def set_of_user(self, user_id: int, quota_bytes: int | None) -> None:
        """See the port."""
        self._connection.execute(update(users).where(users.c.id == user_id).values(quota_bytes=quota_bytes))
