"""The fake store's usage and quotas: what is there is counted when it is asked for."""

from tests.support.fake_tables import Tables

from homeport.domain.quota import Usage
from homeport.domain.release import Origin


class FakeQuotas:
    """``ports.quotas.Quotas``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def of_project(self, project_id: int) -> Usage:
        """See the port."""
        files = self._tables.files.items()
        used = sum(file.size_bytes for (of_project, _), file in files if of_project == project_id)
        return Usage(used, self._tables.project_quotas.get(project_id))

    def of_user(self, user_id: int) -> Usage:
        """See the port."""
        name = self._tables.users[user_id].name
        used = sum(
            file.size_bytes
            for key, file in self._tables.files.items()
            if file.origin is Origin.UPLOAD and self._tables.provenances[key].published_by == name
        )
        return Usage(used, self._tables.user_quotas.get(user_id))

    def set_of_project(self, project_id: int, quota_bytes: int | None) -> None:
        """See the port."""
        self._tables.project_quotas[project_id] = quota_bytes

    def set_of_user(self, user_id: int, quota_bytes: int | None) -> None:
        """See the port."""
        self._tables.user_quotas[user_id] = quota_bytes
