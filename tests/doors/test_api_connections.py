"""The real server and connections that say too little: none is kept, and others are answered meanwhile."""

import resource
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest
from tests.support.index import Index, running

from homeport.cli import supervisor

pytestmark = pytest.mark.journey
MANY = 300
SILENT = {
    "a call": b"POST /api/v1/projects HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
    "a call in chunks": b"POST /api/v1/projects HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    "an upload": b"POST /legacy/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n-",
    "an upload with a wrong token": b"POST /legacy/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer hp_x\r\n"
    b"Content-Length: 1000\r\n\r\n-",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """A Homeport."""
    with running(tmp_path_factory.mktemp("silent")) as opened:
        yield opened


@pytest.mark.parametrize("kind", SILENT)
def test_silent_connections_are_closed(index: Index, kind: str) -> None:
    """Strangers who fall silent in a body are all answered and left within seconds; the pages are there throughout."""
    connections = [socket.create_connection(("127.0.0.1", index.port), timeout=10) for _ in range(MANY)]
    try:
        for connection in connections:
            connection.sendall(SILENT[kind])
        assert index.request("GET", "/simple/", timeout=5).status == 200
        assert closed(connections, within=15) == {b"HTTP/1.1 401": MANY}
        assert index.request("GET", "/simple/", timeout=5).status == 200
    finally:
        for connection in connections:
            connection.close()
    index.require_no_traceback()


def closed(connections: list[socket.socket], *, within: float) -> Counter[bytes]:
    """How the answers began on the connections that the server closed in time."""
    answers: Counter[bytes] = Counter()
    deadline = time.monotonic() + within
    for connection in connections:
        connection.settimeout(max(0.1, deadline - time.monotonic()))
        with suppress(TimeoutError):
            answer = b""
            while data := connection.recv(65536):
                answer += data
            answers[answer[:12]] += 1
    return answers


def test_a_long_head_is_refused(index: Index) -> None:
    """A request's head may have 64 KiB; one of several times that is not held in memory."""
    for length, status in ((50_000, b"200"), (300_000, b"431")):
        with socket.create_connection(("127.0.0.1", index.port), timeout=10) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * length + b"\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(
    ("now", "most", "allowed", "connections"),
    [
        (1_024, 1_048_576, 16_896, 8_192),
        (1_024, resource.RLIM_INFINITY, 16_896, 8_192),
        (1_024, 4_096, 4_096, 1_792),
        (1_024, 1_024, 1_024, 256),
        (20_000, 20_000, 20_000, 8_192),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, resource.RLIM_INFINITY, 8_192),
    ],
)
def test_connections_have_their_files(
    monkeypatch: pytest.MonkeyPatch, now: int, most: int, allowed: int, connections: int
) -> None:
    """As many files are allowed as the connections need, within what the system lets us; never fewer than before."""
    limits = [(now, most)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: limits.append(wanted))
    assert supervisor._connections() == connections
    assert limits[-1] == (allowed, most)


def test_a_system_that_allows_less_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the limit cannot be raised, the server stays within what it has."""

    def refuse(*_: object) -> None:
        raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr(resource, "getrlimit", lambda _: (2_560, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert supervisor._connections() == 1_024
