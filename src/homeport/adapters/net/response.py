"""One request and its answer over an open connection, every part of it bounded.

1. The head (all interim answers together) must be in before the first-byte deadline, within 32 KiB and
   100 headers.
2. The body must flow at the floor rate, may not pause, and must be whole: shorter than announced, broken
   chunks and a cut TLS line end the fetch. Length and chunks together are no length at all (RFC 9112, 6.3).
3. Nothing is ever decoded. A body that is encoded although identity was asked for is not taken (T-19), but for
   ``.gz`` and ``.tgz`` files: old servers announce those as ``Content-Encoding: gzip``, and mean the file itself.
"""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import h11

from homeport.adapters.net.connect import Connection
from homeport.adapters.net.ending import Deadline, Ended
from homeport.domain.manners import retry_after_seconds
from homeport.domain.urls import Url
from homeport.ports.fetch import FetchLimits, Method, Outcome, first_header

#: Names and values of a request's headers, as they go over the wire.
Headers = tuple[tuple[bytes, bytes], ...]

_MAX_HEAD_BYTES = 32 * 1024
_MAX_HEADERS = 100
_MAX_INTERIM = 8
_READ_BYTES = 256 * 1024
_HEAD_TOO_LARGE = 431
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ASKS_FOR_A_PAUSE = ("retry-after", "date", "x-ratelimit-remaining", "x-ratelimit-reset")
_GZIP = frozenset({"gzip", "x-gzip"})


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of an answer; names in lower case, values as Latin-1 text."""

    status: int
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str:
        """The first value of header ``name``, or ``""``."""
        return first_header(self.headers, name)

    @property
    def is_redirect(self) -> bool:
        """True when the answer only names another place."""
        return self.status in _REDIRECTS and bool(self.header("location"))

    @property
    def is_html(self) -> bool:
        """True when the type says HTML."""
        media_type = self.header("content-type").partition(";")[0].strip().lower()
        return media_type in {"text/html", "application/xhtml+xml"}

    @property
    def is_chunked(self) -> bool:
        """True when the body comes in chunks: h11 knows no other transfer encoding."""
        return bool(self.header("transfer-encoding"))

    @property
    def announced_bytes(self) -> int | None:
        """The length the answer announces."""
        announced = self.header("content-length")
        return int(announced) if announced else None

    @property
    def retry_after_seconds(self) -> int | None:
        """What ``Retry-After``, or a forge's rate limit, asks for."""
        return retry_after_seconds({name: self.header(name) for name in _ASKS_FOR_A_PAUSE})

    def is_encoded_for(self, url: Url) -> bool:
        """True when the bytes on the wire are not those of the file at ``url`` (rule 3)."""
        encodings = {value.strip().lower() for key, value in self.headers if key == "content-encoding"}
        is_gzip_file = url.target.partition("?")[0].lower().endswith((".gz", ".tgz"))
        return not encodings <= {"", "identity"} and not (is_gzip_file and encodings <= _GZIP)


