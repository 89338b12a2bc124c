"""A body that breaks off: whatever the place, the file comes whole from one version of it, or not at all (T-24)."""

import hashlib
import socket
import time
from collections.abc import Callable
from functools import cache
from random import Random

import pytest
from tests.support.http_site import Request, Site, listening

from homeport.adapters.net.fetch import HttpFetcher
from homeport.adapters.net.request import headers_of
from homeport.domain.address import parse_allow
from homeport.domain.urls import Url
from homeport.ports.fetch import Ask, Credential, Fetched, FetchLimits, Manners, Outcome, TurnedAway, Went

LIMITS = FetchLimits(max_bytes=200_000, connect_seconds=2, first_byte_seconds=2, total_seconds=10)
CHANCE = Random(24)  # noqa: S311 - the same bytes every time
BODY = CHANCE.randbytes(70_000)
OTHER = CHANCE.randbytes(70_000)
OFFSETS = [0, 1, 2, len(BODY) - 2, len(BODY) - 1, *CHANCE.sample(range(3, len(BODY) - 2), 45)]

Talk = Callable[[socket.socket, Request, Site], None]


@cache
def fetcher() -> HttpFetcher:
    """A fetcher for which every name is this machine's."""
    return HttpFetcher(
        about_url="https://index.example.org/about",
        allow=parse_allow("127.0.0.1:*"),
        resolve=lambda host, seconds: ["127.0.0.1"],
    )


def fetch(
    talk: Talk, limits: FetchLimits = LIMITS, manners: Manners | None = None
) -> tuple[Fetched, bytes, Site]:
    """One fetch from a server that behaves like ``talk``."""
    taken = bytearray()
    with listening(talk) as site:
        fetched = fetcher().fetch(site.url("site.test", "/file"), limits, taken.extend, manners=manners)
    return fetched, bytes(taken), site


def first_of(request: Request) -> int | None:
    """Where the part begins that is asked for."""
    asked = request.header("range")
    return int(asked.removeprefix("bytes=").removesuffix("-")) if asked else None


def send(connection: socket.socket, body: bytes, first: int | None, etag: str = '"v1"', *, upto: int) -> None:
    """Answer like an honest server that knows ranges, but stop at byte ``upto`` of the whole."""
    status, said = "200 OK", ""
    if first is not None:
        status, said = "206 Part", f"Content-Range: bytes {first}-{len(body) - 1}/{len(body)}\r\n"
    length = len(body) - (first or 0)
    head = f"HTTP/1.1 {status}\r\nETag: {etag}\r\n{said}Content-Length: {length}\r\n\r\n"
    connection.sendall(head.encode() + body[first or 0 : upto])


@pytest.mark.parametrize("offset", OFFSETS)
def test_cut_anywhere(offset: int) -> None:
    """Cut at any byte, the rest is asked for from exactly there, and the whole is the file."""

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        first = first_of(request)
        send(connection, BODY, first, upto=offset if first is None else len(BODY))

    fetched, taken, site = fetch(talk)
    assert (fetched.outcome, fetched.reason) == (Outcome.OK, "")
    assert taken == BODY
    assert (fetched.size_bytes, fetched.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    assert [hop.status for hop in fetched.hops] == [200, 206]
    assert [first_of(request) for request in site.requests] == [None, offset]


@pytest.mark.parametrize("offset", OFFSETS)
def test_changed_anywhere(offset: int) -> None:
    """Where the file changes at the cut, no body is put together from both, whatever the server claims."""
    for etag, knows_ranges in (('"v2"', True), ('"v2"', False), ('"v1"', False)):

        def talk(
            connection: socket.socket,
            request: Request,
            site: Site,
            etag: str = etag,
            knows_ranges: bool = knows_ranges,
        ) -> None:
            first = first_of(request)
            if first is None:
                send(connection, BODY, None, upto=offset)
            else:
                send(connection, OTHER, first if knows_ranges else None, etag, upto=len(OTHER))

        fetched, taken, _ = fetch(talk)
        if offset == 0 and etag == '"v1"':
            # Nothing had come: what comes now is one version.
            assert (fetched.outcome, taken) == (Outcome.OK, OTHER)
        else:
            assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "changed-while-fetched")
            assert taken == BODY[:offset]


def test_many_cuts() -> None:
    """A line that breaks again and again is followed to the end, within the number of tries."""
    cuts = [10_000, 10_000, 25_000, 69_999, len(BODY)]

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        send(connection, BODY, first_of(request), upto=cuts[len(site.requests) - 1])

    fetched, taken, site = fetch(talk)
    assert (fetched.outcome, taken) == (Outcome.OK, BODY)
    assert [first_of(request) for request in site.requests] == [None, 10_000, 10_000, 25_000, 69_999]
    fetched, taken, site = fetch(talk, FetchLimits(200_000, max_resumes=3))
    assert (fetched.outcome, fetched.code) == (Outcome.UNREACHABLE, "broke-off")
    assert taken == BODY[:69_999]
    assert len(site.requests) == 4


