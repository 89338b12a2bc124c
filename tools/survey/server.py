"""The simulated outside as one process: every host of it answers on its own address of this machine.

It is started as ``python -m tools.survey.server FOLDER PROJECTS LINKS SEED PORT…`` and says ``ready`` when it listens.
"""

import asyncio
import ssl
import sys
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

from tools.survey.outside import Fate, Host, Outside, Ports, Thing
from tools.survey.story import tell_story

_ROBOTS = b"User-agent: *\nDisallow: /\n"
_SLOW_SECONDS = 0.5
_MOST_HEAD_BYTES = 16 * 1024


def answer(outside: Outside, request: str, authority: str) -> tuple[bytes, float]:
    """What is sent to a request line, and after how many seconds."""
    method, _, rest = request.partition(" ")
    path = rest.partition(" ")[0]
    host = outside.by_authority.get(authority)
    if host is None:
        return _head(HTTPStatus.MISDIRECTED_REQUEST), 0.0
    said = _said(outside, host, method, path)
    return (said if method == "GET" else said.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"), (
        _SLOW_SECONDS if host.fate is Fate.SLOW else 0.0
    )


def _said(outside: Outside, host: Host, method: str, path: str) -> bytes:
    if path == "/robots.txt":
        if host.fate is Fate.NO_ROBOTS:
            return _head(HTTPStatus.OK, "text/plain", len(_ROBOTS)) + _ROBOTS
        return _head(HTTPStatus.NOT_FOUND)
    if method == "HEAD" and host.fate is Fate.NO_HEAD:
        return _head(HTTPStatus.METHOD_NOT_ALLOWED)
    thing = outside.things.get((host.number, path), Thing(HTTPStatus.NOT_FOUND))
    status = HTTPStatus(thing.status)
    if thing.html:
        html = thing.html.encode()
        return _head(status, "text/html; charset=utf-8", len(html)) + html
    if thing.size_bytes and method == "GET":
        # Whoever asks for a file's head by GET hangs up then; a little of it suffices.
        return _head(status, "application/octet-stream", thing.size_bytes) + b"\0" * 1024
    return _head(status, "application/octet-stream", thing.size_bytes, thing.location)


def _head(status: HTTPStatus, kind: str = "text/plain", length: int = 0, location: str = "") -> bytes:
    moved = f"location: {location}\r\n" if location else ""
    return (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n"
        f"connection: close\r\n{moved}\r\n"
    ).encode()


class _Connection(asyncio.Protocol):
    """One request, and its answer."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio; whoever is not on this machine gets nothing."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            peer = transport.get_extra_info("peername")
            if not peer or not str(peer[0]).startswith("127."):
                transport.abort()

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        self._received += data
        if self._transport is None or len(self._received) > _MOST_HEAD_BYTES:
            return
        if b"\r\n\r\n" in self._received:
            lines = self._received.decode("latin-1").split("\r\n")
            fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
            said, seconds = answer(self._outside, lines[0], fields.get("host", ""))
            if seconds:
                asyncio.get_running_loop().call_later(seconds, self._send, said)
            else:
                self._send(said)

    def _send(self, said: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(said)
            self._transport.close()


async def serve(outside: Outside, folder: Path) -> None:
    """Answer until the process ends."""
    loop = asyncio.get_running_loop()
    ports = outside.ports
    # Every address of 127.0.0.0/8 is this machine; a server on one of them does not hear the others.
    everywhere = "0.0.0.0"  # noqa: S104 - who is not on this machine is turned away
    servers = [await loop.create_server(lambda: _Connection(outside), everywhere, ports.plain, backlog=1024)]
    for place, port in enumerate(ports.tls):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / f"tls-{place}.pem")
        servers.append(
            await loop.create_server(
                lambda: _Connection(outside), everywhere, port, ssl=context, backlog=1024
            )
        )
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


def main(arguments: Sequence[str]) -> None:
    """Tell the story again, and serve it."""
    folder, (projects, links, seed, plain, dead, *tls) = Path(arguments[0]), map(int, arguments[1:])
    outside = tell_story(projects, links, Ports(plain, tuple(tls), dead), seed).outside
    asyncio.run(serve(outside, folder))


if __name__ == "__main__":
    main(sys.argv[1:])
