"""A caller of ASGI applications in this process: one request in, one reply out, the protocol checked."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Reply:
    """What was sent. ``chunks`` are the body's pieces, ``sent_path`` the file handed to the server to send."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    sent_path: str | None = None

    @property
    def body(self) -> bytes:
        """The body put together."""
        return b"".join(self.chunks)


def call(
    app: ASGIApp,
    target: str,
    headers: dict[str, str] | list[tuple[str, str]] | None = None,
    *,
    method: str = "GET",
    sends_paths: bool = False,
) -> Reply:
    """Ask ``app`` for ``target`` (path and query, percent-encoded) as a server would.

    ``sends_paths`` offers the ``http.response.pathsend`` extension.
    """
    path, _, query = target.partition("?")
    pairs = headers.items() if isinstance(headers, dict) else headers or []
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path, errors="replace"),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 50000),
        "extensions": {"http.response.pathsend": {}} if sends_paths else {},
    }
    return call_scope(app, scope)


def call_scope(app: ASGIApp, scope: Scope) -> Reply:
    """Hand ``app`` exactly this scope, for requests that no URL can say."""
    return asyncio.run(_called(app, scope))


async def _called(app: ASGIApp, scope: Scope) -> Reply:
    reply = Reply()
    is_complete = False

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal is_complete
        assert not is_complete, "nothing may follow the end of a response"
        if message["type"] == "http.response.start":
            assert not reply.status, "a response starts once"
            reply.status = message["status"]
            reply.headers = _checked(list(message["headers"]))
            return
        assert reply.status, "a response starts before its body"
        if message["type"] == "http.response.pathsend":
            assert "http.response.pathsend" in scope["extensions"], "the server did not offer to send files"
            reply.sent_path = message["path"]
            is_complete = True
        else:
            reply.chunks.append(message["body"])
            is_complete = not message.get("more_body", False)

    await app(scope, receive, send)
    assert is_complete, "a response has an end"
    return reply


def _checked(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        assert name == name.lower(), "header names are lower case in ASGI"
        assert not set(value) & set(b"\r\n\0"), "no header value breaks out of its line"
        assert name.decode() not in found, "no header is sent twice"
        found[name.decode()] = value.decode("latin-1")
    return found


async def teapot(scope: Scope, _receive: Receive, send: Send) -> None:
    """An application that answers everything with 418: whatever reaches it was handed on."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b""})
