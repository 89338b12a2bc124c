"""One request and its answer over an open connection, every part of it bounded.

1. The request's headers are fixed: honest agent, no cookies, no credentials, no encoding asked for.
2. The head (all interim answers together) must be in before the first-byte deadline, within 32 KiB and
   100 headers.
3. The body must flow at the floor rate, may not pause, and must be whole: shorter than announced, broken
   chunks and a cut TLS line end the fetch.
4. Nothing is ever decoded. A body that is encoded although identity was asked for is not taken (T-19), but for
   ``.gz`` and ``.tgz`` files: old servers announce those as ``Content-Encoding: gzip``, and mean the file itself.
"""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import h11

from homeport.adapters.net.connect import Connection
from homeport.adapters.net.ending import Deadline, Ended
from homeport.domain.urls import Url
from homeport.ports.fetch import Ask, FetchLimits, Outcome

_MAX_HEAD_BYTES = 32 * 1024
_MAX_HEADERS = 100
_MAX_INTERIM = 8
_READ_BYTES = 256 * 1024
_HEAD_TOO_LARGE = 431
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SECONDS = re.compile(r"[0-9]{1,9}")
_GZIP = frozenset({"gzip", "x-gzip"})


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of an answer; names in lower case, values as Latin-1 text."""

    status: int
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str:
        """The first value of header ``name``, or ``""``."""
        return next((value for key, value in self.headers if key == name), "")

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
    def retry_after_seconds(self) -> int | None:
        """``Retry-After`` when it is a number of seconds (at most nine digits); dates are not read."""
        value = self.header("retry-after")
        return int(value) if _SECONDS.fullmatch(value) else None

    def is_encoded_for(self, url: Url) -> bool:
        """True when the bytes on the wire are not those of the file at ``url`` (rule 4)."""
        encodings = {value.strip().lower() for key, value in self.headers if key == "content-encoding"}
        is_gzip_file = url.target.partition("?")[0].lower().endswith((".gz", ".tgz"))
        return not encodings <= {"", "identity"} and not (is_gzip_file and encodings <= _GZIP)


class Exchange:
    """One GET over one connection: ``ask``, then ``body`` when it is wanted."""

    def __init__(self, connection: Connection, limits: FetchLimits, total: Deadline) -> None:
        self._socket = connection.socket
        self._limits = limits
        self._total = total
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD_BYTES)
        self._is_at_end = False

    def ask(self, url: Url, agent: str, ask: Ask) -> Head:
        """Send the request for ``url`` and read the head of its answer."""
        seconds = self._limits.first_byte_seconds
        deadline = self._total.or_sooner(
            seconds, "timed-out", f"{url.host} did not begin to answer within {seconds:g} seconds."
        )
        request = h11.Request(
            method=ask.method.value,
            target=url.target,
            headers=[
                ("Host", url.authority),
                ("User-Agent", agent),
                ("Accept-Encoding", "identity"),
                ("Connection", "close"),
                ("CDN-Loop", "homeport"),
                *((("Accept", ask.accept),) if ask.accept else ()),
            ],
        )
        with _bounded(self._socket, deadline):
            self._socket.sendall(
                (self._http.send(request) or b"") + (self._http.send(h11.EndOfMessage()) or b"")
            )
        for _ in range(_MAX_INTERIM + 1):
            event = self._next_event(deadline)
            if isinstance(event, h11.Response):
                return _head(event)
        raise Ended(Outcome.UNREACHABLE, "answer-garbled", "The answer is a flood of interim answers.")

    def body(self, head: Head) -> Iterator[bytes]:
        """The pieces of the body, up to ``max_bytes``; returns when it is whole."""
        largest = self._limits.max_bytes
        announced = head.header("content-length")
        if announced and int(announced) > largest:
            reason = f"The answer announces {announced} bytes; at most {largest} are taken."
            raise Ended(Outcome.TOO_LARGE, "too-large", reason)
        started, received = time.monotonic(), 0
        while isinstance(event := self._next_event(self._body_deadline(started, received)), h11.Data):
            received += len(event.data)
            if received > largest:
                reason = f"The answer is longer than the {largest} bytes that are taken."
                raise Ended(Outcome.TOO_LARGE, "too-large", reason)
            yield bytes(event.data)

    def _body_deadline(self, started: float, received: int) -> Deadline:
        """The end of patience: each byte buys time at the floor rate, but never a longer pause."""
        pause, floor = self._limits.first_byte_seconds, max(1, self._limits.floor_bytes_per_second)
        credit = started + pause + received / floor - time.monotonic()
        reason = f"The answer came slower than {floor} bytes per second."
        return self._total.or_sooner(min(pause, credit), "too-slow", reason)

    def _next_event(self, deadline: Deadline) -> object:
        """The next event that is not a request for more bytes."""
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                with _bounded(self._socket, deadline):
                    received = self._socket.recv(_READ_BYTES)
                self._is_at_end = not received
                self._http.receive_data(received)
        except h11.RemoteProtocolError as error:
            raise self._broken(error) from error
        return event

    def _broken(self, error: h11.RemoteProtocolError) -> Ended:
        if self._is_at_end:
            return Ended(Outcome.UNREACHABLE, "broke-off", "The answer broke off before it was whole.")
        if error.error_status_hint == _HEAD_TOO_LARGE:
            reason = f"The head of the answer is larger than {_MAX_HEAD_BYTES} bytes."
            return Ended(Outcome.UNREACHABLE, "head-too-large", reason)
        return Ended(Outcome.UNREACHABLE, "answer-garbled", f"The answer is not HTTP/1.1: {error}.")


def _head(response: h11.Response) -> Head:
    if len(response.headers) > _MAX_HEADERS:
        raise Ended(
            Outcome.UNREACHABLE, "head-too-large", f"The answer has more than {_MAX_HEADERS} headers."
        )
    return Head(
        response.status_code,
        tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers),
    )


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
