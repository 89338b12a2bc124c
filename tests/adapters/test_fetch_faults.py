"""What is asked on the wire, and what goes wrong there: every fault ends in a value, within its bound."""

import socket
import threading
import time
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.http_site import Request, Site, listening, serve
from tests.support.outside import Outside

from homeport import __version__
from homeport.adapters.net.fetch import HttpFetcher
from homeport.adapters.net.resolve import resolve_name
from homeport.domain.address import parse_allow
from homeport.ports.fetch import Fetched, FetchLimits, Outcome

LIMITS = FetchLimits(
    max_bytes=10_000,
    connect_seconds=1,
    first_byte_seconds=0.3,
    total_seconds=1,
    floor_bytes_per_second=5000,
)


@cache  # reading the authorities of the machine takes longer than most of these tests
def fetcher() -> HttpFetcher:
    """A fetcher for which every name is this machine's."""
    return HttpFetcher(
        about_url="https://index.example.org/about",
        allow=parse_allow("127.0.0.1:*"),
        resolve=lambda host, seconds: ["127.0.0.1"],
    )


def said(answer: bytes, limits: FetchLimits = LIMITS) -> tuple[Fetched, bytes]:
    """What the fetcher makes of ``answer`` sent as it stands, and what the sink was given."""

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        connection.sendall(answer)

    return done(talk, limits)


def done(talk: Callable[[socket.socket, Request, Site], None], limits: FetchLimits) -> tuple[Fetched, bytes]:
    """What the fetcher makes of a server that behaves like ``talk``; asserts that it did not wait too long."""
    pieces: list[bytes] = []
    with listening(talk) as site:
        started = time.monotonic()
        fetched = fetcher().fetch(site.url("site.test", "/file"), limits, pieces.append)
        took = time.monotonic() - started
    assert took < limits.total_seconds + limits.connect_seconds
    return fetched, b"".join(pieces)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(
            b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", id="1xx first"
        ),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\nabc", id="HTTP/1.0 without a length"),
        pytest.param(b"HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc", id="no reason phrase"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc", id="identity"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\n",
            id="trailers",
        ),
    ],
)
def test_odd_answers_that_are_whole(answer: bytes) -> None:
    """Old and unusual servers are understood."""
    fetched, taken = said(answer)
    assert (fetched.outcome, fetched.reason, taken) == (Outcome.OK, "", b"abc")


@pytest.mark.parametrize(
    "encoding", ["gzip", "br", "zstd", "deflate", "gzip, gzip", "identity\r\nContent-Encoding: gzip", "x"]
)
def test_encoded_answers_are_not_taken(encoding: str) -> None:
    """Bytes that need decoding never reach the sink."""
    fetched, taken = said(f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\n\r\nabc".encode())
    assert (fetched.code, taken) == ("answer-encoded", b"")


def test_an_announced_size_is_believed() -> None:
    """A file that is announced as too large is not read at all."""
    fetched, taken = said(b"HTTP/1.1 200 OK\r\nContent-Length: 10001\r\n\r\nabc")
    assert (fetched.outcome, fetched.code, taken) == (Outcome.TOO_LARGE, "too-large", b"")


def test_a_head_that_drips_is_cut() -> None:
    """Headers that trickle in do not prolong the wait for the first byte."""

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not site.closing.wait(0.05):
            connection.sendall(b"X: y\r\n")

    fetched, _ = done(talk, LIMITS)
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "timed-out")


def test_a_body_that_pauses_is_cut() -> None:
    """Speed earned before does not buy a long silence."""

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 9000)
        site.closing.wait(5)

    fetched, taken = done(talk, LIMITS)
    assert (fetched.outcome, fetched.code, len(taken)) == (Outcome.UNREACHABLE, "too-slow", 9000)


def test_the_whole_is_bounded() -> None:
    """A body that flows just fast enough still ends with the total."""

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not site.closing.wait(0.02):
            connection.sendall(b"x" * 150)

    fetched, _ = done(talk, FetchLimits(10**9, 1, 0.3, 0.6, 5000))
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "timed-out")


def test_the_total_is_for_all_hops() -> None:
    """Redirects that each come in time do not add up beyond the total."""

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        site.closing.wait(0.15)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n")

    fetched, _ = done(talk, FetchLimits(1000, 1, 0.3, 0.4, 5000, max_redirects=50))
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "timed-out")
    assert fetched.reason == "The fetch took longer than 0.4 seconds."
    assert len(fetched.hops) < 5


def test_no_time_is_no_fetch() -> None:
    """A fetch without time left ends before its first look-up."""
    fetched = fetcher().fetch("http://site.test/", FetchLimits(1000, total_seconds=0), lambda _: None)
    assert (fetched.outcome, fetched.code, fetched.hops) == (Outcome.UNREACHABLE, "timed-out", ())


