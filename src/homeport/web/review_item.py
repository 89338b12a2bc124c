"""One item of a plan on a page of its own: all that is known of it, what is different in it, and the decision about it."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from homeport.domain.digests import Sha256
from homeport.domain.errors import Refusal
from homeport.domain.plan_draft import Changes
from homeport.domain.rehost import MOVES, Decision, Step
from homeport.domain.review_filter import Filter
from homeport.domain.row_id import row_id
from homeport.flows.rehost.draft import Saving, Shown, save_draft
from homeport.flows.rehost.item_detail import ItemDetail, show_item
from homeport.web.page import Asked, GoTo, Page
from homeport.web.plan_table import Row

_DECISIONS = {
    "accept": Decision.ACCEPT,
    "leave-out": Decision.LEAVE_OUT,
    "reset": Decision.UNDECIDED,
    "name": None,
}


def show_page(asked: Asked) -> Page:
    """The item as it stands."""
    chosen = Filter.of(asked.query)
    return _page(_detail(asked, chosen), chosen, None)


def send_page(asked: Asked) -> Page | GoTo:
    """Save the decision about this one item, and go on to the next that the filter shows, or back to the plan."""
    chosen, typed = Filter.of(asked.query), asked.form.text("sha256")
    rehost_id, item_id = _ids(asked)
    before = _detail(asked, chosen)
    try:
        decision = asked.form.chosen(_DECISIONS)
        shown = Shown(
            Sha256.parse(asked.form.text("plan")), row_id(asked.form.text("revision") or "0", "revision")
        )
        changes = Changes({item_id: decision} if decision else {})
        if typed != before.shown.item.declared_sha256:
            changes = replace(changes, sha256={item_id: Sha256.parse(typed) if typed else None})
        save_draft(asked.world, asked.caller(), rehost_id, shown, Saving(changes))
    except Refusal as refusal:
        return _page(_detail(asked, chosen), chosen, refusal, typed)
    if decision is None:
        return GoTo(_address(rehost_id, item_id, chosen))
    onwards = before.place.after
    return GoTo(_address(rehost_id, onwards, chosen) if onwards else _back(before, chosen))


def _detail(asked: Asked, chosen: Filter) -> ItemDetail:
    return show_item(asked.world, asked.caller(), *_ids(asked), chosen)


def _ids(asked: Asked) -> tuple[int, int]:
    return row_id(asked.params["id"], "rehost"), row_id(asked.params["item"], "item")


def _address(rehost_id: int, item_id: int, chosen: Filter) -> str:
    query = urlencode(chosen.told())
    return f"/manage/rehosts/{rehost_id}/items/{item_id}{'?' if query else ''}{query}"


def _back(detail: ItemDetail, chosen: Filter) -> str:
    page = detail.place.page
    query = urlencode({**chosen.told(), **({"page": page} if page > 1 else {})})
    return f"/manage/rehosts/{detail.review.view.rehost.id}{'?' if query else ''}{query}"


def _page(detail: ItemDetail, chosen: Filter, refusal: Refusal | None, typed: str | None = None) -> Page:
    review, rehost = detail.review, detail.review.view.rehost
    place, item = detail.place, detail.shown.item
    text = item.declared_sha256 if typed is None else typed
    fetched_at = item.fetched.here_at if item.fetched else ""
    return Page(
        "review_item.html",
        {
            "detail": detail,
            "view": review.view,
            "draft": review.draft,
            "item": item,
            "fetched_at": datetime.fromisoformat(fetched_at) if fetched_at else None,
            "row": Row(detail.shown, detail.shown.is_ticked, text, ""),
            "place": place,
            "before": _address(rehost.id, place.before, chosen) if place.before else "",
            "after": _address(rehost.id, place.after, chosen) if place.after else "",
            "back": _back(detail, chosen),
            "is_open": Step.CONSENT in MOVES[rehost.state],
        },
        refusal,
    )
