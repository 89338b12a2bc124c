"""XML-RPC at ``POST /pypi``: what mirrors and old scripts call.

1. Whatever a call says, it is answered by a result or by a fault, with HTTP 200 (standards S13). Only who may not
   call, calls too slowly, or calls while the database is away is told so by HTTP.
2. A project that is not there, or is quarantined, has nothing: empty answers, as on PyPI. Reading passes the gate
   of ``flows.reading``, and lists name nothing private.
3. Long answers are written while they are read, window by window.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from homeport.api.answers import Answer
from homeport.api.caller import caller_of
from homeport.api.documents import Given, fresh
from homeport.api.endpoint import Endpoint, Teller, endpoint
from homeport.api.errors import STATUS, legacy_refusal
from homeport.api.stream import BODY_TOO_SLOW, small_body
from homeport.domain.errors import NotFound, Refusal
from homeport.flows.changelog import (
    NamedChange,
    changes_after,
    last_serial,
    listed_projects,
    serial_before,
)
from homeport.flows.reading import Who
from homeport.flows.release_pages import latest_release, one_release, roles_in, roles_of
from homeport.formats import xmlrpc
from homeport.formats.pypi_json import PypiJson
from homeport.formats.xmlrpc import Argument, Call, Compound, Frame
from homeport.ports.world import World

_MEDIA_TYPE = f"{xmlrpc.MEDIA_TYPE}; charset=utf-8"
_TOLD_BY_HTTP = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
# What ``release_data`` of PyPI tells beyond its JSON.
_ONLY_HERE = ("requires", "provides", "obsoletes", "provides_dist", "obsoletes_dist", "requires_external")
_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC).timestamp()

Result = bytes | Iterator[bytes]


def xmlrpc_endpoint(world: World) -> Endpoint:
    """One call, one answer."""

    async def answer(request: Request) -> Response:
        body = await small_body(request, xmlrpc.MAX_CALL_BYTES)
        who = partial(caller_of, world, request)
        return Given(await run_in_threadpool(_answered, world, who, body))

    return endpoint(world, Teller(_refusal, _accident), answer)


def is_call(request: Request) -> bool:
    """True when the body is said to be XML, and so no form."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type in {xmlrpc.MEDIA_TYPE, "application/xml"}


def _answered(world: World, who: Who, body: bytes) -> Answer:
    call = xmlrpc.read_call(body)
    method = _METHODS.get(call.method)
    if method is None:
        return _fault(xmlrpc.UNKNOWN_METHOD, _unknown(world, call))
    try:
        arguments = _read(method, call.arguments)
    except ValueError as error:
        return _fault(xmlrpc.WRONG_ARGUMENTS, f"{call.method}: {error}")
    return fresh(_MEDIA_TYPE, method.answer(world, who, *arguments))


def _unknown(world: World, call: Call) -> str:
    if call.method == "search":
        # The one that programs still call; PyPI refuses it for good, too.
        return f"This index does not search by XML-RPC. Search in a browser: {world.base_url}/search/"
    known = ", ".join(_METHODS)
    return (
        f"There is no method {call.method} here. There are {known}. Scripts are better off with the JSON API."
    )


def _fault(code: int, sentence: str) -> Answer:
    return fresh(_MEDIA_TYPE, xmlrpc.fault(code, sentence))


def _refusal(request: Request, refusal: Refusal) -> Response:
    if STATUS[type(refusal)] in _TOLD_BY_HTTP or refusal.code == BODY_TOO_SLOW:
        return legacy_refusal(request, refusal)
    code = xmlrpc.UNREADABLE if refusal.code == xmlrpc.CALL_UNREADABLE else xmlrpc.REFUSED
    return Given(_fault(code, refusal.sentence))


def _accident(request: Request, error_id: str) -> Response:  # noqa: ARG001 - as every door has it
    return Given(
        _fault(xmlrpc.REFUSED, f"Something went wrong here; the operator finds it in the log as {error_id}.")
    )


def _text(argument: Argument) -> str:
    if not isinstance(argument, str):
        raise _wrong(argument, "a string")
    return argument


def _flag(argument: Argument) -> bool:
    # Calls from before there were booleans say 0 and 1.
    if not isinstance(argument, int):
        raise _wrong(argument, "a boolean")
    return bool(argument)


def _serial(argument: Argument) -> int:
    # Clients write an integer of more than 32 bits as a double.
    if isinstance(argument, bool) or not isinstance(argument, int | float) or argument != int(argument):
        raise _wrong(argument, "an integer")
    return int(argument)


def _moment(argument: Argument) -> datetime:
    if isinstance(argument, bool) or not isinstance(argument, int | float):
        raise _wrong(argument, "seconds since 1970")
    if not 0 <= argument < _END_OF_TIME:
        raise ValueError(f"{argument} is no moment between 1970 and 9999")
    return datetime.fromtimestamp(argument, UTC)


