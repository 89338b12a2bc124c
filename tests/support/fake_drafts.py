"""The fake store's drafts of decisions about plans."""

from collections.abc import Mapping

from tests.support.fake_tables import Tables

from homeport.domain.plan_draft import NO_DRAFT, PlanDraft


class FakeDrafts:
    """``ports.drafts.Drafts``."""

    def __init__(self, tables: Tables) -> None:
        self._drafts = tables.drafts

    def find(self, project_id: int, version: str) -> PlanDraft:
        """See the port."""
        return self._drafts.get((project_id, version), NO_DRAFT)

    def of_project(self, project_id: int) -> Mapping[str, PlanDraft]:
        """See the port."""
        return {version: draft for (owner, version), draft in self._drafts.items() if owner == project_id}

    def put(self, project_id: int, version: str, draft: PlanDraft) -> None:
        """See the port."""
        self._drafts[project_id, version] = draft
