"""Real listening sockets on loopback that answer as they are told to, lies included.

``serve`` runs an ``Outside`` as an HTTP or HTTPS server; ``listening`` gives a test the bare connection.
"""

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.support.outside import Answer, Mood, Outside

from homeport.domain.urls import Url

_PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire; header names in lower case, in order."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str:
        """The first value of header ``name``, or ``""``."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass
class Site:
    """A server on ``127.0.0.1``; ``requests`` is everything it was asked, ``connections`` counts who called."""

    port: int
    scheme: str
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def base_url(self) -> str:
        """The URL of the server's root, without the final slash."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def url(self, host: str, path: str) -> str:
        """``path`` at this server under the name ``host``."""
        return f"{self.scheme}://{host}:{self.port}{path}"


Talk = Callable[[socket.socket, Request, Site], None]


@contextmanager
def serve(outside: Outside, *, tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Run ``outside`` as a real server; the ``Host`` header chooses the site, ports do not matter."""

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        url = Url.parse(f"{site.scheme}://{request.header('host')}{request.target}")
        answer = outside.answer(url, request.method, dict(request.headers))
        _say(connection, answer, site, is_head=request.method == "HEAD")

    with listening(talk, tls=tls) as site:
        yield site


@contextmanager
def listening(talk: Talk, *, tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A server that reads each request's head and leaves the rest to ``talk``."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        site = Site(listener.getsockname()[1], "https" if tls else "http")
        acceptor = threading.Thread(target=_accept, args=(listener, talk, site, tls), daemon=True)
        acceptor.start()
        try:
            yield site
        finally:
            site.closing.set()
            listener.shutdown(socket.SHUT_RDWR)
            acceptor.join(_PATIENCE_SECONDS)


def _accept(listener: socket.socket, talk: Talk, site: Site, tls: ssl.SSLContext | None) -> None:
    workers = []
    while not site.closing.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            break
        site.connections += 1
        worker = threading.Thread(target=_handle, args=(connection, talk, site, tls), daemon=True)
        worker.start()
        workers.append(worker)
    for worker in workers:
        worker.join(_PATIENCE_SECONDS)


def _handle(connection: socket.socket, talk: Talk, site: Site, tls: ssl.SSLContext | None) -> None:
    connection.settimeout(_PATIENCE_SECONDS)
    # The client may leave at any time: it tests its own patience here.
    with connection, suppress(OSError):
        if tls is None:
            _converse(connection, talk, site)
            return
        with tls.wrap_socket(connection, server_side=True) as secured:
            _converse(secured, talk, site)
            secured.unwrap()


def _converse(connection: socket.socket, talk: Talk, site: Site) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(65536)
        if not received:
            return
        head += received
    first, *lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    request = Request(method, target, tuple((name.lower(), value.strip()) for name, _, value in pairs))
    site.requests.append(request)
    talk(connection, request, site)


def _say(connection: socket.socket, answer: Answer, site: Site, *, is_head: bool) -> None:
    sent = _wire(answer)
    connection.sendall(sent.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if is_head and sent else sent)
    if answer.mood is Mood.SILENT:
        site.closing.wait(_PATIENCE_SECONDS)
    elif answer.mood is Mood.DRIPS and not is_head:
        for byte in answer.body:
            connection.sendall(bytes([byte]))
            if site.closing.wait(0.05):
                return
    elif answer.mood is Mood.ENDLESS and not is_head:
        while not site.closing.is_set():
            connection.sendall(b"\0" * 65536)


def _wire(answer: Answer) -> bytes:
    """What is sent at once: head and body, as the mood has them."""
    body = gzip.compress(answer.body, mtime=0) if answer.mood is Mood.ENCODES else answer.body
    half = len(body) // 2
    head = _head(answer)
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (body[:half], body[half:]) if piece)
    by_mood = {
        Mood.HANGS_UP: b"",
        Mood.SILENT: b"",
        Mood.GARBLES: b"\x16\x03\x01 hello\r\n\r\n",
        Mood.CHUNKED: head + chunks + b"0\r\n\r\n",
        Mood.BREAKS_OFF: head + body[:half],
        Mood.DRIPS: head,
        Mood.ENDLESS: head,
    }
    return by_mood.get(answer.mood, head + body)


def _head(answer: Answer) -> bytes:
    framing = (("transfer-encoding", "chunked"),) if answer.mood is Mood.CHUNKED else answer.announced()
    headers = (*answer.all_headers(), *framing, ("connection", "close"))
    lines = [f"HTTP/1.1 {answer.status} Simulated", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
