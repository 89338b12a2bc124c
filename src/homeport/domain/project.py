"""Projects, their status and their roles."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from homeport.domain.errors import Conflict, Invalid
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ProjectName


class ProjectStatus(StrEnum):
    """The markers of PEP 792; exactly one per project."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    QUARANTINED = "quarantined"
    DEPRECATED = "deprecated"

    @classmethod
    def parse(cls, text: str) -> "ProjectStatus":
        """The status of that name, or ``Invalid``."""
        try:
            return cls(text)
        except ValueError:
            known = ", ".join(cls)
            raise Invalid(
                f"{text[:40]!r} is not a status: use one of {known}.", code="status-unknown"
            ) from None

    @property
    def takes_files(self) -> bool:
        """True when files may be added: by upload, registration or rehost (standards A.13)."""
        return self in {ProjectStatus.ACTIVE, ProjectStatus.DEPRECATED}


LONGEST_REASON = 1_000


def require_reason(text: str) -> str:
    """The reason that people are shown, as one line, or ``Invalid`` when it is a book; it may be empty.

    Installers print it to a terminal: what is not seen there where it stands is refused (T-44).
    """
    reason = " ".join(text.split())
    if not reason.isprintable():
        raise Invalid(
            "The reason holds control or invisible characters: write plain text.", code="reason-unprintable"
        )
    if len(reason) > LONGEST_REASON:
        raise Invalid(
            f"The reason has {len(reason)} characters: at most {LONGEST_REASON} are shown.",
            code="reason-too-long",
        )
    return reason


def stated_reason(text: str, wanted: str) -> str:
    """The same where there must be one; ``wanted`` says so, and what it is for."""
    reason = require_reason(text)
    if not reason:
        raise Invalid(wanted, code="reason-missing")
    return reason


class Role(StrEnum):
    """What a person is to a project; a reader may read a private one, and nothing else."""

    OWNER = "owner"
    MAINTAINER = "maintainer"
    READER = "reader"

    @classmethod
    def parse(cls, text: str) -> "Role":
        """The role of that name, or ``Invalid``."""
        try:
            return cls(text)
        except ValueError:
            raise Invalid(
                f"{text[:40]!r} is not a role: use owner, maintainer or reader.", code="role-unknown"
            ) from None

    @property
    def maintains(self) -> bool:
        """True for those who answer for the project."""
        return self is not Role.READER


@dataclass(frozen=True)
class Project:
    """A project as the index knows it; ``serial`` is the ledger entry that last changed it.

    ``status_reason`` may be empty. A private project is read by its members only.
    """

    id: int
    name: ProjectName
    mode: HostingMode
    status: ProjectStatus
    serial: int
    created_at: datetime
    status_reason: str = ""
    is_private: bool = False

    @property
    def is_listed(self) -> bool:
        """True when lists that anybody reads may name it."""
        return not self.is_private and self.status is not ProjectStatus.QUARANTINED

    def require_no_quarantine(self) -> None:
        """``Conflict`` while the project is quarantined: then it stays as it is (design §3)."""
        if self.status is ProjectStatus.QUARANTINED:
            raise Conflict(
                f"{self.name} is quarantined: nothing of it changes until an administrator ends that.",
                code="project-quarantined",
            )
