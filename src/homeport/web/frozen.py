"""What is frozen, for administrators: files and releases here, with the way to projects and hosts."""

from homeport.domain.row_id import row_id
from homeport.flows.freeze import list_freezes
from homeport.web.page import Asked, Page


def show_frozen(asked: Asked) -> Page:
    """Freezes, newest first, a page at a time; those that hold, or all there were."""
    before, every = asked.query.get("before", ""), asked.query.get("show") == "all"
    number = row_id(before, "freeze") if before else 0
    listed = list_freezes(asked.world, asked.caller(), only_live=not every, before=number)
    return Page("frozen.html", {"listed": listed, "every": every, "is_begin": not number})
