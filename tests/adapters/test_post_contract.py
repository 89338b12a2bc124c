"""The contract of ``ports.post``: what is told arrives as it is, and only where a fetch may go; by socket and in memory."""

import time
from collections.abc import Callable

import pytest
from tests.support.hearing import hearing
from tests.support.http_site import Site, listening, serve
from tests.support.outside import Answer, Mood, Outside
from tests.support.outside_poster import OutsidePoster

from homeport.adapters.net.post import HttpPoster
from homeport.domain.address import parse_allow
from homeport.ports.fetch import FetchLimits
from homeport.ports.post import Poster

BODY = b'{"type":"test"}'
HEADERS = {"webhook-id": "msg_1_1", "webhook-timestamp": "7", "webhook-signature": "v1,abc="}
LOOPBACK = parse_allow("127.0.0.1:*")
QUICK = FetchLimits(max_bytes=4096, connect_seconds=1.0, first_byte_seconds=0.3, total_seconds=2.0)


def poster(**more: object) -> HttpPoster:
    """The real one, which may reach loopback."""
    return HttpPoster(about_url="https://index.test/", **{"allow": LOOPBACK, "limits": QUICK, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"thanks"),
        Answer(204),
        Answer(410, b"gone"),
        Answer(503, b"later", headers=(("retry-after", "120"),)),
        Answer(302, b"", headers=(("location", "http://127.0.0.1:1/"),)),
        Answer(200, b"x" * 10_000),
        Answer(200, "gr\u00fc\u00dfe".encode() + b"\xff"),
    ],
)
def test_both_tell_and_hear_alike(answer: Answer) -> None:
    """Status, the beginning of what was said, and the pause that was asked for; no redirect is followed."""
    outside = Outside()
    outside.put("https://ci.example.org/hook", answer)
    fake = OutsidePoster(outside)
    expected = fake.post("https://ci.example.org/hook", BODY, HEADERS)
    with hearing(answer) as heard:
        found = poster().post(heard.url, BODY, HEADERS)
    assert (found.status, found.text, found.retry_after_seconds, found.code) == (
        expected.status,
        expected.text,
        expected.retry_after_seconds,
        "",
    )
    assert found.took_ms >= 0
    # The fake's is a public address, the real one's is loopback.
    assert (expected.is_inner, found.is_inner) == (False, True)
    assert heard.bodies == [one.body for one in fake.told] == [BODY]
    (headers,) = heard.headers
    assert HEADERS.items() <= headers.items()
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("Homeport/")


ADDRESSES = {
    "inner.example.org": ("10.0.0.7",),
    "two.example.org": ("203.0.114.7", "127.0.0.1"),
    "metadata.example.org": ("169.254.169.254",),
}


def fake_poster() -> Poster:
    """In memory."""
    outside = Outside()
    for host, addresses in ADDRESSES.items():
        outside.move(host, *addresses)
    return OutsidePoster(outside, own=frozenset({("index.test", 443)}))


def real_poster() -> Poster:
    """Over sockets, of which none is opened: a connection would take longer than the test."""

    def resolve(host: str, seconds: float) -> tuple[str, ...]:
        return ADDRESSES.get(host, ())

    return poster(allow=(), own=frozenset({("index.test", 443)}), resolve=resolve)


@pytest.mark.parametrize("make", [fake_poster, real_poster])
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://inner.example.org/", "address-refused"),
        ("https://two.example.org/", "address-refused"),
        ("https://metadata.example.org/", "address-refused"),
        ("https://127.0.0.1/", "address-refused"),
        ("https://[::1]/", "address-refused"),
        ("https://ci.example.org:22/", "port-refused"),
        ("https://index.test/", "own-address"),
        ("https://gone.example.org/", "name-unknown"),
        ("https://user:secret@ci.example.org/", "url-refused"),
        ("file:///etc/passwd", "url-refused"),
    ],
)
def test_both_refuse_alike(make: Callable[[], Poster], url: str, code: str) -> None:
    """Before it is kept and before it is told, nothing reaches a private address, the index itself, or no URL."""
    there = make()
    posted = there.post(url, BODY, HEADERS)
    assert (posted.status, posted.code) == (0, code)
    refused = there.objection(url)
    assert refused is not None
    assert (refused.code, refused.reason) == (posted.code, posted.reason)
    assert posted.reason
    # What a name leads to is the operator's to know; who writes an address knows it.
    is_named = url.removeprefix("https://").rstrip("/") in ADDRESSES
    assert posted.is_inner is refused.is_inner is is_named


def test_a_place_that_may_be_told() -> None:
    """There is no objection, and nothing was asked."""
    with hearing(Answer()) as heard:
        assert poster().objection(heard.url) is None
    assert heard.bodies == []


def reads_head(wait: float, sent: bytes) -> Callable[..., None]:
    """A server that says ``sent`` after a while, and then keeps the line."""

    def talk(connection: object, request: object, site: Site) -> None:
        time.sleep(wait)
        connection.sendall(sent)  # type: ignore[attr-defined]
        site.closing.wait(2)

    return talk


@pytest.mark.parametrize(
    ("sent", "status", "text", "code"),
    [
        (b"", 0, "", "timed-out"),
        (b"nonsense\r\n\r\n", 0, "", "answer-garbled"),
        (b"HTTP/1.1 200 OK\r\n\r\nbegin", 200, "begin", ""),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nbegin", 200, "begin", ""),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nbegin\r\nzz", 200, "begin", ""),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n\x1f\x8b", 200, "", ""),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 9000, 200, "x" * 4096, ""),
    ],
)
def test_answers_that_do_not_end(sent: bytes, status: int, text: str, code: str) -> None:
    """Who answers at all is heard; how the words end does not matter, and nobody is waited for for long."""
    with listening(reads_head(0, sent)) as site:
        started = time.monotonic()
        posted = poster().post(f"{site.base_url}/", BODY, HEADERS)
        assert time.monotonic() - started < 2
    assert (posted.status, posted.text, posted.code) == (status, text, code)


def test_nobody_there() -> None:
    """A port that nobody listens at is told of, and no accident; that its address is inner is known before."""
    with serve(Outside()) as site:
        url = f"{site.base_url}/"
    posted = poster().post(url, BODY, HEADERS)
    assert (posted.code, posted.is_inner) == ("connect-failed", True)


@pytest.mark.parametrize("mood", [Mood.HONEST, Mood.HANGS_UP])
def test_inner_in_memory(mood: Mood) -> None:
    """The fake says of an address that a rule opened that it is inner, answered or not."""
    outside = Outside()
    outside.move("ci.example.org", "10.0.0.7")
    outside.put("https://ci.example.org/hook", Answer(mood=mood))
    inner = OutsidePoster(outside, allow=parse_allow("10.0.0.0/8"))
    assert inner.post("https://ci.example.org/hook", BODY, HEADERS).is_inner
