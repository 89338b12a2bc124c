"""Exemptions for administrators: a list, the same as a file to keep, and a form to decide."""

from collections.abc import Callable, Mapping
from datetime import date
from urllib.parse import urlencode

from homeport.domain.errors import Refusal, check_all
from homeport.domain.exemption import Standing, read_terms
from homeport.domain.hosting import HostingMode
from homeport.domain.names import ProjectName
from homeport.domain.row_id import row_id
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.exemptions import end_exemption, every_exemption, extend_exemption, list_exemptions
from homeport.formats.exemption_json import exemption_json, exemptions_csv
from homeport.ports.hosting import ExemptionFilter
from homeport.web.exports import export
from homeport.web.filters import chosen, chosen_day
from homeport.web.page import Asked, Download, GoTo, Page

_LIST = "/admin/exemptions/"
_LONGEST = 200
_FILTERS = ("project", "standing", "ends_by")


def show_exemptions(asked: Asked, refusal: Refusal | None = None) -> Page:
    """Exemptions, newest first, a page at a time; all, or those that are wanted."""
    query, wanted = _wanted(asked)
    listed = list_exemptions(asked.world, asked.caller(), wanted)
    return Page(
        "exemptions.html",
        {
            "listed": listed,
            "wanted": {name: query.get(name, "") for name in _FILTERS},
            "standings": list(Standing),
            "is_begin": not wanted.before,
            "query": urlencode(query),
            "begin": _address(query),
            "following": _address({**query, "before": str(listed.before)}) if listed.before else "",
            "form": asked.form,
        },
        refusal,
    )


def send_exemptions(asked: Asked) -> Page | GoTo:
    """Give, extend or end an exemption; a refusal shows the page again, with all that was typed."""
    asked.caller()
    try:
        asked.form.chosen(_ACTIONS)(asked)
    except Refusal as refusal:
        return show_exemptions(asked, refusal)
    query, _ = _wanted(asked)
    return GoTo(f"{_LIST}{_address(query)}" if query else _LIST)


def _give(asked: Asked) -> None:
    name = asked.form.text("project")
    check_all("The exemption", lambda: ProjectName.parse(name), lambda: _terms(asked), code="needs-exemption")
    until, reason = _terms(asked)
    change_hosting(asked.world, asked.fresh_caller(), name, Wish(HostingMode.EXT, reason, until))


def _extend(asked: Asked) -> None:
    until, reason = _terms(asked)
    extend_exemption(asked.world, asked.fresh_caller(), asked.form.text("project"), until, reason)


def _terms(asked: Asked) -> tuple[date, str]:
    form = asked.form
    return read_terms(form.text("until"), form.text("reason"), asked.world.clock.now().date())


def _end(asked: Asked) -> None:
    form = asked.form
    end_exemption(asked.world, asked.fresh_caller(), form.text("project"), form.text("reason"))


_ACTIONS: dict[str, Callable[[Asked], None]] = {"give": _give, "extend": _extend, "end": _end}


def download(asked: Asked) -> Download:
    """The same exemptions, all of them, as ``exemptions.csv`` or ``exemptions.json``."""
    _, wanted = _wanted(asked)
    pieces = every_exemption(asked.world, asked.caller(), wanted)
    return export(
        asked.params["table"],
        "exemptions",
        lambda: exemptions_csv(pieces),
        lambda: (exemption_json(one) for piece in pieces for one in piece),
    )


def _wanted(asked: Asked) -> tuple[Mapping[str, str], ExemptionFilter]:
    """What of the query says which exemptions are wanted, as it reads in an address, and as what it means."""
    query = {
        name: text for name in _FILTERS if (text := asked.query.get(name, "").strip().lower()[:_LONGEST])
    }
    before = asked.query.get("before", "")
    return query, ExemptionFilter(
        query.get("project", ""),
        chosen(query, "standing", Standing),
        chosen_day(query, "ends_by"),
        row_id(before, "exemption") if before else 0,
    )


def _address(query: Mapping[str, str]) -> str:
    return f"?{urlencode(query)}" if query else _LIST
