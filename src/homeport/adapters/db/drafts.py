"""Drafts of decisions about plans."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from homeport.adapters.db.review_tables import plan_drafts
from homeport.domain.plan_draft import NO_DRAFT, Drafted, PlanDraft
from homeport.domain.rehost import Decision


class SqlDrafts:
    """``ports.drafts.Drafts`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, project_id: int, version: str) -> PlanDraft:
        """See the port."""
        row = self._connection.execute(
            select(plan_drafts).where(
                plan_drafts.c.project_id == project_id, plan_drafts.c.version == version
            )
        ).first()
        if row is None:
            return NO_DRAFT
        entries = {
            mark: Drafted(Decision(decision), sha256, revision, by)
            for mark, (decision, sha256, revision, by) in row.entries.items()
        }
        return PlanDraft(row.revision, row.saved_by, row.saved_at, entries)

    def put(self, project_id: int, version: str, draft: PlanDraft) -> None:
        """See the port."""
        values = {
            "revision": draft.revision,
            "saved_by": draft.saved_by,
            "saved_at": draft.saved_at,
            "entries": {
                mark: [entry.decision.value, entry.sha256, entry.revision, entry.by]
                for mark, entry in draft.entries.items()
            },
        }
        row = upsert(plan_drafts).values(project_id=project_id, version=version, **values)
        keys = [column.name for column in plan_drafts.primary_key]
        self._connection.execute(row.on_conflict_do_update(index_elements=keys, set_=values))
