"""The calls that make, list and revoke API tokens; and where whoever finds one in the open reports it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from homeport.api.body import Body, read_body
from homeport.api.calls import Call, Json
from homeport.api.endpoint import Teller, endpoint
from homeport.api.errors import api_accident, api_refusal
from homeport.domain.account import Caller, Scope
from homeport.domain.errors import Invalid
from homeport.domain.row_id import row_id
from homeport.domain.token import parse_duration
from homeport.flows.tokens import Found, TokenWish, create_token, list_tokens, revoke_found, revoke_token
from homeport.formats.token_json import token_json
from homeport.ports.world import World


def _list_tokens(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    body.finish()
    now = world.clock.now()
    return {"tokens": [token_json(token, now) for token in list_tokens(world, caller)]}


def _create_token(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    scopes, projects, label = body.texts("scopes"), body.texts("projects"), body.text("label", "")
    lasts = body.parsed("expires", parse_duration, None)
    body.finish()
    made = create_token(world, caller, TokenWish(frozenset(map(Scope.parse, scopes)), projects, lasts, label))
    return {"token": made.text, **token_json(made.token, world.clock.now())}


def _revoke_token(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    reason = body.text("reason", "")
    body.finish()
    revoked = revoke_token(world, caller, row_id(path["id"], "token"), reason)
    return token_json(revoked, world.clock.now())


TOKEN_CALLS: tuple[Call, ...] = (
    Call("GET", "/tokens", HTTPStatus.OK, _list_tokens),
    Call("POST", "/tokens", HTTPStatus.CREATED, _create_token),
    Call("POST", "/tokens/{id}/revoke", HTTPStatus.OK, _revoke_token),
)


def token_found_route(world: World) -> Route:
    """``POST /_/token-found``: nobody needs an account for it, because whoever knows a token's text may end it."""

    async def answer(request: Request) -> Response:
        found = _found(await read_body(request))
        await run_in_threadpool(revoke_found, world, found)
        # Whether any of them was ours is not said: nobody shall try out tokens here.
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"cache-control": "no-store"})

    tell = Teller(api_refusal, api_accident)
    return Route("/_/token-found", endpoint(world, tell, answer), methods=["POST"])


def _found(body: Body) -> tuple[Found, ...]:
    """Texts, or objects with ``token`` and ``url``; what else scanners say of each (its type, its source) is let pass."""
    told = body.values.get("tokens")
    if not isinstance(told, list):
        raise Invalid('Send {"tokens": [{"token": "hp_…", "url": "where it lies"}]}.', code="body-invalid")
    each = [one if isinstance(one, dict) else {"token": one} for one in told]
    return tuple(Found(_text(one, "token", None), _text(one, "url", "")) for one in each)


def _text(one: Mapping[str, Any], name: str, default: str | None) -> str:
    value = one.get(name, default)
    if not isinstance(value, str):
        raise Invalid(f"The {name} of one of tokens is no text.", code="body-invalid")
    return value
