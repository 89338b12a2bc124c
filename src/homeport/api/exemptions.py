"""Calls on exemptions, for administrators; and the hosting log, for everybody."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from homeport.api.answers import Answer
from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.api.documents import document, document_routes
from homeport.api.endpoint import Teller
from homeport.api.errors import api_accident, api_refusal
from homeport.domain.account import Caller
from homeport.domain.exemption import Standing, parse_day, read_terms
from homeport.domain.row_id import row_id
from homeport.flows.exemptions import end_exemption, extend_exemption, list_exemptions
from homeport.flows.hosting_log import show_hosting_log
from homeport.flows.reading import Who
from homeport.formats.exemption_json import exemption_json, hosting_log_json
from homeport.ports.hosting import ExemptionFilter
from homeport.ports.world import World


def _list_exemptions(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    project, standing = body.text("project", ""), body.parsed("standing", Standing, None)
    ends_by, before = body.parsed("ends_by", parse_day, None), body.parsed("before", _exemption, 0)
    body.finish()
    listed = list_exemptions(world, caller, ExemptionFilter(project, standing, ends_by, before))
    return {"exemptions": [exemption_json(one) for one in listed.exemptions], "before": listed.before or None}


def _exemption(text: str) -> int:
    return row_id(text, "exemption")


def _extend_exemption(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    until, reason = body.typed("until"), body.typed("reason")
    body.finish()
    day, why = read_terms(until, reason, world.clock.now().date())
    return exemption_json(extend_exemption(world, caller, path["name"], day, why))


def _end_exemption(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    reason = body.text("reason")
    body.finish()
    return {
        "project": path["name"],
        "no_longer_listed": list(end_exemption(world, caller, path["name"], reason)),
    }


EXEMPTION_CALLS: tuple[Call, ...] = (
    Call("GET", "/exemptions", HTTPStatus.OK, _list_exemptions),
    Call("PUT", "/projects/{name}/exemption", HTTPStatus.OK, _extend_exemption),
    Call("POST", "/projects/{name}/exemption/end", HTTPStatus.OK, _end_exemption),
)


def hosting_log_routes(world: World) -> list[Route]:
    """``GET /api/v1/hosting-log``: nobody is asked who they are for what everybody may read."""
    return document_routes(world, Teller(api_refusal, api_accident), {"/api/v1/hosting-log": _hosting_log})


def _hosting_log(world: World, who: Who, request: Request) -> Answer:
    query = request.query_params
    before = row_id(query["before"], "entry") if query.get("before") else 0
    page = show_hosting_log(world, who, query.get("project", ""), before=before)
    told = json.dumps(hosting_log_json(page.lines, page.before), ensure_ascii=False)
    return document(request, "application/json", told.encode())
