"""The machine door over a real store, and requests whose bodies arrive as a script says."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Scope
from tests.support.world import add_person, real_world

from homeport.api.app import answering, api_routes
from homeport.domain.account import Caller, User
from homeport.domain.account import Scope as TokenScope
from homeport.flows.tokens import TokenWish, create_token
from homeport.ports.world import Limits, World

# In a script of a body: nothing comes any more, for ever; or the connection ends.
SILENCE, END = "silence", "end"
Script = Sequence[bytes | float | str]


@dataclass
class Told:
    """What was answered; ``left`` is how much of the script nobody asked for."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    left: int = 0

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem."""
        return str(json.loads(self.body)["code"])


@dataclass
class ApiDoor:
    """A door that programs can ask."""

    world: World
    app: Starlette
    folder: Path

    def user(self, name: str) -> User:
        """A person; the account is made when there is none."""
        with self.world.store.read() as tx:
            there = tx.users.by_name(name)
        return there or add_person(self.world, name)

    def token(self, name: str, *scopes: TokenScope) -> dict[str, str]:
        """The header field of a token of that person, to upload and manage unless told otherwise."""
        chosen = frozenset(scopes or (TokenScope.UPLOAD, TokenScope.MANAGE))
        made = create_token(self.world, Caller(self.user(name)), TokenWish(scopes=chosen))
        return {"authorization": f"Bearer {made.text}"}

    def ask(
        self, method: str, target: str, script: Script = (), headers: dict[str, str] | None = None
    ) -> Told:
        """One request."""
        return asyncio.run(exchange(self.app, method, target, script, headers))

    def call(self, method: str, path: str, headers: dict[str, str], **body: Any) -> Told:
        """One call of the JSON API."""
        return self.ask(method, f"/api/v1{path}", [json.dumps(body).encode()], headers)


@contextmanager
def api_door(folder: Path, limits: Limits | None = None) -> Iterator[ApiDoor]:
    """The machine door alone, over a real store below ``folder``."""
    with real_world(folder) as real:
        world = replace(real.world, limits=limits or Limits())
        yield ApiDoor(world, answering(api_routes(world)), folder)


async def exchange(
    app: ASGIApp, method: str, target: str, script: Script = (), headers: dict[str, str] | None = None
) -> Told:
    """Ask ``app``; the body comes as ``script`` says: pieces, seconds to wait, silence, or the connection's end."""
    path, _, query = target.partition("?")
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
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 50000),
        "extensions": {},
    }
    told, coming, is_whole = Told(), list(script), False

    async def receive() -> Message:
        nonlocal is_whole
        if is_whole and not coming:
            # Who has asked stays until the answer is there.
            await asyncio.Event().wait()
        while coming:
            now = coming[0]
            if now == SILENCE:
                await asyncio.Event().wait()
            coming.pop(0)
            if now == END:
                return {"type": "http.disconnect"}
            if isinstance(now, bytes):
                is_whole = not coming
                return {"type": "http.request", "body": now, "more_body": bool(coming)}
            await asyncio.sleep(float(now))
        is_whole = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            assert not told.status, "a response starts once"
            told.status = message["status"]
            for name, value in message["headers"]:
                assert not set(value) & set(b"\r\n\0"), "no header value breaks out of its line"
                told.headers[name.decode()] = value.decode("latin-1")
        else:
            told.body += message["body"]

    await app(scope, receive, send)
    told.left = len(coming)
    return told
