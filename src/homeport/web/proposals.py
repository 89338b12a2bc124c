"""What waits for a second administrator, and what came of the rest."""

from collections.abc import Callable

from homeport.domain.errors import Refusal
from homeport.domain.row_id import row_id
from homeport.flows import proposals
from homeport.formats.policy_json import proposal_json, proposals_csv
from homeport.web.exports import export
from homeport.web.page import Asked, Download, GoTo, Page


def show_page(asked: Asked, refusal: Refusal | None = None) -> Page:
    """Proposals, newest first, a page at a time."""
    caller, before = asked.caller(), asked.query.get("before", "")
    number = row_id(before, "proposal") if before else 0
    listed = proposals.list_proposals(asked.world, caller, before=number)
    values = {"listed": listed, "me": caller.user, "is_begin": not number, "form": asked.form}
    return Page("proposals.html", values, refusal)


def download(asked: Asked) -> Download:
    """The same proposals, all of them, as ``proposals.csv`` or ``proposals.json``."""
    pieces = proposals.every_proposal(asked.world, asked.caller())
    return export(
        asked.params["file"],
        "proposals",
        lambda: proposals_csv(pieces),
        lambda: (proposal_json(*one) for piece in pieces for one in piece),
    )


def send_page(asked: Asked) -> Page | GoTo:
    """Agree, refuse, or withdraw."""
    asked.caller()
    try:
        asked.form.chosen(_ACTIONS)(asked, row_id(asked.form.text("proposal"), "proposal"))
    except Refusal as refusal:
        return show_page(asked, refusal)
    return GoTo(proposals.PATH)


def _agree(asked: Asked, number: int) -> None:
    proposals.agree(asked.world, asked.fresh_caller(), number)


def _refuse(asked: Asked, number: int) -> None:
    proposals.refuse(asked.world, asked.caller(), number, asked.form.text("answer"))


def _withdraw(asked: Asked, number: int) -> None:
    proposals.withdraw(asked.world, asked.caller(), number)


_ACTIONS: dict[str, Callable[[Asked, int], None]] = {
    "agree": _agree,
    "refuse": _refuse,
    "withdraw": _withdraw,
}
