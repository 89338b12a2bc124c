"""Documents that are written when they are asked for, each with a tag.

1. A document is always revalidated; its tag is a digest of its bytes, so equal documents are one (RFC 9110 §8.8.3).
2. Who may read what is decided by ``flows.reading``; what is given to somebody is for nobody else.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from homeport.api.answers import NOSNIFF, OPEN_TO_ALL, Answer, Header, send_answer
from homeport.api.caching import is_known_to_client
from homeport.api.caller import caller_of
from homeport.api.endpoint import Endpoint, Teller, endpoint
from homeport.api.reading import for_one_only
from homeport.domain.digests import Sha256
from homeport.flows.reading import Who
from homeport.ports.world import World

Write = Callable[[World, Who, Request], Answer]

_REVALIDATED: Header = (b"cache-control", b"no-cache")
_ETAG_DIGITS = 32


class Given(Response):
    """An answer as the router wants it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(status_code=answer.status)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's
        """Send it."""
        await send_answer(self._answer, scope, send)


def document_routes(world: World, tell: Teller, writers: Mapping[str, Write]) -> list[Route]:
    """A route for each path, to what is written there."""
    return [
        Route(path, endpoint(world, tell, reading(world, write)), methods=["GET"])
        for path, write in writers.items()
    ]


def reading(world: World, write: Write) -> Endpoint:
    """What ``write`` answers; it is called in a thread, with who asks."""

    async def answer(request: Request) -> Response:
        written = await run_in_threadpool(write, world, partial(caller_of, world, request), request)
        is_for_all = not (written.is_private or world.policy.must_sign_in)
        return Given(written if is_for_all else for_one_only(written))

    return answer


def document(
    request: Request, media_type: str, body: bytes, *headers: Header, is_private: bool = False
) -> Answer:
    """``body``, or 304 to who has it."""
    etag = b'"%b"' % Sha256.of(body).hex[:_ETAG_DIGITS].encode("ascii")
    repeated = ((b"etag", etag), _REVALIDATED, OPEN_TO_ALL, *headers)
    known = request.headers.get("if-none-match", "").encode("latin-1")
    if known and is_known_to_client(known, etag):
        return Answer(HTTPStatus.NOT_MODIFIED, repeated, is_private=is_private)
    described = (
        (b"content-type", media_type.encode("ascii")),
        (b"content-length", b"%d" % len(body)),
        NOSNIFF,
    )
    return Answer(HTTPStatus.OK, (*repeated, *described), body, is_private=is_private)


def fresh(media_type: str, body: bytes | Iterator[bytes]) -> Answer:
    """An answer to a call, which nobody keeps; an iterator is asked in a thread."""
    headers = ((b"content-type", media_type.encode("ascii")), (b"cache-control", b"no-store"), NOSNIFF)
    return Answer(HTTPStatus.OK, headers, body)
