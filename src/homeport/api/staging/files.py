"""The calls of Upload 2.0 that are about one file of a session."""

from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from homeport.api.caller import caller_of
from homeport.api.staging.answers import body_of, document, json_of, require_type
from homeport.api.staging.sessions import RETRY_AFTER
from homeport.api.stream import moving_chunks
from homeport.domain.row_id import row_id
from homeport.domain.staged_claim import Hashing
from homeport.flows.staging.add_file import add_file, delete_file
from homeport.flows.staging.ask import FileView
from homeport.flows.staging.complete_file import complete_file
from homeport.flows.staging.life import show_staged_file
from homeport.flows.staging.receive import awaited, receive_attestations, receive_bytes
from homeport.formats.staging_json import file_session_json, file_session_url
from homeport.ports.blobs import Incoming
from homeport.ports.world import World

_WRITE_AT = 256 * 1024


class FileSessions:
    """Answers about files of sessions; ``world`` is all it may touch."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def create(self, request: Request) -> Response:
        """Announce a file; the answer says where its bytes are sent to."""
        caller = await run_in_threadpool(caller_of, self._world, request)
        values = await body_of(request)
        key = str(request.path_params["key"])
        view = await run_in_threadpool(add_file, self._world, caller, key, values)
        return self._told(view, HTTPStatus.ACCEPTED, RETRY_AFTER)

    async def show(self, request: Request) -> Response:
        """A file as it stands."""
        caller = await run_in_threadpool(caller_of, self._world, request)
        return self._told(await run_in_threadpool(show_staged_file, self._world, caller, *_file(request)))

    async def delete(self, request: Request) -> Response:
        """Take a file out."""
        caller = await run_in_threadpool(caller_of, self._world, request)
        await run_in_threadpool(delete_file, self._world, caller, *_file(request))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def send(self, request: Request) -> Response:
        """Take the bytes in as they arrive."""
        caller = await run_in_threadpool(caller_of, self._world, request)
        require_type(request, "application/octet-stream")
        claim = await run_in_threadpool(awaited, self._world, caller, *_file(request))
        hashing = Hashing(claim)
        # One byte more than was announced is enough to see that there are too many.
        with self._world.blobs.receive(claim.size_bytes + 1) as incoming:
            await _receive(request, incoming, hashing, claim.size_bytes)
            view = await run_in_threadpool(
                receive_bytes, self._world, caller, *_file(request), incoming, hashing
            )
        return self._told(view)

    async def attest(self, request: Request) -> Response:
        """Take attestations in."""
        caller = await run_in_threadpool(caller_of, self._world, request)
        require_type(request, "application/json")
        values = await json_of(request)
        return self._told(
            await run_in_threadpool(receive_attestations, self._world, caller, *_file(request), values)
        )

    async def complete(self, request: Request) -> Response:
        """Have the file judged."""
        caller = await run_in_threadpool(caller_of, self._world, request)
        await body_of(request)
        view = await run_in_threadpool(complete_file, self._world, caller, *_file(request))
        location = file_session_url(self._world.base_url, view.stage, view.file)
        return self._told(view, HTTPStatus.CREATED, {"location": location})

    def _told(
        self, view: FileView, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
    ) -> Response:
        return document(file_session_json(self._world.base_url, view.stage, view.file), status, headers)


def _file(request: Request) -> tuple[str, int]:
    key, number = request.path_params["key"], request.path_params["number"]
    return str(key), row_id(str(number), "staged-file")


async def _receive(request: Request, incoming: Incoming, hashing: Hashing, size_bytes: int) -> None:
    """Everything that comes, or as much as shows that it is too much."""
    pending = bytearray()
    async for chunk in moving_chunks(request):
        pending += chunk
        if len(pending) >= _WRITE_AT:
            data, pending = bytes(pending), bytearray()
            if not await run_in_threadpool(_take, data, incoming, hashing, size_bytes):
                return
    await run_in_threadpool(_take, bytes(pending), incoming, hashing, size_bytes)


def _take(data: bytes, incoming: Incoming, hashing: Hashing, size_bytes: int) -> bool:
    """Take ``data``; False when that is more than was announced."""
    data = data[: size_bytes + 1 - incoming.size_bytes]
    incoming.write(data)
    hashing.update(data)
    return incoming.size_bytes <= size_bytes
