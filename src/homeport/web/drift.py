"""What was told of the places that files came from, for administrators: a list, and the same as a file to keep."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from homeport.domain.drift import Sign
from homeport.domain.errors import NotFound
from homeport.domain.row_id import row_id
from homeport.flows.drift.show import every_event, list_drift
from homeport.formats.drift_json import event_json, events_csv
from homeport.ports.watches import EventFilter
from homeport.web.exports import CSV, JSON
from homeport.web.filters import chosen
from homeport.web.page import Asked, Download, Page

_LIST = "/admin/drift/"
_LONGEST = 300


def show_drift(asked: Asked) -> Page:
    """Events, newest first, a page at a time; all, or those that are wanted."""
    query, wanted = _wanted(asked)
    before = asked.query.get("before", "")
    if before:
        wanted = EventFilter(wanted.project, wanted.host, wanted.sign, row_id(before, "event"))
    listed = list_drift(asked.world, asked.caller(), wanted)
    return Page(
        "drift.html",
        {
            "listed": listed,
            "wanted": wanted,
            "signs": list(Sign),
            "query": urlencode(query),
            "begin": _address(query),
            "following": _address({**query, "before": str(listed.before)}) if listed.before else "",
            "every": asked.world.drift.every,
        },
    )


def download(asked: Asked) -> Download:
    """The same events, all of them, as ``events.csv`` or ``events.json``."""
    _, wanted = _wanted(asked)
    events, filename = every_event(asked.world, asked.caller(), wanted), asked.params["file"]
    if filename == "events.csv":
        return Download("drift.csv", CSV, events_csv(events))
    if filename == "events.json":
        told = json.dumps([event_json(event) for event in events], indent=1)
        return Download("drift.json", JSON, iter([told]))
    raise NotFound("There is no such file: there are events.csv and events.json.", code="page-unknown")


def _wanted(asked: Asked) -> tuple[Mapping[str, str], EventFilter]:
    """What of the query says which events are wanted, as it reads in an address, and as what it means."""
    names = ("project", "host", "sign")
    query = {name: text for name in names if (text := asked.query.get(name, "").strip().lower()[:_LONGEST])}
    return query, EventFilter(query.get("project", ""), query.get("host", ""), chosen(query, "sign", Sign))


def _address(query: Mapping[str, str]) -> str:
    return f"?{urlencode(query)}" if query else _LIST