@pytest.mark.parametrize("place", ["/caf\u00e9".encode(), "/caf\u00e9".encode("latin-1")])
def test_places_that_are_not_ascii(place: bytes) -> None:
    """A redirect's place may be written in UTF-8 or in Latin-1, and is asked for in UTF-8."""
    asked: list[str] = []

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        asked.append(request.target)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: " + place + b"\r\n\r\n")

    done(talk, FetchLimits(1000, max_redirects=1, total_seconds=5))
    assert asked == ["/file", "/caf%C3%A9"]


def test_nobody_listens() -> None:
    """A refused connection is told with the address that was tried."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    fetched = fetcher().fetch(f"http://site.test:{port}/", LIMITS, lambda _: None)
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "connect-failed")
    assert [(hop.address, hop.status) for hop in fetched.hops] == [("127.0.0.1", 0)]


def test_the_second_address_answers() -> None:
    """A site is reached while one of its addresses is."""
    outside = Outside()
    outside.put_file("http://site.test/file", b"abc")
    with serve(outside) as site:
        real = HttpFetcher(
            about_url="https://index.example.org/about",
            allow=parse_allow(f"127.0.0.0/8:{site.port}"),
            resolve=lambda host, seconds: ["127.9.9.9", "127.0.0.1"],
        )
        fetched = real.fetch(site.url("site.test", "/file"), LIMITS, lambda _: None)
    assert (fetched.outcome, fetched.hops[0].address) == (Outcome.OK, "127.0.0.1")
    assert fetched.is_loopback


def no_such_name(host: str, seconds: float) -> list[str]:
    """What the system says of a name nobody has."""
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def no_answer(host: str, seconds: float) -> list[str]:
    """A name server that is silent."""
    raise TimeoutError


@pytest.mark.parametrize(
    ("resolve", "code"),
    [(no_such_name, "name-unknown"), (lambda host, seconds: [], "name-unknown"), (no_answer, "timed-out")],
)
def test_a_name_without_address(resolve: Callable[[str, float], list[str]], code: str) -> None:
    """A name nobody has is unreachable, not refused: it may come back."""
    real = HttpFetcher(about_url="https://index.example.org/about", resolve=resolve)
    fetched = real.fetch("http://gone.test/", LIMITS, lambda _: None)
    assert (fetched.outcome, fetched.code, fetched.hops) == (Outcome.UNREACHABLE, code, ())
    assert fetched.url == "http://gone.test/"


def test_the_system_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are looked up by the system: every address once, its refusal as it is, and never too long."""
    assert "127.0.0.1" in resolve_name("localhost", 5)

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(OSError, match="not known"):
        resolve_name("gone.test", 5)
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [answered.wait(5)][:0])
    with pytest.raises(TimeoutError, match=r"within 0\.05 seconds"):
        resolve_name("slow.test", 0.05)
    answered.set()


def test_the_request_says_who_asks_and_nothing_else() -> None:
    """The headers are fixed: no cookies, no credentials, no referrer."""
    outside = Outside()
    outside.put_file("http://site.test/a%20b?c=%C3%A9", b"abc")
    with serve(outside) as site:
        fetcher().fetch(site.url("site.test", "/a%20b?c=é#frag"), LIMITS, lambda _: None)
    assert [(request.method, request.target) for request in site.requests] == [("GET", "/a%20b?c=%C3%A9")]
    assert site.requests[0].headers == (
        ("host", f"site.test:{site.port}"),
        ("user-agent", f"Homeport/{__version__} (+https://index.example.org/about)"),
        ("accept-encoding", "identity"),
        ("connection", "close"),
        ("cdn-loop", "homeport"),
    )


def test_a_failing_sink_is_not_the_sites_fault() -> None:
    """What our own sink raises is raised: a full disk is no dead link."""
    outside = Outside()
    outside.put_file("http://site.test/file", b"abc")

    def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    with serve(outside) as site, pytest.raises(OSError, match="No space left"):
        fetcher().fetch(site.url("site.test", "/file"), LIMITS, full)


WORDS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 302 Found\r\n", b"HTTP/1.1 100 x\r\n", b"\r\n", b"\r\n\r\n", b"\n", b"0\r\n",
        b"Location: ", b"http://[::1]/", b"//\xff\xfe/", b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"5\r\n",
        b"Content-Encoding: gzip\r\n", b"Retry-After: \xb2\r\n", b"Content-Type: text/html\r\n", b"\x00", b" ", b":",
    ]
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(WORDS | st.binary(max_size=20), max_size=12).map(b"".join))
def test_no_answer_whatsoever_is_raised(answer: bytes) -> None:
    """Whatever bytes a site sends, the fetch ends in a value."""
    fetched, taken = said(answer)
    assert fetched.hops
    assert fetched.size_bytes == len(taken)
    assert (fetched.outcome is Outcome.OK) == (fetched.reason == "")