class Exchange:
    """One request over one connection: ``ask``, then ``body`` when it is wanted. ``heard`` is told of all that comes."""

    def __init__(
        self, connection: Connection, limits: FetchLimits, total: Deadline, heard: Callable[[], None]
    ) -> None:
        self.received_bytes = 0
        self._heard = heard
        self._socket = connection.socket
        self._limits = limits
        self._total = total
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD_BYTES)
        self._is_at_end = False

    def ask(self, url: Url, method: Method, headers: Headers, body: bytes = b"") -> Head:
        """Send the request for ``url`` and read the head of its answer; ``headers`` tell how long ``body`` is."""
        seconds = self._limits.first_byte_seconds
        deadline = self._total.or_sooner(
            seconds, "timed-out", f"{url.host} did not begin to answer within {seconds:g} seconds."
        )
        request = h11.Request(method=method.value, target=url.target, headers=list(headers))
        with _bounded(self._socket, deadline):
            data = [h11.Data(data=body)] if body else []
            events = (request, *data, h11.EndOfMessage())
            self._socket.sendall(b"".join(self._http.send(event) or b"" for event in events))
        for _ in range(_MAX_INTERIM + 1):
            event = self._next_event(deadline)
            if isinstance(event, h11.Response):
                return _head(event)
        raise Ended(Outcome.UNREACHABLE, "answer-garbled", "The answer is a flood of interim answers.")

    def body(self, head: Head, largest: int) -> Iterator[bytes]:
        """The pieces of the body, up to ``largest`` bytes; returns when it is whole."""
        announced = head.announced_bytes
        if announced is not None and announced > largest:
            reason = f"The answer announces {announced} bytes; at most {largest} are taken."
            raise Ended(Outcome.TOO_LARGE, "too-large", reason)
        pace = _Pace(self._limits, self._total)
        for piece in self._chunks(pace) if head.is_chunked else self._run(pace, announced):
            pace.received += len(piece)
            if pace.received > largest:
                reason = f"The answer is longer than the {largest} bytes that are taken."
                raise Ended(Outcome.TOO_LARGE, "too-large", reason)
            yield piece

    def _chunks(self, pace: "_Pace") -> Iterator[bytes]:
        while isinstance(event := self._next_event(pace.deadline()), h11.Data):
            yield bytes(event.data)

    def _run(self, pace: "_Pace", length: int | None) -> Iterator[bytes]:
        """A body without chunks: it is not taken through the parser, which would copy every byte twice."""
        piece = self._http.trailing_data[0]
        while length is None or len(piece) < length:
            if piece:
                yield piece
                length = None if length is None else length - len(piece)
            piece = self._receive(pace.deadline())
            if not piece:
                if length is None:
                    return
                raise _broke_off()
        if length:
            yield piece[:length]

    def _next_event(self, deadline: Deadline) -> object:
        """The next event that is not a request for more bytes."""
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                received = self._receive(deadline)
                self._is_at_end = not received
                self._http.receive_data(received)
        except h11.RemoteProtocolError as error:
            raise self._broken(error) from error
        return event

    def _receive(self, deadline: Deadline) -> bytes:
        with _bounded(self._socket, deadline):
            received = self._socket.recv(_READ_BYTES)
        self.received_bytes += len(received)
        self._heard()
        return received

    def _broken(self, error: h11.RemoteProtocolError) -> Ended:
        if self._is_at_end:
            return _broke_off()
        if error.error_status_hint == _HEAD_TOO_LARGE:
            reason = f"The head of the answer is larger than {_MAX_HEAD_BYTES} bytes."
            return Ended(Outcome.UNREACHABLE, "head-too-large", reason)
        return Ended(Outcome.UNREACHABLE, "answer-garbled", f"The answer is not HTTP/1.1: {error}.")


class _Pace:
    """How long the next piece of a body may take: each byte buys time at the floor rate, but never a longer pause."""

    def __init__(self, limits: FetchLimits, total: Deadline) -> None:
        self.received = 0
        self._pause = limits.first_byte_seconds
        self._floor = max(1, limits.floor_bytes_per_second)
        self._total = total
        self._started = time.monotonic()
        self._reason = f"The answer came slower than {self._floor} bytes per second."

    def deadline(self) -> Deadline:
        """The end of patience from now on."""
        credit = self._started + self._pause + self.received / self._floor - time.monotonic()
        return self._total.or_sooner(min(self._pause, credit), "too-slow", self._reason)


def _broke_off() -> Ended:
    return Ended(Outcome.UNREACHABLE, "broke-off", "The answer broke off before it was whole.")


def _head(response: h11.Response) -> Head:
    if len(response.headers) > _MAX_HEADERS:
        raise Ended(
            Outcome.UNREACHABLE, "head-too-large", f"The answer has more than {_MAX_HEADERS} headers."
        )
    head = Head(
        response.status_code,
        tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers),
    )
    if head.is_chunked and head.announced_bytes is not None:
        reason = "The answer announces a length and chunks: one of the two is a lie."
        raise Ended(Outcome.UNREACHABLE, "answer-garbled", reason)
    return head


@contextmanager
def _bounded(connection: socket.socket, deadline: Deadline) -> Iterator[None]:
    """One step on the wire, within ``deadline``; what goes wrong there is the end."""
    connection.settimeout(deadline.seconds_left())
    try:
        yield
    except TimeoutError:
        raise deadline.passed() from None
    except OSError as error:
        reason = f"The connection was cut: {error.strerror or type(error).__name__}."
        raise Ended(Outcome.UNREACHABLE, "broke-off", reason) from error