def test_chunks_that_break_off_are_continued() -> None:
    """A body without a length learns it from its first part."""

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        first = first_of(request)
        if first is None:
            head = b'HTTP/1.1 200 OK\r\nETag: "v1"\r\nTransfer-Encoding: chunked\r\n\r\n'
            connection.sendall(head + b"%x\r\n%b\r\n" % (9, BODY[:9]) + b"fff\r\n" + BODY[9:20])
        else:
            send(connection, BODY, first, upto=len(BODY))

    fetched, taken, site = fetch(talk)
    assert (fetched.outcome, taken) == (Outcome.OK, BODY)
    assert first_of(site.requests[1]) == 20


def test_the_rest_counts_against_the_limit() -> None:
    """A body that turns out larger than what is taken is not taken in two halves either."""

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        first = first_of(request)
        if first is None:
            connection.sendall(b'HTTP/1.1 200 OK\r\nETag: "v1"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc')
        else:
            send(connection, BODY, first, upto=len(BODY))

    fetched, taken, _ = fetch(talk, FetchLimits(len(BODY) - 1))
    assert (fetched.outcome, fetched.code) == (Outcome.TOO_LARGE, "too-large")
    assert len(taken) < len(BODY)


class Patient:
    """Manners that keep everybody waiting."""

    def __init__(self, seconds: float) -> None:
        self.went: list[Went] = []
        self._seconds = seconds

    def before(self, url: Url, ask: Ask) -> TurnedAway | None:
        """After a while."""
        time.sleep(self._seconds)
        return None

    def during(self, url: Url) -> None:
        """No hurry."""

    def after(self, url: Url, went: Went) -> None:
        """Next, please."""
        self.went.append(went)


def test_waiting_for_a_turn_is_not_the_sites_fault() -> None:
    """Time spent in ``before`` is not counted; time the site takes is, as ever."""
    limits = FetchLimits(200_000, first_byte_seconds=5, total_seconds=0.25)

    def cut_once(connection: socket.socket, request: Request, site: Site) -> None:
        first = first_of(request)
        send(connection, BODY, first, upto=100 if first is None else len(BODY))

    manners = Patient(0.3)
    fetched, taken, _ = fetch(cut_once, limits, manners)
    assert (fetched.outcome, taken) == (Outcome.OK, BODY)
    assert [(went.status, went.problem) for went in manners.went] == [(200, "broke-off"), (206, "")]
    assert sum(went.received_bytes for went in manners.went) > len(BODY)

    def slow(connection: socket.socket, request: Request, site: Site) -> None:
        site.closing.wait(1)

    manners = Patient(0.3)
    fetched, _, _ = fetch(slow, limits, manners)
    assert fetched.code == "timed-out"
    assert [(went.status, went.problem) for went in manners.went] == [(0, "timed-out")]


def test_a_secret_is_never_sent_in_the_clear() -> None:
    """Over plain HTTP a credential stays here, unless the line never leaves the machine."""
    public, loopback = "93.184.216.34", "127.0.0.1"
    for scheme, address, is_sent in (
        ("https", public, True),
        ("https", loopback, True),
        ("http", loopback, True),
        ("http", "::1", True),
        ("http", public, False),
        ("http", "10.0.0.1", False),
    ):
        url = Url.parse(f"{scheme}://forge.test/api")
        ask = Ask(credential=Credential(url.origin, "PRIVATE-TOKEN", "secret"))
        names = {name for name, _ in headers_of(url, "agent", ask, address, None)}
        assert (b"PRIVATE-TOKEN" in names) == is_sent, (scheme, address)
        elsewhere = headers_of(Url.parse(f"{scheme}://other.test/api"), "agent", ask, address, None)
        assert b"PRIVATE-TOKEN" not in {name for name, _ in elsewhere}


def test_a_secret_does_not_come_back_from_abroad() -> None:
    """After a hop at another origin the credential is gone, there and at home."""

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        to = {"/file": f"http://abroad.test:{site.port}/x", "/x": f"http://site.test:{site.port}/end"}
        place = to.get(request.target)
        answer = f"302 Found\r\nLocation: {place}" if place else "200 OK"
        connection.sendall(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n".encode())

    with listening(talk) as site:
        url = Url.parse(site.url("site.test", "/file"))
        ask = Ask(credential=Credential(url.origin, "Authorization", "Bearer secret"))
        fetched = fetcher().fetch(str(url), LIMITS, lambda _: None, ask)
    assert fetched.outcome is Outcome.OK
    assert [request.header("authorization") for request in site.requests] == ["Bearer secret", "", ""]
    assert "secret" not in repr(fetched) + repr(ask)
