"""``/pypi/<name>/json``, ``/pypi/<name>/<version>/json``, ``/stats/``, and the paths that mirrors keep files below.

1. A document has one URL: that of the PEP 503 name; other spellings are sent there (301). A version is taken in any
   spelling of it.
2. What is not there is 404 with the body that scripts know from PyPI.
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from homeport.api.answers import OPEN_TO_ALL, Answer, Header, text_answer
from homeport.api.caching import FILE_CACHE_CONTROL
from homeport.api.documents import document, document_routes
from homeport.api.endpoint import Teller
from homeport.api.errors import legacy_accident, legacy_refusal
from homeport.domain.errors import Invalid, NotFound, Refusal
from homeport.domain.names import ProjectName, require_plain_filename
from homeport.domain.release_page import ReleasePage
from homeport.flows.news import sizes
from homeport.flows.reading import Who
from homeport.flows.release_pages import latest_release, one_release
from homeport.formats.pypi_json import PypiJson, stats_json
from homeport.ports.world import World

_JSON = "application/json"
_EXPOSED: Header = (b"access-control-expose-headers", b"X-PyPI-Last-Serial")
_HEX_PIECES = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{60}")


def pypi_json_routes(world: World) -> list[Route]:
    """The routes."""
    writers = {
        "/pypi/{name}/json": _project,
        "/pypi/{name}/{version}/json": _release,
        "/stats/": _stats,
        "/packages/{one}/{two}/{rest}/{filename}": _mirrored_file,
    }
    return document_routes(world, Teller(_not_found_or_plain, legacy_accident), writers)


def _project(world: World, who: Who, request: Request) -> Answer:
    name = request.path_params["name"]
    elsewhere = _elsewhere(request, name, "json")
    return elsewhere or _told(request, latest_release(world, who, name), PypiJson(world.base_url).project)


def _release(world: World, who: Who, request: Request) -> Answer:
    name, version = request.path_params["name"], request.path_params["version"]
    elsewhere = _elsewhere(request, name, f"{quote(version, safe='+!')}/json")
    return elsewhere or _told(
        request, one_release(world, who, name, version), PypiJson(world.base_url).release
    )


def _stats(world: World, who: Who, request: Request) -> Answer:
    told = sizes(world, who)
    return document(request, _JSON, stats_json(told.total_bytes, told.largest))


def _mirrored_file(world: World, who: Who, request: Request) -> Answer:  # noqa: ARG001 - as the others have it
    pieces = "/".join(request.path_params[piece] for piece in ("one", "two", "rest"))
    if not _HEX_PIECES.fullmatch(pieces):
        raise NotFound("A file's path holds its sha256 in three pieces.", code="page-unknown")
    filename = quote(require_plain_filename(request.path_params["filename"]), safe="+!")
    location = f"/files/{pieces.replace('/', '')}/{filename}"
    return _moved(location, FILE_CACHE_CONTROL)


def _told(request: Request, page: ReleasePage, write: Callable[[ReleasePage], bytes]) -> Answer:
    serial = (b"x-pypi-last-serial", b"%d" % page.project.serial)
    return document(request, _JSON, write(page), serial, _EXPOSED, is_private=page.project.is_private)


def _elsewhere(request: Request, name: str, rest: str) -> Answer | None:
    normalized = ProjectName.parse(name).normalized
    if normalized == name:
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return _moved(f"/pypi/{normalized}/{rest}{query}", b"no-cache")


def _moved(location: str, cache_control: bytes) -> Answer:
    where = (b"location", location.encode("ascii"))
    return text_answer(
        HTTPStatus.MOVED_PERMANENTLY, "This has another URL.", where, cache_control=cache_control
    )


def _not_found_or_plain(request: Request, refusal: Refusal) -> Response:
    if isinstance(refusal, NotFound | Invalid):
        name, value = OPEN_TO_ALL
        headers = {"cache-control": "no-cache", name.decode(): value.decode()}
        return JSONResponse({"message": "Not Found"}, HTTPStatus.NOT_FOUND, headers)
    return legacy_refusal(request, refusal)
