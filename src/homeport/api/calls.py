"""The calls of the management API: who asks, what of the body they may say, and how the answer is told.

Each noun has a file with its calls; ``management.py`` makes routes of them.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from homeport.api.body import Body, read_body
from homeport.api.caller import SAFE, caller_of
from homeport.api.endpoint import Endpoint, Teller, endpoint
from homeport.api.errors import api_accident, api_refusal
from homeport.domain.account import Caller
from homeport.ports.world import World

Json = dict[str, Any]
Handler = Callable[[World, Caller, Mapping[str, Any], Body], Json]

_TELL = Teller(api_refusal, api_accident)


class Call(NamedTuple):
    """One call below ``/api/v1``: its method, its path, the status of success, and who answers it."""

    method: str
    path: str
    status: HTTPStatus
    handler: Handler


def call_routes(world: World, calls: tuple[Call, ...]) -> list[Route]:
    """The routes of ``calls``; every one of them asks who is calling, before anything of the body is read."""
    # One route for each path, so that 405 names every method there is.
    by_path: dict[str, dict[str, Endpoint]] = {}
    for call in calls:
        by_path.setdefault(call.path, {})[call.method] = _answered(world, call)
    return [
        Route(f"/api/v1{path}", endpoint(world, _TELL, _by_method(methods)), methods=list(methods))
        for path, methods in by_path.items()
    ]


def _by_method(calls: Mapping[str, Endpoint]) -> Endpoint:
    async def answer(request: Request) -> Response:
        return await calls["GET" if request.method == "HEAD" else request.method](request)

    return answer


def _answered(world: World, call: Call) -> Endpoint:
    async def answer(request: Request) -> Response:
        caller = await run_in_threadpool(caller_of, world, request)
        # What is only asked for is asked in the address; GET has no body (RFC 9110 §9.3.1).
        body = Body(request.query_params) if request.method in SAFE else await read_body(request)
        told = await run_in_threadpool(call.handler, world, caller, request.path_params, body)
        return JSONResponse(told, call.status, headers={"cache-control": "no-store"})

    return answer
