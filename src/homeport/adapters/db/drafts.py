"""Drafts of decisions about plans."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.engine import Row

from homeport.adapters.db import moments
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
        return _draft(row)

    def of_project(self, project_id: int) -> Mapping[str, PlanDraft]:
        """See the port."""
        rows = self._connection.execute(select(plan_drafts).where(plan_drafts.c.project_id == project_id))
        return {row.version: _draft(row) for row in rows}

    def put(self, project_id: int, version: str, draft: PlanDraft) -> None:
        """See the port."""
        values = {
            "revision": draft.revision,
            "saved_by": draft.saved_by,
            "saved_at": draft.saved_at,
            "entries": {
                mark: [
                    entry.decision.value,
                    entry.sha256,
                    entry.revision,
                    entry.by,
                    moments.to_text(entry.at) if entry.at else None,
                    entry.named_by,
                    moments.to_text(entry.named_at) if entry.named_at else None,
                ]
                for mark, entry in draft.entries.items()
            },
        }
        row = upsert(plan_drafts).values(project_id=project_id, version=version, **values)
        keys = [column.name for column in plan_drafts.primary_key]
        self._connection.execute(row.on_conflict_do_update(index_elements=keys, set_=values))


def _draft(row: Row[Any]) -> PlanDraft:
    entries = {mark: _entry(*parts) for mark, parts in row.entries.items()}
    return PlanDraft(row.revision, row.saved_by, row.saved_at, entries)


def _entry(
    decision: str,
    sha256: str,
    revision: int,
    by: str,
    at: str | None = None,
    named_by: str | None = None,
    named_at: str | None = None,
) -> Drafted:
    made, moment = Decision(decision), moments.from_text(at) if at else None
    if named_by is not None:
        return Drafted(
            made, sha256, revision, by, moment, named_by, moments.from_text(named_at) if named_at else None
        )
    # What was saved before has four parts, or five with its time, and one name: of who decided, named, or did both.
    if not sha256:
        return Drafted(made, sha256, revision, by, moment)
    decider = "" if made is Decision.UNDECIDED else by
    return Drafted(made, sha256, revision, decider, moment, by, moment)
