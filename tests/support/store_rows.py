"""People and projects that are written into a store, all at one moment."""

from datetime import UTC, datetime

from homeport.domain.account import User
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ProjectName
from homeport.domain.project import Project
from homeport.ports.store import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)


def add_user(store: Store, name: str = "ada", *, is_admin: bool = False) -> User:
    """An account."""
    with store.write() as tx:
        return tx.users.add(name, f"{name}@example.org", f"hash of {name}", is_admin=is_admin, at=NOW)


def add_project(store: Store, name: str = "demo") -> Project:
    """A project."""
    with store.write() as tx:
        return tx.projects.add(ProjectName(name), HostingMode.ONLY, NOW)
