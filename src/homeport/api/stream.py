"""A request's body from a client that keeps sending; who falls silent is answered and left.

1. A small body is there as a whole within ``SMALL_BODY_SECONDS``.
2. An upload lasts as long as it moves: the first, and every next, ``PACE_BYTES`` come within ``PACE_SECONDS``.
   Only the client's time counts, never that of our disk.
3. A body that nobody wants is read away within bytes and seconds, so that the client sees the answer and not a
   broken pipe; beyond them the server closes the connection.
"""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from homeport.domain.errors import Invalid, TooLarge

SMALL_BODY_SECONDS = 20.0
PACE_BYTES = 20 * 1024
PACE_SECONDS = 20.0
DRAINED_BYTES = 16 * 1024 * 1024
DRAINED_SECONDS = 2.0

BODY_TOO_SLOW = "body-too-slow"


async def small_body(request: Request, max_bytes: int) -> bytes:
    """The whole body; ``TooLarge`` past ``max_bytes``, ``Invalid`` when it ends early or is late."""
    body = bytearray()
    try:
        async with asyncio.timeout(SMALL_BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > max_bytes:
                    raise TooLarge(f"The body is larger than {max_bytes:,} bytes.", code="body-too-large")
    except TimeoutError:
        raise _too_slow(f"The body was not here after {SMALL_BODY_SECONDS:g} seconds.") from None
    except ClientDisconnect:
        raise _ended_early() from None
    return bytes(body)


async def moving_chunks(request: Request) -> AsyncIterator[bytes]:
    """The body of an upload, piece by piece; ``Invalid`` when it ends early or comes too slowly."""
    now = asyncio.get_running_loop().time
    chunks = request.stream()
    due, owed = now() + PACE_SECONDS, PACE_BYTES
    while True:
        try:
            async with asyncio.timeout_at(due):
                chunk = await anext(chunks, None)
        except TimeoutError:
            raise _too_slow(
                f"Fewer than {PACE_BYTES:,} bytes of the body came in {PACE_SECONDS:g} seconds."
            ) from None
        except ClientDisconnect:
            raise _ended_early() from None
        if chunk is None:
            return
        given_at = now()
        yield chunk
        taken_at = now()
        owed -= len(chunk)
        if owed > 0:
            due += taken_at - given_at
        else:
            due, owed = taken_at + PACE_SECONDS, PACE_BYTES


async def drain(request: Request) -> None:
    """Read what is left of a refused body away, within the bounds."""
    seen = 0
    try:
        async with asyncio.timeout(DRAINED_SECONDS):
            async for chunk in request.stream():
                seen += len(chunk)
                if seen > DRAINED_BYTES:
                    return
    # A RuntimeError says that the body was read to its end already.
    except (TimeoutError, ClientDisconnect, RuntimeError):
        return


def _too_slow(found: str) -> Invalid:
    return Invalid(f"{found} Send it again on a steadier line.", code=BODY_TOO_SLOW)


def _ended_early() -> Invalid:
    return Invalid("The connection ended before the body did.", code="body-cut-short")
