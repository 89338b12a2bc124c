"""A wire between a client and an index: it carries every byte as it is, and remembers who asked for what.

1. Two things can be done to it: ``hide_metadata`` and ``cut``, each for what a client does about it.
2. Every answer closes its connection, so that one request is one connection on both sides.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.http_site import Request, Site, listening
from tests.support.index import Index


@dataclass(frozen=True)
class Exchange:
    """One request, and what the index answered to it."""

    request: Request
    status: int
    size_bytes: int

    @property
    def name(self) -> str:
        """The last part of the path: a file's name, or a project's."""
        return self.request.target.partition("?")[0].rstrip("/").rpartition("/")[2]


@dataclass
class Wire:
    """One end of the wire; ``exchanges`` is everything that went through it."""

    index: Index
    url: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    _hides_metadata: bool = field(default=False, init=False)
    _cuts: dict[str, int] = field(default_factory=dict, init=False)

    def hide_metadata(self) -> None:
        """From now on pages say nothing of metadata files, as pages did before PEP 658."""
        self._hides_metadata = True

    def cut(self, filename: str, *, after_bytes: int) -> None:
        """The next download of this file ends after so many bytes of the answer."""
        self._cuts[filename] = after_bytes

    def of(self, name: str, method: str = "GET") -> list[Exchange]:
        """What was asked about a file or a project of this name."""
        return [one for one in self.exchanges if one.name == name and one.request.method == method]

    def got(self, *names: str) -> list[str]:
        """Which of these files were asked for and answered, in the order of ``names``."""
        return [name for name in names if any(one.status < 300 for one in self.of(name))]

    def carry(self, connection: socket.socket, request: Request, _site: Site) -> None:
        """Pass one request on, and the answer back."""
        filename = request.target.rpartition("/")[2]
        answer = bytearray()
        with socket.create_connection(("127.0.0.1", self.index.port), timeout=20) as onward:
            onward.sendall(self._head(request))
            while received := onward.recv(65_536):
                answer += received
        if self._hides_metadata and request.target.startswith("/simple/"):
            # Keys that begin with "_" are the server's own, clients pass them over; the length stays.
            answer = answer.replace(b'"core-metadata"', b'"_ore-metadata"')
        status = int(answer.split(b" ", 2)[1])
        self.exchanges.append(Exchange(request, status, len(answer.partition(b"\r\n\r\n")[2])))
        connection.sendall(answer[: self._cuts.pop(filename, None)])

    def _head(self, request: Request) -> bytes:
        dropped = {"connection"} | ({"accept-encoding"} if self._hides_metadata else set())
        kept = [f"{name}: {value}" for name, value in request.headers if name not in dropped]
        lines = [f"{request.method} {request.target} HTTP/1.1", *kept, "connection: close", "", ""]
        return "\r\n".join(lines).encode("latin-1")


@contextmanager
def tapped(index: Index) -> Iterator[Wire]:
    """A wire to ``index``."""
    wire = Wire(index)
    with listening(wire.carry) as site:
        wire.url = site.base_url
        yield wire
