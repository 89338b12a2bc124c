"""A site that takes its time about every file."""

import socket
import threading
from collections.abc import Callable

from tests.support.http_site import Request, Site


def slowly(
    pages: dict[str, bytes], go: threading.Event, seconds: float
) -> Callable[[socket.socket, Request, Site], None]:
    """A site that thinks ``seconds`` about each file, until ``go`` is set; ``/`` is its page."""

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        if request.target not in pages:  # it has no robots.txt
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        body = pages[request.target]
        kind = "text/html" if request.target == "/" else "application/octet-stream"
        if request.target != "/":
            go.wait(seconds)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode() + body)

    return talk
