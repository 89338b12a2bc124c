"""Calls about the review of a plan: its items by the page, decisions that are saved, known hashes, one item closely."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid
from homeport.domain.plan_draft import Changes
from homeport.domain.rehost import Decision
from homeport.domain.review_filter import Filter, Show, counts, page_of
from homeport.domain.row_id import row_id
from homeport.flows.rehost.draft import Bulk, Review, Saving, Shown, declare_hashes, save_draft, show_review
from homeport.flows.rehost.item_detail import show_item
from homeport.formats.review_json import (
    comparison_json,
    draft_json,
    page_json,
    report_json,
    review_item_json,
)
from homeport.ports.world import World


def _list_items(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    chosen, page = _filter(body), body.parsed("page", _page, 1)
    body.finish()
    review = show_review(world, caller, _rehost_id(path))
    items = page_json(page_of(review.items, chosen, page), chosen, counts(review.items))
    return {**_draft(review), **items}


def _show_item(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    detail = show_item(world, caller, _rehost_id(path), row_id(path["item"], "item"))
    comparison = detail.comparison
    return {
        **_draft(detail.review),
        **review_item_json(detail.shown),
        "advice": {finding.code: advice for finding, advice in detail.findings},
        "rival_items": [{"id": item.id, "url": item.url} for item in detail.rivals],
        "comparison": comparison_json(comparison.previous, comparison.diff, comparison.problem),
    }


def _show_draft(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return _draft(show_review(world, caller, _rehost_id(path)))


def _save_draft(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    digest, revision = body.wanted("plan_digest", Sha256.parse), body.number("revision")
    accept, leave_out = body.numbers("accept") or frozenset(), body.numbers("leave_out") or frozenset()
    undecided = body.numbers("undecided") or frozenset()
    sha256 = body.texts_by_number("sha256", _sha256_or_none)
    decision, chosen = body.parsed("all", Decision, None), _filter(body)
    body.finish()
    if len(accept) + len(leave_out) + len(undecided) != len(accept | leave_out | undecided):
        raise Invalid("One item has two decisions: accept, leave_out and undecided.", code="decisions-differ")
    changes = Changes(
        {
            **dict.fromkeys(accept, Decision.ACCEPT),
            **dict.fromkeys(leave_out, Decision.LEAVE_OUT),
            **dict.fromkeys(undecided, Decision.UNDECIDED),
        },
        sha256,
    )
    saving = Saving(changes, Bulk(decision, chosen) if decision else None)
    return _draft(save_draft(world, caller, _rehost_id(path), _shown(digest, revision), saving))


def _send_hashes(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    digest, revision = body.wanted("plan_digest", Sha256.parse), body.number("revision")
    text = body.text("hashes")
    body.finish()
    shown = _shown(digest, revision)
    report, review = declare_hashes(world, caller, _rehost_id(path), shown, text.encode())
    return {**_draft(review), "report": report_json(report)}


def _shown(digest: Sha256 | None, revision: int) -> Shown:
    if digest is None:
        raise AssertionError("what could not be read is a problem")
    return Shown(digest, revision)


def _draft(review: Review) -> Json:
    counted = {
        "ticked": len(review.ticked),
        "needs_decision": sum(one.needs_decision for one in review.items),
    }
    return {**draft_json(review.view.digest, review.draft), **counted}


def _filter(body: Body) -> Filter:
    show = body.parsed("show", Show, Show.ALL)
    return Filter(show, body.text("version", ""), body.text("q", ""), body.text("host", ""))


def _sha256_or_none(text: str) -> Sha256 | None:
    return Sha256.parse(text) if text else None


def _page(text: str) -> int:
    return row_id(text, "page")


def _rehost_id(path: Mapping[str, Any]) -> int:
    return row_id(path["id"], "rehost")


REVIEW_CALLS: tuple[Call, ...] = (
    Call("GET", "/rehosts/{id}/items", HTTPStatus.OK, _list_items),
    Call("GET", "/rehosts/{id}/items/{item}", HTTPStatus.OK, _show_item),
    Call("GET", "/rehosts/{id}/draft", HTTPStatus.OK, _show_draft),
    Call("PUT", "/rehosts/{id}/draft", HTTPStatus.OK, _save_draft),
    Call("POST", "/rehosts/{id}/hashes", HTTPStatus.OK, _send_hashes),
)
