"""Servers that do not do what they should: a table of behaviours, each with what a fetch must make of it (G-23).

Every server has the one file ``BODY``; what is taken as whole from any of them must be exactly that.
"""

import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.support.http_site import Request, Site

from homeport.ports.fetch import Outcome

BODY = bytes(range(256)) * 16
HALF = len(BODY) // 2
MAX_BYTES = 20_000
ETAG = b'ETag: "v1"\r\n'
_PIECES = 6


class Line:
    """The server's end of one connection. ``turn`` counts the requests, from 1."""

    def __init__(
        self, connection: socket.socket, request: Request, site: Site, chance: Random | None
    ) -> None:
        self.request = request
        self.site = site
        self.turn = len(site.requests)
        self._connection = connection
        self._chance = chance

    def say(self, said: bytes) -> None:
        """Send; where there is chance, in as many pieces as it likes."""
        if self._chance is None:
            self._connection.sendall(said)
            return
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        cuts = sorted(self._chance.randrange(len(said) + 1) for _ in range(self._chance.randrange(_PIECES)))
        for start, end in zip([0, *cuts], [*cuts, len(said)], strict=True):
            self._connection.sendall(said[start:end])
            self.rest(self._chance.random() / 500)

    def rest(self, seconds: float) -> bool:
        """Do nothing for a while; true when it is time to go."""
        return self.site.closing.wait(seconds)

    def reset(self) -> None:
        """Cut the line without a farewell."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()


Act = Callable[[Line], None]


@dataclass(frozen=True)
class Behaviour:
    """What a server does, and how a fetch from it ends; ``code`` is empty when the file comes whole.

    With a ``certificate`` the server speaks TLS, and with ``is_old_tls`` none that is newer than 1.1.
    """

    name: str
    act: Act
    outcome: Outcome = Outcome.OK
    code: str = ""
    certificate: str = ""
    host: str = "site.test"
    is_old_tls: bool = False


def head(*headers: bytes, status: bytes = b"200 OK", length: int | None = None) -> bytes:
    """The head of an answer."""
    framing = () if length is None else (b"Content-Length: %d" % length,)
    return b"".join(line + b"\r\n" for line in (b"HTTP/1.1 " + status, *headers, *framing)) + b"\r\n"


def saying(*said: bytes) -> Act:
    """Says so, and closes."""
    return lambda line: line.say(b"".join(said))


def then_silence(*said: bytes) -> Act:
    """Says so, and then nothing more, without closing."""

    def act(line: Line) -> None:
        line.say(b"".join(said))
        line.rest(5)

    return act


def then_reset(*said: bytes) -> Act:
    """Says so, and cuts the line."""

    def act(line: Line) -> None:
        line.say(b"".join(said))
        line.rest(0.02)
        line.reset()

    return act


def for_ever(again: bytes, every_seconds: float, *said: bytes) -> Act:
    """Says so, and then the same thing for ever."""

    def act(line: Line) -> None:
        line.say(b"".join(said))
        while not line.rest(every_seconds):
            line.say(again)

    return act


def redirecting(place: Callable[[Line], bytes], status: bytes = b"302 Found") -> Act:
    """Sends everybody somewhere else."""
    return lambda line: line.say(head(b"Location: " + place(line), status=status, length=0))


def breaking_off(rest: Act, *headers: bytes) -> Act:
    """Breaks off half-way the first time; ``rest`` answers whoever comes for the other half."""

    def act(line: Line) -> None:
        if line.turn == 1:
            line.say(head(ETAG.strip(), *headers, length=len(BODY)) + BODY[:HALF])
        else:
            assert line.request.header("if-range") == '"v1"'
            rest(line)

    return act


def part(
    first: int = HALF,
    last: int = len(BODY) - 1,
    total: object = len(BODY),
    *headers: bytes,
    etag: bytes = b'"v1"',
    sends: bytes | None = None,
    length: int | None = None,
) -> Act:
    """Sends a part, as truly or falsely as it is told."""
    body = BODY[first : last + 1] if sends is None else sends
    said = f"Content-Range: bytes {first}-{last}/{total}".encode()
    announced = len(body) if length is None else length
    answer = head(b"ETag: " + etag, said, *headers, status=b"206 Partial Content", length=announced)
    return saying(answer, body)


def whole(body: bytes = BODY, etag: bytes = b'"v1"') -> Act:
    """Sends all of it although a part was asked for."""
    return saying(head(b"ETag: " + etag, length=len(body)), body)


def first_asked(line: Line) -> int:
    """From which byte on the rest is asked for."""
    return int(line.request.header("range").removeprefix("bytes=").removesuffix("-"))


def byte_by_byte(line: Line) -> None:
    """Honestly sends one byte of the rest each time."""
    part(first_asked(line), first_asked(line))(line)


def _chunked(*chunks: bytes) -> Act:
    return saying(head(b"Transfer-Encoding: chunked"), *chunks)


def _everywhere(line: Line) -> bytes:
    return f"http://host-{line.turn}.test:{line.site.port}/file".encode()


_WHOLE_CHUNK = b"%x\r\n%b\r\n" % (len(BODY), BODY)
_BROKEN = (Outcome.UNREACHABLE, "broke-off")
_GARBLED = (Outcome.UNREACHABLE, "answer-garbled")
_LATE = (Outcome.UNREACHABLE, "timed-out")
_SLOW = (Outcome.UNREACHABLE, "too-slow")
_HEAD = (Outcome.UNREACHABLE, "head-too-large")
_ENCODED = (Outcome.UNREACHABLE, "answer-encoded")
_CHANGED = (Outcome.UNREACHABLE, "changed-while-fetched")
_LARGE = (Outcome.TOO_LARGE, "too-large")
_STATUS = (Outcome.HTTP_ERROR, "http-error")
_TLS = (Outcome.UNREACHABLE, "tls-failed")
_URL = (Outcome.REFUSED, "url-refused")

_PLAIN = saying(head(length=len(BODY)), BODY)

BEHAVIOURS = (
    # Before the head is in.
    Behaviour("hangs up", saying(), *_BROKEN),
    Behaviour("resets", then_reset(), *_BROKEN),
    Behaviour("says nothing", then_silence(), *_LATE),
    Behaviour("closes within the head", saying(b"HTTP/1.1 200 OK\r\nContent-Le"), *_BROKEN),
    Behaviour("stops within the head", then_silence(b"HTTP/1.1 200 OK\r\nContent-Le"), *_LATE),
    Behaviour("drips the head", for_ever(b"X: y\r\n", 0.05, b"HTTP/1.1 200 OK\r\n"), *_LATE),
    Behaviour("floods with 1xx", saying(b"HTTP/1.1 100 Continue\r\n\r\n" * 500), *_GARBLED),
    Behaviour("sends 103 for ever", for_ever(b"HTTP/1.1 103 Hints\r\n\r\n", 0.01), *_GARBLED),
    Behaviour("switches protocols", saying(head(b"Upgrade: h2c", status=b"101 Switching")), *_GARBLED),
    Behaviour("one long header", saying(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000), *_HEAD),
    Behaviour("endless headers", for_ever(b"X: y\r\n" * 1000, 0, b"HTTP/1.1 200 OK\r\n"), *_HEAD),
    Behaviour("101 headers", saying(head(*(b"X-%d: 1" % n for n in range(101)), length=0)), *_HEAD),
    Behaviour("NUL in a header", saying(head(b"X: a\0b", length=len(BODY)), BODY), *_GARBLED),
    Behaviour("bare CR in a header", saying(head(b"X: a\rY: b", length=len(BODY)), BODY), *_GARBLED),
    Behaviour("blank before the colon", saying(head(b"X : y", length=len(BODY)), BODY), *_GARBLED),
    Behaviour("folded header", saying(head(b"X: a\r\n b", length=len(BODY)), BODY)),
    Behaviour("lines end in LF", saying(head(length=len(BODY)).replace(b"\r\n", b"\n"), BODY)),
    Behaviour("HTTP/0.9", saying(BODY), *_GARBLED),
    Behaviour("a status of four digits", saying(head(status=b"2000 OK", length=0)), *_GARBLED),
    Behaviour("HTTP/2 preface", saying(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), *_GARBLED),
    Behaviour("HTTP/2 frames", then_reset(b"\0\0\x12\x04\0\0\0\0\0" + bytes(18) + b"\r\n\r\n"), *_GARBLED),
    Behaviour("another protocol", saying(b"SSH-2.0-OpenSSH_9.6\r\n" + b"x" * 100 + b"\r\n\r\n"), *_GARBLED),
    Behaviour(
        "Alt-Svc steers inside",
        saying(head(b'Alt-Svc: h2="10.0.0.1:443"; ma=9, h3="inside.test:443"', length=len(BODY)), BODY),
    ),
    # How long the body is.
    Behaviour("two lengths", saying(head(b"Content-Length: 1", length=len(BODY)), BODY), *_GARBLED),
    Behaviour("the same length twice", saying(head(b"Content-Length: 4096", length=4096), BODY)),
    Behaviour("negative length", saying(head(length=-3), BODY), *_GARBLED),
    Behaviour("length with a sign", saying(head(b"Content-Length: +4096"), BODY), *_GARBLED),
    Behaviour("length without end", saying(head(b"Content-Length: " + b"9" * 5000), BODY), *_GARBLED),
    Behaviour("length and chunks", saying(head(b"Transfer-Encoding: chunked", length=5), BODY), *_GARBLED),
    Behaviour("a length too large", saying(head(length=MAX_BYTES + 1), BODY), *_LARGE),
    Behaviour("more than announced", saying(head(length=len(BODY)), BODY, b"more" * 100)),
    Behaviour("a second answer behind the first", saying(head(length=len(BODY)), BODY, head(length=3), b"abc")),
    Behaviour("less than announced", saying(head(length=len(BODY)), BODY[:-1]), *_BROKEN),
    Behaviour("resets within the body", then_reset(head(length=len(BODY)), BODY[:HALF]), *_BROKEN),
    Behaviour("no length, ends by closing", saying(head(), BODY)),
    Behaviour("never ends", for_ever(bytes(65536), 0, head()), *_LARGE),
    Behaviour("stalls", then_silence(head(length=len(BODY)), BODY[:HALF]), *_SLOW),
    Behaviour("drips", for_ever(b"x", 0.05, head(length=len(BODY))), *_SLOW),
    Behaviour("204 with a body", saying(head(status=b"204 No Content", length=len(BODY)), BODY), *_STATUS),
    Behaviour("205 with a body", saying(head(status=b"205 Reset", length=len(BODY)), BODY), *_STATUS),
    Behaviour("304 to a plain request", saying(head(status=b"304 Same", length=9), BODY), *_STATUS),
    Behaviour("206 to a plain request", part(), *_STATUS),
    # Chunks and codings.
    Behaviour("chunks with extensions and trailers", _chunked(_WHOLE_CHUNK.replace(b"\r", b";a=b\r", 1), b"0\r\nT: t\r\n\r\n")),
    Behaviour("a chunk's size is no number", _chunked(b"zz\r\nabc\r\n0\r\n\r\n"), *_GARBLED),
    Behaviour("a chunk's size is negative", _chunked(b"-5\r\nabcde\r\n0\r\n\r\n"), *_GARBLED),
    Behaviour("a chunk's size is huge", _chunked(b"f" * 40 + b"\r\n"), *_GARBLED),
    Behaviour("a chunk is longer than its size", _chunked(b"3\r\nabcdef\r\n0\r\n\r\n"), *_GARBLED),
    Behaviour("a chunk is cut", _chunked(b"fff\r\nabc"), *_BROKEN),
    Behaviour("no last chunk", _chunked(_WHOLE_CHUNK), *_BROKEN),
    Behaviour("chunks without end", for_ever(b"1000\r\n" + bytes(4096) + b"\r\n", 0, head(b"Transfer-Encoding: chunked")), *_LARGE),
    Behaviour("endless trailers", for_ever(b"T: t\r\n" * 1000, 0, head(b"Transfer-Encoding: chunked"), b"0\r\n"), *_HEAD),
    Behaviour("gzip as transfer encoding", saying(head(b"Transfer-Encoding: gzip"), BODY), *_GARBLED),
    Behaviour("gzip although not asked for", saying(head(b"Content-Encoding: gzip"), bytes(9)), *_ENCODED),
    Behaviour("gzip in gzip", saying(head(b"Content-Encoding: gzip, gzip"), bytes(9)), *_ENCODED),
    # Somewhere else.
    Behaviour("redirects to itself", redirecting(lambda _: b"/file"), Outcome.REFUSED, "too-many-redirects"),
    Behaviour("redirects from host to host", redirecting(_everywhere), Outcome.REFUSED, "too-many-redirects"),
    Behaviour("redirects to a file", redirecting(lambda _: b"file:///etc/passwd"), Outcome.REFUSED, "scheme-refused"),
    Behaviour("redirects to nowhere", saying(head(status=b"302 Found", length=0)), *_STATUS),
    Behaviour("redirects to a long place", redirecting(lambda _: b"/" + b"x" * 20_000), *_URL),
    Behaviour("redirects to two places", redirecting(lambda _: b"/a\r\nLocation: /file"), Outcome.REFUSED, "too-many-redirects"),
    Behaviour("redirects inside", redirecting(lambda _: b"http://10.0.0.1/"), Outcome.REFUSED, "address-refused"),
    Behaviour("wants to be left alone for ever", saying(head(b"Retry-After: " + b"9" * 30, status=b"429 Slow", length=0)), *_STATUS),
    # TLS.
    Behaviour("an expired certificate", _PLAIN, *_TLS, certificate="expired"),
    Behaviour("a certificate for another name", _PLAIN, *_TLS, certificate="site", host="other.test"),
    Behaviour("a certificate signed by itself", _PLAIN, *_TLS, certificate="self_signed"),
    Behaviour("an old protocol", _PLAIN, *_TLS, certificate="site", is_old_tls=True),
    Behaviour("a good certificate", _PLAIN, certificate="site"),
    Behaviour("closes within the body, over TLS", saying(head(length=len(BODY)), BODY[:HALF]), *_BROKEN, certificate="site"),
    # The rest of a body that broke off.
    Behaviour("breaks off once", breaking_off(part())),
    Behaviour("the rest in parts", breaking_off(lambda line: part(line.turn * HALF // 2, len(BODY) * 3 // 4 - 1 if line.turn == 2 else len(BODY) - 1)(line))),
    Behaviour("one byte each time", breaking_off(byte_by_byte), *_BROKEN),
    Behaviour("the rest has another ETag", breaking_off(part(etag=b'"v2"')), *_CHANGED),
    Behaviour("the rest has a weak ETag", breaking_off(part(etag=b'W/"v1"')), *_CHANGED),
    Behaviour("the rest begins too early", breaking_off(part(HALF - 1)), *_GARBLED),
    Behaviour("the rest begins too late", breaking_off(part(HALF + 1)), *_GARBLED),
    Behaviour("the rest has another total", breaking_off(part(total=len(BODY) + 1)), *_CHANGED),
    Behaviour("the rest has no total", breaking_off(part(total="*")), *_GARBLED),
    Behaviour("the rest ends behind the total", breaking_off(part(last=len(BODY), sends=BODY[HALF:] + b"x")), *_GARBLED),
    Behaviour("the rest announces another length", breaking_off(lambda line: part(first_asked(line), length=9)(line)), *_GARBLED),
    Behaviour("the rest does not say what it is", breaking_off(saying(head(ETAG.strip(), status=b"206 Part", length=HALF), BODY[HALF:])), *_GARBLED),
    Behaviour("the rest is encoded", breaking_off(part(HALF, len(BODY) - 1, len(BODY), b"Content-Encoding: gzip")), *_CHANGED),
    Behaviour("all instead of the rest", breaking_off(whole())),
    Behaviour("all, but other bytes", breaking_off(whole(BODY[::-1])), *_CHANGED),
    Behaviour("all, but longer now", breaking_off(whole(BODY + b"x")), *_CHANGED),
    Behaviour("all, but without a length and shorter", breaking_off(saying(head(ETAG.strip()), BODY[:9])), *_CHANGED),
    Behaviour("all, but without a length and longer", breaking_off(saying(head(ETAG.strip()), BODY, b"x")), *_CHANGED),
    Behaviour("the rest cannot be had", breaking_off(saying(head(status=b"416 No", length=0))), Outcome.UNREACHABLE, "rest-refused"),
    Behaviour("the rest is somewhere else", breaking_off(redirecting(lambda _: b"/file")), Outcome.UNREACHABLE, "rest-refused"),
)  # fmt: skip


def talk_of(behaviour: Behaviour, chance: Random | None) -> Callable[[socket.socket, Request, Site], None]:
    """What the server does with a connection."""

    def talk(connection: socket.socket, request: Request, site: Site) -> None:
        with contextlib.suppress(OSError):  # whoever asked may have had enough
            behaviour.act(Line(connection, request, site, chance))

    return talk
