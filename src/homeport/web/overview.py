"""The lists behind the dashboard that have no other page: projects by how they are hosted, and the rehosts of all."""

from collections.abc import Mapping
from urllib.parse import urlencode

from homeport.domain.dashboard import Exempt
from homeport.domain.hosting import HostingMode
from homeport.domain.rehost import State
from homeport.domain.row_id import row_id
from homeport.flows.dashboard import every_rehost, every_stand, list_every_rehost, list_stands
from homeport.formats.dashboard_json import rehosts_csv, stand_json, stands_csv
from homeport.formats.management_json import rehost_json
from homeport.ports.overview import StandFilter
from homeport.web.exports import export
from homeport.web.filters import chosen, yes_or_no
from homeport.web.page import Asked, Download, Page

_LONGEST = 200
_PROJECTS, _REHOSTS = "/admin/projects/", "/admin/rehosts/"


def show_projects(asked: Asked) -> Page:
    """Projects by name, a page at a time; all, or those that are wanted."""
    query, wanted = _wanted_projects(asked)
    listed = list_stands(asked.world, asked.caller(), wanted)
    return Page(
        "stands.html",
        {
            "listed": listed,
            "wanted": wanted,
            "modes": list(HostingMode),
            "exempts": list(Exempt),
            "is_begin": not wanted.after,
            "query": urlencode(query),
            "begin": _address(_PROJECTS, query),
            "following": _address(_PROJECTS, {**query, "after": listed.after}) if listed.after else "",
        },
    )


def download_projects(asked: Asked) -> Download:
    """The same projects, all of them, as ``projects.csv`` or ``projects.json``."""
    _, wanted = _wanted_projects(asked)
    pieces = every_stand(asked.world, asked.caller(), wanted)
    return export(
        asked.params["file"],
        "projects",
        lambda: stands_csv(pieces),
        lambda: (stand_json(one) for piece in pieces for one in piece),
    )


def show_rehosts(asked: Asked) -> Page:
    """Rehosts of all projects, newest first, a page at a time; all, or those that are wanted."""
    query, project, state = _wanted_rehosts(asked)
    before = asked.query.get("before", "")
    start = row_id(before, "rehost") if before else 0
    listed = list_every_rehost(asked.world, asked.caller(), project, state, before=start)
    return Page(
        "rehosts.html",
        {
            "listed": listed,
            "project": project,
            "state": state,
            "states": list(State),
            "is_begin": not before,
            "query": urlencode(query),
            "begin": _address(_REHOSTS, query),
            "following": _address(_REHOSTS, {**query, "before": str(listed.before)}) if listed.before else "",
        },
    )


def download_rehosts(asked: Asked) -> Download:
    """The same rehosts, all of them, as ``rehosts.csv`` or ``rehosts.json``."""
    _, project, state = _wanted_rehosts(asked)
    pieces = every_rehost(asked.world, asked.caller(), project, state)
    return export(
        asked.params["file"],
        "rehosts",
        lambda: rehosts_csv(pieces),
        lambda: (rehost_json(one) for piece in pieces for one in piece),
    )


def _wanted_projects(asked: Asked) -> tuple[dict[str, str], StandFilter]:
    """What of the query says which projects are wanted, as it reads in an address, and as what it means."""
    query = _said(asked, ("mode", "exempt", "reachable", "q"))
    return query, StandFilter(
        mode=chosen(query, "mode", HostingMode),
        exempt=chosen(query, "exempt", Exempt),
        is_reachable=yes_or_no(query, "reachable"),
        beginning=query.get("q", ""),
        after=asked.query.get("after", "")[:_LONGEST],
    )


def _wanted_rehosts(asked: Asked) -> tuple[dict[str, str], str, State | None]:
    query = _said(asked, ("project", "state"))
    return query, query.get("project", ""), chosen(query, "state", State)


def _said(asked: Asked, names: tuple[str, ...]) -> dict[str, str]:
    return {name: text for name in names if (text := asked.query.get(name, "").strip().lower()[:_LONGEST])}


def _address(path: str, query: Mapping[str, str]) -> str:
    return f"?{urlencode(query)}" if query else path
