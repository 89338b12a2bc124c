"""Calls about the places that files came from: how they fare, for maintainers; what was told, for administrators."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.drift import Sign
from homeport.domain.row_id import row_id
from homeport.flows.drift.run import look_soon
from homeport.flows.drift.show import list_drift, show_drift
from homeport.formats.drift_json import drift_json, event_json
from homeport.ports.watches import EventFilter
from homeport.ports.world import World


def _show_drift(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    shown = show_drift(world, caller, path["name"])
    return drift_json(shown.project.name.normalized, shown.watches, shown.events, shown.frozen)


def _look_at_sources(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return {"project": path["name"], "due": look_soon(world, caller, path["name"])}


def _list_drift(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    project, host = body.text("project", ""), body.text("host", "")
    sign, before = body.parsed("sign", Sign, None), body.parsed("before", _event, 0)
    body.finish()
    listed = list_drift(world, caller, EventFilter(project, host, sign, before))
    return {"events": [event_json(event) for event in listed.events], "before": listed.before or None}


def _event(text: str) -> int:
    return row_id(text, "event")


DRIFT_CALLS: tuple[Call, ...] = (
    Call("GET", "/projects/{name}/drift", HTTPStatus.OK, _show_drift),
    Call("POST", "/projects/{name}/drift", HTTPStatus.ACCEPTED, _look_at_sources),
    Call("GET", "/drift", HTTPStatus.OK, _list_drift),
)
