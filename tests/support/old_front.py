"""What stood before an index of old: it takes files of registered releases only, and says so in the words of then.

poetry registers a release when an upload is refused in these words (standards.md B.4), which no answer of ours has. Everything
else is passed on as it is; when a client hangs up, so does the front.
"""

import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.support.index import Index

_REFUSAL = "No such release was ever registered here: register it first."


@dataclass(frozen=True)
class Passed:
    """One request: what it asked for, how it was answered (0 when the client was gone), and how long that took."""

    action: str
    status: int
    seconds: float


@dataclass
class OldFront:
    """The front of ``index`` for one project; ``passed`` is what went through it, ``submit`` or ``file_upload``.

    ``before_submit`` is called before a registration is passed on.
    """

    index: Index
    project: str
    url: str = ""
    passed: list[Passed] = field(default_factory=list)
    before_submit: Callable[[], None] = lambda: None

    def of(self, action: str) -> list[int]:
        """How requests for this were answered."""
        return [one.status for one in self.passed if one.action == action]


@contextmanager
def old_front(index: Index, project: str) -> Iterator[OldFront]:
    """A front that listens on loopback."""
    front = OldFront(index, project)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            began = time.monotonic()
            body = self.rfile.read(int(self.headers["content-length"]))
            action = "submit" if b"\r\n\r\nsubmit\r\n" in body else "file_upload"
            if action == "file_upload" and not index.hosted(project):
                self.send_error(HTTPStatus.BAD_REQUEST, "Refused", _REFUSAL)
                status = int(HTTPStatus.BAD_REQUEST)
            else:
                if action == "submit":
                    front.before_submit()
                status = self._pass_on(body)
            front.passed.append(Passed(action, status, time.monotonic() - began))

        def _pass_on(self, body: bytes) -> int:
            self.close_connection = True
            kept = [
                f"{name}: {value}" for name, value in self.headers.items() if name.lower() != "connection"
            ]
            head = "\r\n".join([self.requestline, *kept, "Connection: close", "", ""])
            answer = bytearray()
            with socket.create_connection(("127.0.0.1", index.port), timeout=30) as onward:
                onward.sendall(head.encode("latin-1") + body)
                while True:
                    ready, _, _ = select.select([self.connection, onward], [], [], 30)
                    if self.connection in ready:  # the client has sent everything: it hangs up
                        return 0
                    received = onward.recv(65_536)
                    if not received:
                        break
                    answer += received
            self.wfile.write(answer)
            return int(answer.split(b" ", 2)[1])

        def log_message(self, *_: object) -> None:
            """A test has no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        front.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield front
        finally:
            server.shutdown()
            thread.join()
