"""Projects, their status and their roles."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from homeport.domain.hosting import HostingMode
from homeport.domain.names import ProjectName


class ProjectStatus(StrEnum):
    """The markers of PEP 792; exactly one per project."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    QUARANTINED = "quarantined"
    DEPRECATED = "deprecated"

    @property
    def takes_files(self) -> bool:
        """True when files may be added: by upload, registration or rehost (standards A.13)."""
        return self in {ProjectStatus.ACTIVE, ProjectStatus.DEPRECATED}


class Role(StrEnum):
    """What a person is to a project."""

    OWNER = "owner"
    MAINTAINER = "maintainer"


@dataclass(frozen=True)
class Project:
    """A project as the index knows it; ``serial`` is the ledger entry that last changed it."""

    id: int
    name: ProjectName
    mode: HostingMode
    status: ProjectStatus
    serial: int
    created_at: datetime
