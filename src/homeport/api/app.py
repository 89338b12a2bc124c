"""The routes of the machine door."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from homeport.api.errors import api_refusal
from homeport.api.management import management_routes
from homeport.api.upload import LegacyUpload
from homeport.domain.errors import Refusal
from homeport.ports.world import World

# Clients follow no redirect on an upload, so every spelling is an address of its own (standards B.4).
_UPLOAD_PATHS = ("/legacy/", "/legacy", "/pypi", "/pypi/")


def api_routes(world: World) -> list[Route]:
    """Uploads and registrations, the management API, and whether the index is alive."""
    legacy = LegacyUpload(world)
    uploads = [Route(path, legacy.post, methods=["POST"]) for path in (*_UPLOAD_PATHS, "/")]
    hints = [Route(path, legacy.help, methods=["GET"]) for path in _UPLOAD_PATHS]
    return [
        *uploads,
        *hints,
        *management_routes(world),
        Route("/healthz", _healthz),
        Route("/readyz", _readyz(world)),
    ]


async def _healthz(request: Request) -> Response:  # noqa: ARG001 - the shape of an endpoint
    return PlainTextResponse("ok\n")


def _readyz(world: World) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:  # noqa: ARG001 - the shape of an endpoint
        try:
            with world.store.read() as tx:
                tx.users.count()
        except Refusal as refusal:
            return api_refusal(refusal)
        return PlainTextResponse("ready\n")

    return endpoint
