"""Drafts of decisions about plans, as they are remembered."""

from collections.abc import Mapping
from typing import Protocol

from homeport.domain.plan_draft import PlanDraft


class Drafts(Protocol):
    """One draft for each project and version that is planned; a plan of everything has the empty version."""

    def find(self, project_id: int, version: str) -> PlanDraft:
        """The draft as it stands; that of revision 0 where nobody decided anything."""
        ...

    def of_project(self, project_id: int) -> Mapping[str, PlanDraft]:
        """Every draft of a project, by the version that is planned."""
        ...

    def put(self, project_id: int, version: str, draft: PlanDraft) -> None:
        """Keep ``draft`` in the place of the one before."""
        ...
