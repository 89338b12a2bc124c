"""A real bandersnatch, and the TLS in front of an index that it insists on.

1. The index is known to the mirror as ``https://site.test``. No name is looked up: bandersnatch asks a proxy for the
   tunnel there, and at its end stands the TLS, with the certificate that the tests have for that name.
2. The proxy remembers what was asked, and passes it on to the index as it is.
"""

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.clients import run
from tests.support.http_site import Request, Site, listening
from tests.support.index import Finished, Index
from tests.support.programs import environment_with

CERTS = Path(__file__).parent / "certs"
BANDERSNATCH = "bandersnatch==6.8.0"
MASTER = "https://site.test"
_METHOD = re.compile(rb"<methodName>(\w+)</methodName>")
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)
_HOW_TO = Path(__file__).parent.parent.parent / "docs" / "how-to" / "mirror.md"
_TOKEN = "hp_TOKEN"
_CONFIGURATION = re.compile(r"```ini\n(.*?)```", re.DOTALL)


@dataclass
class Front:
    """The end of the tunnel; ``asked`` is every request line's method and path, with the name of what was called."""

    index: Index
    proxy_url: str = ""
    asked: list[str] = field(default_factory=list)

    def take(self) -> list[str]:
        """What was asked since the last look, in order."""
        taken, self.asked = self.asked, []
        return taken

    def talk(self, connection: socket.socket, request: Request, _site: Site) -> None:
        """Open the tunnel, answer one request from the index, and close."""
        assert (request.method, request.target) == ("CONNECT", "site.test:443")
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTS / "site.pem")
        with context.wrap_socket(connection, server_side=True) as secured:
            head, body = _received(secured)
            self._remember(head, body)
            with socket.create_connection(("127.0.0.1", self.index.port), timeout=20) as onward:
                onward.sendall(head.replace(b"\r\n", b"\r\nconnection: close\r\n", 1) + body)
                while answered := onward.recv(65_536):
                    secured.sendall(answered)

    def _remember(self, head: bytes, body: bytes) -> None:
        method, path, _ = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
        called = _METHOD.search(body)
        self.asked.append(f"{method} {path}" + (f" {called[1].decode()}" if called else ""))


def _received(connection: ssl.SSLSocket) -> tuple[bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    head += b"\r\n\r\n"
    length = _LENGTH.search(head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65_536)
    return head, body


@contextmanager
def fronted(index: Index) -> Iterator[Front]:
    """TLS in front of ``index``, behind a proxy."""
    front = Front(index)
    with listening(front.talk) as site:
        front.proxy_url = site.base_url
        yield front


@dataclass(frozen=True)
class Mirror:
    """A mirror in ``folder`` of what stands behind ``front``."""

    folder: Path
    front: Front
    token: str = ""

    @property
    def web(self) -> Path:
        """What a web server would serve."""
        return self.folder / "web"

    @property
    def serial(self) -> int:
        """Up to which serial it is in step."""
        return int((self.folder / "status").read_text())

    def __call__(self, *command: str) -> Finished:
        """Run bandersnatch."""
        configuration = self.folder.with_suffix(".conf")
        configuration.write_text(self.configured())
        return run(
            environment_with(BANDERSNATCH),
            "-m",
            "bandersnatch",
            "--config",
            str(configuration),
            *command,
            HTTPS_PROXY=self.front.proxy_url,
            NO_PROXY="",
            SSL_CERT_FILE=str(CERTS / "ca.pem"),
        )

    def configured(self) -> str:
        """The configuration that the how-to gives, for this mirror."""
        for given in _CONFIGURATION.findall(_HOW_TO.read_text()):
            if (_TOKEN in given) == bool(self.token):
                meant = given.replace("/srv/mirror", str(self.folder)).replace(
                    "index.example.org", "site.test"
                )
                return str(meant.replace(_TOKEN, self.token))
        raise AssertionError("the how-to has no such configuration")

    def files(self) -> dict[str, bytes]:
        """The content of every release file, by name."""
        return {path.name: path.read_bytes() for path in (self.web / "packages").rglob("*") if path.is_file()}
