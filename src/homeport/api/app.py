"""The routes of the machine door."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from homeport.api.endpoint import Endpoint, Teller, endpoint
from homeport.api.errors import api_accident, api_refusal, legacy_accident, legacy_refusal, no_route
from homeport.api.feeds import feed_routes
from homeport.api.management import management_routes
from homeport.api.pypi import pypi_endpoint
from homeport.api.pypi_json import pypi_json_routes
from homeport.api.receivers import receiver_route
from homeport.api.staging.routes import staging_routes
from homeport.api.tokens import token_found_route
from homeport.api.upload import LegacyUpload
from homeport.ports.world import World

# Clients follow no redirect on an upload, so every spelling is an address of its own (standards B.4).
_UPLOAD_PATHS = ("/legacy/", "/legacy")
_PYPI_PATHS = ("/pypi", "/pypi/")


def answering(routes: Sequence[BaseRoute]) -> Starlette:
    """The application of ``routes``, which also answers where none of them does."""
    return Starlette(routes=routes, exception_handlers={HTTPException: no_route})


def api_routes(world: World) -> list[Route]:
    """Uploads and registrations, what scripts and mirrors read, the management API, and whether the index is alive."""
    legacy = LegacyUpload(world)
    tell = Teller(legacy_refusal, legacy_accident)
    address = endpoint(world, tell, legacy.answer)
    return [
        *(Route(path, address, methods=["GET", "POST"]) for path in _UPLOAD_PATHS),
        *(Route(path, pypi_endpoint(world, address), methods=["GET", "POST"]) for path in _PYPI_PATHS),
        *pypi_json_routes(world),
        *feed_routes(world),
        Route("/", endpoint(world, tell, legacy.post), methods=["POST"]),
        *management_routes(world),
        token_found_route(world),
        receiver_route(world),
        *staging_routes(world),
        Route("/healthz", _healthz),
        Route("/readyz", endpoint(world, Teller(api_refusal, api_accident), _readyz(world))),
    ]


async def _healthz(request: Request) -> Response:  # noqa: ARG001 - the shape of an endpoint
    return PlainTextResponse("ok\n")


def _readyz(world: World) -> Endpoint:
    def look() -> None:
        with world.store.read() as tx:
            tx.ledger.last()

    async def answer(request: Request) -> Response:  # noqa: ARG001 - the shape of an endpoint
        await run_in_threadpool(look)
        return PlainTextResponse("ready\n")

    return answer
