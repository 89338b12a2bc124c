"""``/api/v1/openapi.json``: the management API as it describes itself (OpenAPI 3.1).

1. Nothing is written twice: a call's body is what its handler asks a body for. Each handler is run up to the moment
   at which it has asked for everything, on a body that only takes notes.
2. Whoever reads this needs no account: it tells how to ask, and nothing of what is here.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum, StrEnum
from functools import cache, partial
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from homeport import __version__
from homeport.api.body import MAX_NUMBER, MAX_TEXTS, Body
from homeport.api.calls import Call
from homeport.domain.account import Caller, User
from homeport.domain.digests import Sha256
from homeport.ports.world import World

T = TypeVar("T")
Schema = dict[str, Any]

_PARAMETER = re.compile(r"\{(\w+)\}")
_ERRORS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "problems"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was found, what was wanted, and what to do."},
        "code": {"type": "string", "description": "Stable, for programs."},
        "problems": {"type": "array", "items": {"type": "string"}},
    },
}


def openapi_route(world: World, calls: Iterable[Call]) -> Route:
    """``GET /api/v1/openapi.json``; it is written when it is first asked for."""
    described = cache(partial(openapi, world, tuple(calls)))

    async def answer(request: Request) -> Response:  # noqa: ARG001 - the shape of an endpoint
        return JSONResponse(
            described(), headers={"cache-control": "no-cache", "access-control-allow-origin": "*"}
        )

    return Route("/api/v1/openapi.json", answer, methods=["GET"])


def openapi(world: World, calls: Iterable[Call]) -> Schema:
    """The description of ``calls``."""
    paths: dict[str, dict[str, Schema]] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(world, call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Homeport",
            "version": __version__,
            "description": "What maintainers and administrators do, for programs. A call needs a token to manage "
            "(Bearer), or a user name and a password (Basic).",
        },
        "servers": [{"url": f"{world.base_url}/api/v1"}],
        "security": [{"token": []}, {"password": []}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "hp_…"},
                "password": {"type": "http", "scheme": "basic"},
            },
        },
    }


def _operation(world: World, call: Call) -> Schema:
    name = call.handler.__name__.strip("_")
    operation: Schema = {
        "operationId": name,
        "summary": name.replace("_", " ").capitalize(),
        "responses": {
            str(call.status.value): {
                "description": call.status.phrase,
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            **{str(status.value): _error(status) for status in _ERRORS},
        },
    }
    parameters = [_parameter("path", name) for name in _PARAMETER.findall(call.path)]
    outline = asked_for(world, call)
    if call.method == "GET":
        parameters += [_parameter("query", name, schema) for name, schema in outline.properties.items()]
    elif outline.properties:
        operation["requestBody"] = {
            "required": bool(outline.required),
            "content": {"application/json": {"schema": outline.schema()}},
        }
    return operation | ({"parameters": parameters} if parameters else {})


def _parameter(place: str, name: str, schema: Schema | None = None) -> Schema:
    # A segment of a path is never empty.
    schema = schema or {"type": "string", "minLength": 1}
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _error(status: HTTPStatus) -> Schema:
    return {
        "description": status.phrase,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def asked_for(world: World, call: Call) -> "Outline":
    """What ``call`` asks of who calls it: of the body, or with GET of the query."""
    outline = Outline()
    path = dict.fromkeys(_PARAMETER.findall(call.path), "0")
    try:
        call.handler(world, _NOBODY, path, outline)
    except _AskedForEverything:
        return outline
    raise AssertionError(f"{call.handler.__name__} did not finish with what it asks for")


_NOBODY = Caller(User(0, "", "", is_admin=False))


class _AskedForEverything(Exception):  # noqa: N818 - it is what is waited for
    """A handler has asked for all that it wants to know."""


class Outline(Body):
    """A body without values that notes what it is asked for."""

    def __init__(self) -> None:
        super().__init__({})
        self.properties: dict[str, Schema] = {}
        self.required: set[str] = set()

    def text(self, name: str, default: str | None = None) -> str:
        """See :class:`Body`."""
        self._note(name, {"type": "string"}, is_required=default is None)
        return default or ""

    def typed(self, name: str, among: type[StrEnum] | None = None) -> str:
        """See :class:`Body`."""
        self._note(name, _text_schema(among) if among else {"type": "string"}, is_required=True)
        return ""

    def parsed(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """See :class:`Body`."""
        self._note(name, _text_schema(parse))
        return default

    def wanted(self, name: str, parse: Callable[[str], T]) -> T | None:
        """See :class:`Body`."""
        self._note(name, _text_schema(parse), is_required=True)
        return None

    def flag(self, name: str) -> bool:
        """See :class:`Body`."""
        self._note(name, {"type": "boolean"})
        return False

    def number(self, name: str) -> int:
        """See :class:`Body`."""
        self._note(name, {"type": "integer", "minimum": 0, "maximum": MAX_NUMBER})
        return 0

    def wanted_flag(self, name: str) -> bool:
        """See :class:`Body`."""
        self._note(name, {"type": "boolean"}, is_required=True)
        return False

    def texts(self, name: str) -> tuple[str, ...]:
        """See :class:`Body`."""
        self._note(name, {"type": "array", "maxItems": MAX_TEXTS, "items": {"type": "string"}})
        return ()

    def numbers(self, name: str) -> frozenset[int] | None:
        """See :class:`Body`."""
        numbers = {"type": "integer", "minimum": -MAX_NUMBER, "maximum": MAX_NUMBER}
        self._note(name, {"type": "array", "items": numbers})
        return None

    def texts_by_number(self, name: str, parse: Callable[[str], T]) -> dict[int, T]:
        """See :class:`Body`."""
        names = {"pattern": "^[0-9]{1,18}$"}
        self._note(
            name, {"type": "object", "propertyNames": names, "additionalProperties": _text_schema(parse)}
        )
        return {}

    def finish(self) -> NoReturn:
        """See :class:`Body`."""
        raise _AskedForEverything

    def schema(self) -> Schema:
        """An object of what was asked for, and of nothing else."""
        return {
            "type": "object",
            "properties": self.properties,
            "required": sorted(self.required),
            "additionalProperties": False,
        }

    def _note(self, name: str, schema: Schema, *, is_required: bool = False) -> None:
        self.properties[name] = schema
        if is_required:
            self.required.add(name)


def _text_schema(parse: Callable[[str], Any]) -> Schema:
    """A string that ``parse`` understands, as far as a schema can say."""
    owner = getattr(parse, "__self__", parse)
    if isinstance(owner, type) and issubclass(owner, Enum):
        return {"type": "string", "enum": [member.value for member in owner]}
    return {"type": "string", **_FORMATS.get(owner, {})}


_FORMATS: Mapping[Any, Schema] = {
    Sha256: {"pattern": "^[0-9a-f]{64}$"},
}