def _wrong(argument: Argument, wanted: str) -> ValueError:
    found = argument.type_name[:40] if isinstance(argument, Compound) else repr(argument)[:40]
    return ValueError(f"{wanted} is wanted, not {found}")


@dataclass(frozen=True, slots=True)
class _Method:
    """How a method answers, what it takes, and how many of these must be given."""

    answer: Callable[..., Result]
    takes: tuple[Callable[[Argument], Any], ...] = ()
    required: int = 0


def _read(method: _Method, given: Sequence[Argument]) -> list[Any]:
    if not method.required <= len(given) <= len(method.takes):
        raise ValueError(
            f"{method.required} to {len(method.takes)} arguments are wanted, {len(given)} were given"
        )
    return [take(argument) for take, argument in zip(method.takes, given, strict=False)]


def _last_serial(world: World, who: Who) -> bytes:
    return xmlrpc.answer(last_serial(world, who))


def _packages_with_serial(world: World, who: Who) -> Iterator[bytes]:
    windows = listed_projects(world, who)
    return _framed(
        xmlrpc.STRUCT, (xmlrpc.members((one.name, one.serial) for one in window) for window in windows)
    )


def _packages(world: World, who: Who) -> Iterator[bytes]:
    windows = listed_projects(world, who)
    return _framed(xmlrpc.ARRAY, (xmlrpc.elements(one.name for one in window) for window in windows))


def _changelog_since_serial(world: World, who: Who, serial: int) -> Iterator[bytes]:
    rows = (_rows(window) for window in changes_after(world, who, serial))
    return _framed(xmlrpc.ARRAY, map(xmlrpc.elements, rows))


def _changelog(world: World, who: Who, since: datetime, with_ids: bool = False) -> Iterator[bytes]:
    windows = changes_after(world, who, serial_before(world, who, since), since=since)
    rows = ((row if with_ids else row[:-1] for row in _rows(window)) for window in windows)
    return _framed(xmlrpc.ARRAY, map(xmlrpc.elements, rows))


def _rows(window: Iterable[NamedChange]) -> Iterator[tuple[Any, ...]]:
    for name, change in window:
        at = int(change.at.timestamp())
        for action in change.actions:
            yield name, change.version or None, at, action, change.serial


def _framed(frame: Frame, pieces: Iterable[bytes]) -> Iterator[bytes]:
    yield frame.opening
    # An empty piece says nothing, and in HTTP a chunk without bytes is the last one.
    yield from filter(None, pieces)
    yield frame.closing


def _package_releases(world: World, who: Who, name: str, show_hidden: bool = False) -> bytes:
    with suppress(NotFound):
        page = latest_release(world, who, name)
        newest_first = [one.version for one in reversed(page.versions)]
        return xmlrpc.answer(newest_first if show_hidden else [page.release.version])
    return xmlrpc.answer([])


def _release_urls(world: World, who: Who, name: str, version: str) -> bytes:
    with suppress(NotFound):
        return xmlrpc.answer(PypiJson(world.base_url).files(one_release(world, who, name, version).release))
    return xmlrpc.answer([])


def _release_data(world: World, who: Who, name: str, version: str) -> bytes:
    with suppress(NotFound):
        page = one_release(world, who, name, version)
        rarely_given = {field: getattr(page.metadata, field) for field in _ONLY_HERE}
        return xmlrpc.answer(PypiJson(world.base_url).info(page) | rarely_given)
    return xmlrpc.answer({})


def _package_roles(world: World, who: Who, name: str) -> bytes:
    with suppress(NotFound):
        return xmlrpc.answer([(role.capitalize(), user) for role, user in roles_in(world, who, name)])
    return xmlrpc.answer([])


def _user_packages(world: World, who: Who, user_name: str) -> bytes:
    roles = roles_of(world, who, user_name)
    return xmlrpc.answer([(role.capitalize(), project) for role, project in roles])


_METHODS: Mapping[str, _Method] = {
    "changelog_last_serial": _Method(_last_serial),
    "changelog_since_serial": _Method(_changelog_since_serial, (_serial,), 1),
    "changelog": _Method(_changelog, (_moment, _flag), 1),
    "list_packages": _Method(_packages),
    "list_packages_with_serial": _Method(_packages_with_serial),
    "package_releases": _Method(_package_releases, (_text, _flag), 1),
    "release_urls": _Method(_release_urls, (_text, _text), 2),
    "release_data": _Method(_release_data, (_text, _text), 2),
    "package_roles": _Method(_package_roles, (_text,), 1),
    "user_packages": _Method(_user_packages, (_text,), 1),
}
