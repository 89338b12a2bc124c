"""Calls on the whole index, for administrators: the dashboard, and the lists behind it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.dashboard import Exempt
from homeport.domain.exemption import parse_day
from homeport.domain.hosting import HostingMode
from homeport.domain.rehost import State
from homeport.domain.row_id import row_id
from homeport.flows.dashboard import list_every_rehost, list_stands, show_dashboard
from homeport.flows.mode_days import DayFilter, list_mode_days
from homeport.formats.dashboard_json import dashboard_json, mode_day_json, stand_json
from homeport.formats.management_json import rehost_json
from homeport.ports.overview import StandFilter
from homeport.ports.world import World


def _show_dashboard(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    body.finish()
    return dashboard_json(show_dashboard(world, caller))


def _list_modes(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    since, until = body.parsed("since", parse_day, None), body.parsed("until", parse_day, None)
    body.finish()
    days = list_mode_days(world, caller, DayFilter(since, until))
    return {"days": [mode_day_json(day) for day in days]}


def _list_projects(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    wanted = StandFilter(
        mode=body.parsed("mode", HostingMode, None),
        exempt=body.parsed("exempt", Exempt, None),
        is_reachable=body.parsed("reachable", _yes_or_no, None),
        beginning=body.text("q", ""),
        after=body.text("after", ""),
    )
    body.finish()
    listed = list_stands(world, caller, wanted)
    return {"projects": [stand_json(one) for one in listed.stands], "after": listed.after or None}


def _yes_or_no(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ValueError("say yes or no.")
    return text == "yes"


def _list_rehosts(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    project, state = body.text("project", ""), body.parsed("state", State, None)
    before = body.parsed("before", _rehost, 0)
    body.finish()
    listed = list_every_rehost(world, caller, project, state, before=before)
    return {"rehosts": [rehost_json(one) for one in listed.rehosts], "before": listed.before or None}


def _rehost(text: str) -> int:
    return row_id(text, "rehost")


DASHBOARD_CALLS: tuple[Call, ...] = (
    Call("GET", "/admin/dashboard", HTTPStatus.OK, _show_dashboard),
    Call("GET", "/admin/modes", HTTPStatus.OK, _list_modes),
    Call("GET", "/admin/projects", HTTPStatus.OK, _list_projects),
    Call("GET", "/admin/rehosts", HTTPStatus.OK, _list_rehosts),
)
