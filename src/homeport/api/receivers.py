"""The calls on receivers, and the address of each, where forges send their events."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.api.endpoint import Teller, endpoint
from homeport.api.errors import api_accident, api_refusal
from homeport.api.stream import small_body
from homeport.domain.account import Caller
from homeport.domain.receiver import MAX_BODY_BYTES, Forge
from homeport.domain.row_id import row_id
from homeport.flows.webhooks import receivers
from homeport.flows.webhooks.receive import receive
from homeport.formats.webhook_json import receiver_json, reception_json
from homeport.ports.world import World


def _list_receivers(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return {
        "receivers": [
            {
                **receiver_json(view.receiver, world.base_url),
                "told": [reception_json(one) for one in view.receptions],
            }
            for view in receivers.list_receivers(world, caller, path["name"])
        ]
    }


def _add_receiver(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    forge = body.wanted("forge", Forge.parse)
    body.finish()
    made = receivers.add_receiver(world, caller, path["name"], forge or Forge.GITHUB)
    return {"secret": made.secret, **receiver_json(made.receiver, world.base_url)}


def _remove_receiver(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    removed = receivers.remove_receiver(world, caller, row_id(path["id"], "receiver"))
    return receiver_json(removed, world.base_url)


def _renew_secret(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    made = receivers.renew_receiver_secret(world, caller, row_id(path["id"], "receiver"))
    return {"secret": made.secret, **receiver_json(made.receiver, world.base_url)}


RECEIVER_CALLS: tuple[Call, ...] = (
    Call("GET", "/projects/{name}/receivers", HTTPStatus.OK, _list_receivers),
    Call("POST", "/projects/{name}/receivers", HTTPStatus.CREATED, _add_receiver),
    Call("DELETE", "/receivers/{id}", HTTPStatus.OK, _remove_receiver),
    Call("POST", "/receivers/{id}/secret", HTTPStatus.OK, _renew_secret),
)


def receiver_route(world: World) -> Route:
    """``POST /hooks/{key}``: who sends shows by a signature that they know the receiver's secret."""

    async def answer(request: Request) -> Response:
        body = await small_body(request, MAX_BODY_BYTES)
        headers = dict(request.headers)
        heard = await run_in_threadpool(receive, world, request.path_params["key"], headers, body)
        told = {"detail": heard.said, "rehost": heard.rehost_id}
        return JSONResponse(told, heard.status, {"cache-control": "no-store"})

    tell = Teller(api_refusal, api_accident)
    return Route("/hooks/{key}", endpoint(world, tell, answer), methods=["POST"])
