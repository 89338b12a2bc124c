"""The lab's web servers: public sites and a redirector at a few addresses, a canary at every other one.

What a canary is asked does not matter: :class:`tests.lab.ground.Witness` has counted the contact before.
"""

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.lab.names import PUBLIC, PUBLIC_TOO, PUBLIC_V6

PUBLIC_PLACES = frozenset(
    (address, port) for address in (PUBLIC, PUBLIC_TOO, PUBLIC_V6) for port in (80, 443)
)
PORTS = (21, 22, 25, 80, 443, 2375, 6379, 8000, 8080, 8417, 11211)
GREETING = b"PUBLIC: what the whole world may read."
CANARY = b"CANARY: nobody should be here."
STEERING = 'Alt-Svc: h2="10.0.0.30:443"; ma=3600, h3=":443", h2="inside.corp.test:443"\r\n'
_PATIENCE_SECONDS = 3


def serve_everywhere(certificate: Path) -> None:
    """Listen on every address there is, for as long as the process lives."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    for port in PORTS:
        listener = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
        threading.Thread(target=_accept, args=(listener, port, context), daemon=True).start()


def _accept(listener: socket.socket, port: int, context: ssl.SSLContext) -> None:
    while True:
        connection, _ = listener.accept()
        connection.settimeout(_PATIENCE_SECONDS)
        threading.Thread(target=_handle, args=(connection, port, context), daemon=True).start()


def _handle(connection: socket.socket, port: int, context: ssl.SSLContext) -> None:
    address = connection.getsockname()[0].removeprefix("::ffff:")
    with connection, suppress(OSError):
        if port == 443:
            with context.wrap_socket(connection, server_side=True) as secured:
                _converse(secured, (address, port))
        else:
            _converse(connection, (address, port))


def _converse(connection: socket.socket, place: tuple[str, int]) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(65536)
        if not received:
            return
        head += received
    target = head.split(b" ")[1].decode("latin-1")
    connection.sendall(_answer(target) if place in PUBLIC_PLACES else _said("200 OK", body=CANARY))


def _answer(target: str) -> bytes:
    """What the public site says: ``/to?u=URL`` redirects there, over ``n`` steps, with status ``s``."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    if target.startswith("/h2"):
        return b"\0\0\x12\x04\0\0\0\0\0" + bytes(18)
    if "u" not in asked:
        return _said("200 OK", STEERING, GREETING)
    steps = int(asked.get("n", "1"))
    place = asked["u"] if steps == 1 else target.replace(f"n={steps}", f"n={steps - 1}")
    return _said(f"{asked.get('s', '302')} Elsewhere", f"Location: {place}\r\n")


def _said(status: str, headers: str = "", body: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body
