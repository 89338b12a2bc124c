"""How the review of a plan is told to programs: items by the page, the saved draft, one item closely, a report of hashes."""

from collections.abc import Iterable
from typing import Any

from homeport.domain.contents import ContentsDiff, Likeness, Paths
from homeport.domain.digests import Sha256
from homeport.domain.known_hashes import HashReport
from homeport.domain.plan_draft import PlanDraft, ReviewItem
from homeport.domain.rehost import Item
from homeport.domain.review_filter import Filter, ReviewPage, Show
from homeport.formats.management_json import item_json, moment


def draft_json(digest: Sha256, draft: PlanDraft) -> dict[str, Any]:
    """What a save must name: the plan, and the revision of its draft; and who saved it."""
    return {
        "plan_digest": digest.hex,
        "revision": draft.revision,
        "saved_by": draft.saved_by or None,
        "saved": moment(draft.saved_at) if draft.saved_at else None,
    }


def page_json(page: ReviewPage, chosen: Filter, counts: dict[Show, int]) -> dict[str, Any]:
    """One page of the items that a filter shows."""
    return {
        "filter": {"show": chosen.show.value, **chosen.told()},
        "matching": page.matching,
        "page": page.page,
        "pages": page.pages,
        "counts": {show.value: number for show, number in counts.items()},
        "items": [review_item_json(one) for one in page.rows],
    }


def review_item_json(one: ReviewItem) -> dict[str, Any]:
    """An item, and how it stands in the review."""
    entry = one.entry
    return {
        **item_json(one.item),
        "decision": one.decision.value,
        "ticked": one.is_ticked,
        "needs_decision": one.needs_decision,
        "rivals": one.rivals,
        "decided": {"by": entry.by, "revision": entry.revision} if entry and entry.by else None,
        "named_by": entry.named_by if entry and entry.sha256 else None,
    }


def report_json(report: HashReport) -> dict[str, Any]:
    """What a list of known hashes says of the plan."""
    return {
        "sentence": report.sentence,
        "matched": _names(report.matched),
        "mismatched": [
            {
                "id": item.id,
                "filename": item.filename,
                "named": report.named[item.id].hex,
                "sha256": item.sha256.hex if item.sha256 else None,
            }
            for item in report.mismatched
        ],
        "awaited": _names(report.awaited),
        "unknown": list(report.unknown),
        "unnamed": _names(report.unnamed),
        "unread": {"first": list(report.unread.first), "total": report.unread.total},
    }


def _names(items: Iterable[Item]) -> list[dict[str, Any]]:
    return [{"id": item.id, "filename": item.filename} for item in items]


def comparison_json(previous: Likeness | None, diff: ContentsDiff | None, problem: str) -> dict[str, Any]:
    """How an item differs from the file of the version before."""
    return {
        "previous": {
            "filename": previous.filename,
            "version": previous.version.text,
            "sha256": previous.sha256.hex,
            "hosted": previous.is_hosted,
        }
        if previous
        else None,
        "problem": problem or None,
        "files": {
            "added": _paths(diff.added),
            "removed": _paths(diff.removed),
            "changed": _paths(diff.changed),
            "same": diff.same,
            "complete": diff.is_whole,
        }
        if diff
        else None,
        "metadata": [
            {"field": field.name, "removed": list(field.removed), "added": list(field.added)}
            for field in diff.fields
        ]
        if diff
        else [],
        "description_changed": diff.is_description_changed if diff else None,
    }


def _paths(paths: Paths) -> dict[str, Any]:
    return {"total": paths.total, "paths": list(paths.shown)}
