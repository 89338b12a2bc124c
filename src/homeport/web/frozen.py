"""What is frozen, for administrators: files and releases here, with the way to projects and hosts."""

from enum import StrEnum

from homeport.domain.row_id import row_id
from homeport.flows.freeze import every_freeze, list_freezes
from homeport.formats.policy_json import freeze_json, freezes_csv
from homeport.web.exports import export
from homeport.web.filters import chosen
from homeport.web.page import Asked, Download, Page


class _Shown(StrEnum):
    """Whether freezes that ended are shown beside those that hold."""

    ALL = "all"


def show_frozen(asked: Asked) -> Page:
    """Freezes, newest first, a page at a time; those that hold, or all there were."""
    before, every = asked.query.get("before", ""), _is_every(asked)
    number = row_id(before, "freeze") if before else 0
    listed = list_freezes(asked.world, asked.caller(), only_live=not every, before=number)
    return Page("frozen.html", {"listed": listed, "every": every, "is_begin": not number})


def download(asked: Asked) -> Download:
    """The same freezes, all of them, as ``frozen.csv`` or ``frozen.json``."""
    pieces = every_freeze(asked.world, asked.caller(), only_live=not _is_every(asked))
    return export(
        asked.params["file"],
        "frozen",
        lambda: freezes_csv(pieces),
        lambda: (freeze_json(one) for piece in pieces for one in piece),
    )


def _is_every(asked: Asked) -> bool:
    return chosen(asked.query, "show", _Shown) is _Shown.ALL
