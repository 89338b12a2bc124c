"""Answers of the hot paths as values, and how they are sent; no framework stands between them and the server."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from starlette.concurrency import iterate_in_threadpool
from starlette.types import Scope, Send

Header = tuple[bytes, bytes]

# What one download may hold in memory when the server cannot send the file itself.
_CHUNK_BYTES = 256 * 1024

NOSNIFF: Header = (b"x-content-type-options", b"nosniff")
OPEN_TO_ALL: Header = (b"access-control-allow-origin", b"*")

# What an answer of the list of projects is ``of``.
LISTS = ""


@dataclass(frozen=True, slots=True)
class FileSlice:
    """``length`` bytes of the file at ``path`` from ``start``; ``is_whole`` when that is all of it."""

    path: Path
    start: int
    length: int
    is_whole: bool


class Answer(NamedTuple):
    """A status, header fields, and the body: bytes, the part of a file to send, or chunks that a thread must fetch.

    ``of`` is the PEP 503 form of the project that the answer tells of, ``""`` for the list of projects, ``None`` for
    an answer that tells of nothing. ``is_private`` says that only the project's members may have it.
    """

    status: int
    headers: Iterable[Header]
    body: bytes | FileSlice | Iterator[bytes] = b""
    of: str | None = None
    is_private: bool = False


def text_answer(status: int, sentence: str, *headers: Header, cache_control: bytes = b"no-cache") -> Answer:
    """A short plain-text answer; never HTML, because easy_install looks for links in HTML error pages."""
    body = f"{sentence}\n".encode()
    fixed = (
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", cache_control),
        NOSNIFF,
        OPEN_TO_ALL,
    )
    return Answer(status, (*fixed, *headers), body)


def accident(error_id: str) -> str:
    """The sentence about what nobody expected."""
    return f"Something went wrong here, and it is not your doing. The index's operator finds it in the log as {error_id}."


METHOD_NOT_ALLOWED = text_answer(405, "Only GET and HEAD are answered here.", (b"allow", b"GET, HEAD"))
NOT_FOUND = text_answer(404, "There is no such page or file on this index.")


def header_fields(scope: Scope) -> dict[bytes, bytes]:
    """The request's fields by lower-case name; a repeated field is joined (RFC 9110 §5.3)."""
    pairs = scope["headers"]
    fields = dict(pairs)
    if len(fields) == len(pairs):
        return fields
    fields = {}
    for name, value in pairs:
        fields[name] = b"%b, %b" % (fields[name], value) if name in fields else value
    return fields


async def send_answer(answer: Answer, scope: Scope, send: Send) -> None:
    """Send ``answer``, without its body when the request is HEAD."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    body = answer.body
    if scope["method"] == "HEAD":
        await send({"type": "http.response.body", "body": b""})
    elif isinstance(body, bytes):
        await send({"type": "http.response.body", "body": body})
    elif not isinstance(body, FileSlice):
        async for chunk in iterate_in_threadpool(body):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    elif body.is_whole and "http.response.pathsend" in scope.get("extensions", ()):
        await send({"type": "http.response.pathsend", "path": str(body.path)})
    else:
        await _stream(body, send)


async def _stream(part: FileSlice, send: Send) -> None:
    # Disks may be slow: reading happens in a thread, one chunk at a time, and waits for the client to take it.
    with await asyncio.to_thread(part.path.open, "rb") as file:
        file.seek(part.start)
        left = part.length
        more = True
        while more:
            wanted = min(left, _CHUNK_BYTES)
            chunk = await asyncio.to_thread(file.read, wanted)
            if len(chunk) < wanted:
                # Breaking off is the only honest end: the length is already announced (I-01).
                raise EOFError(f"{part.path.name} ended {left - len(chunk)} bytes early while it was sent.")
            left -= wanted
            more = left > 0
            await send({"type": "http.response.body", "body": chunk, "more_body": more})
