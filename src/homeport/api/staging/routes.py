"""The routes of Upload 2.0; none at all where the index does not take stages."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from homeport.api.endpoint import Endpoint, Teller, endpoint
from homeport.api.errors import api_accident
from homeport.api.staging.answers import TELL
from homeport.api.staging.files import FileSessions
from homeport.api.staging.preview import Preview, preview_refusal
from homeport.api.staging.sessions import Sessions
from homeport.formats.staging_json import ROOT
from homeport.ports.world import World

_SESSION, _FILE = f"{ROOT}{{key}}", f"{ROOT}{{key}}/files/{{number}}"


def staging_routes(world: World) -> list[Route]:
    """The addresses of sessions, and those of their previews."""
    if not world.policy.takes_stages:
        return []
    sessions, files, preview = Sessions(world), FileSessions(world), Preview(world)
    calls: dict[str, dict[str, Endpoint]] = {
        ROOT: {"POST": sessions.create},
        _SESSION: {"GET": sessions.show, "DELETE": sessions.cancel},
        f"{_SESSION}/extend": {"POST": sessions.extend},
        f"{_SESSION}/publish": {"POST": sessions.publish},
        f"{_SESSION}/files": {"POST": files.create},
        _FILE: {"GET": files.show, "DELETE": files.delete},
        f"{_FILE}/bytes": {"POST": files.send},
        f"{_FILE}/attestations": {"POST": files.attest},
        f"{_FILE}/complete": {"POST": files.complete},
    }
    seen = Teller(preview_refusal, api_accident)
    return [
        *(
            Route(path, endpoint(world, TELL, _by_method(methods)), methods=list(methods))
            for path, methods in calls.items()
        ),
        Route("/stage/{secret}/simple/{name}/", endpoint(world, seen, preview.page), methods=["GET"]),
        Route(
            "/stage/{secret}/files/{sha256}/{filename}", endpoint(world, seen, preview.file), methods=["GET"]
        ),
    ]


def _by_method(calls: dict[str, Endpoint]) -> Endpoint:
    async def answer(request: Request) -> Response:
        return await calls["GET" if request.method == "HEAD" else request.method](request)

    return answer
