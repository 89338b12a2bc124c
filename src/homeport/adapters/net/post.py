"""The way to those who are told by webhook: one request, looked up, checked and connected as a fetch is.

1. The gate is the fetcher's: a name that has a private address, or the index itself, is told nothing, whatever it was when
   it was given (T-03, T-04).
2. No redirect is followed, and nothing is sent twice.
3. Of the answer, its status and its beginning are read; it may be of any length, and is never waited for to its end.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from homeport import __version__
from homeport.adapters.net.connect import Gate, Patience, connected, tls_context
from homeport.adapters.net.ending import Deadline, Ended
from homeport.adapters.net.resolve import Resolve, resolve_name
from homeport.adapters.net.response import Exchange, Head, Headers
from homeport.domain.address import AllowList, Places, is_inner
from homeport.domain.errors import Invalid
from homeport.domain.urls import Url
from homeport.ports.fetch import FetchLimits, Method, Outcome
from homeport.ports.post import Posted

_LIMITS: Final = FetchLimits(max_bytes=4096, first_byte_seconds=10.0, total_seconds=15.0)
_ANY_LENGTH: Final = 2**62
_WITHOUT_BODY: Final = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a request goes: the addresses of its host, all of them allowed."""

    url: Url
    addresses: tuple[str, ...]
    patience: Patience
    is_inner: bool


class HttpPoster:
    """``ports.post.Poster`` over its own connections; keeps nothing between two requests."""

    def __init__(
        self,
        *,
        about_url: str,
        allow: AllowList = (),
        own: Places = frozenset(),
        ca_file: Path | None = None,
        resolve: Resolve = resolve_name,
        limits: FetchLimits = _LIMITS,
    ) -> None:
        self._gate = Gate(allow, own, resolve)
        self._tls = tls_context(ca_file)
        self._agent = f"Homeport/{__version__} (+{about_url})"
        self._limits = limits

    def objection(self, url: str) -> Posted | None:
        """See the port."""
        way = self._way(url, time.monotonic())
        return way if isinstance(way, Posted) else None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """See the port."""
        started = time.monotonic()
        way = self._way(url, started)
        if isinstance(way, Posted):
            return way
        try:
            head, text = self._told(way, body, headers)
        except Ended as ended:
            return _ended(ended, started, inner=way.is_inner)
        return Posted(
            head.status,
            text,
            retry_after_seconds=head.retry_after_seconds,
            took_ms=_since(started),
            is_inner=way.is_inner,
        )

    def _way(self, url: str, started: float) -> "_Way | Posted":
        """The way to ``url``, or what came of looking for one."""
        inner = False
        try:
            parsed, patience = _parsed(url), self._patience()
            self._gate.require_name(parsed)
            addresses = self._gate.known_addresses(parsed, patience)
            # Before they are allowed, and anything is said there: a refusal tells of the address, too.
            inner = any(is_inner(address, parsed.port) for address in addresses)
            self._gate.require_addresses(parsed, addresses)
        except Ended as ended:
            return _ended(ended, started, inner=inner)
        return _Way(parsed, addresses, patience, inner)

    def _told(self, way: "_Way", body: bytes, headers: Mapping[str, str]) -> tuple[Head, str]:
        with connected(way.url, way.addresses, self._tls, way.patience) as connection:
            exchange = Exchange(connection, self._limits, way.patience.total, _nobody_listens)
            head = exchange.ask(way.url, Method.POST, self._headers(way.url, body, headers), body)
            return head, _beginning(exchange, head, self._limits.max_bytes)

    def _patience(self) -> Patience:
        seconds = self._limits.total_seconds
        total = Deadline.after(seconds, "timed-out", f"It took longer than {seconds:g} seconds.")
        return Patience(self._limits.connect_seconds, total)

    def _headers(self, url: Url, body: bytes, more: Mapping[str, str]) -> Headers:
        fixed = {
            "Host": url.authority,
            "User-Agent": self._agent,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        return tuple(
            (name.encode("ascii"), value.encode("ascii")) for name, value in {**fixed, **more}.items()
        )


def _beginning(exchange: Exchange, head: Head, most: int) -> str:
    said = b""
    try:
        if head.status not in _WITHOUT_BODY and not head.header("content-encoding"):
            for piece in exchange.body(head, _ANY_LENGTH):
                said += piece
                if len(said) >= most:
                    break
    except Ended:
        # It answered: how its words end does not matter.
        pass
    return said[:most].decode(errors="replace")


def _ended(ended: Ended, started: float, *, inner: bool) -> Posted:
    return Posted(0, code=ended.code, reason=ended.reason, took_ms=_since(started), is_inner=inner)


def _parsed(url: str) -> Url:
    try:
        return Url.parse(url)
    except Invalid as refusal:
        raise Ended(Outcome.REFUSED, "url-refused", refusal.sentence) from refusal


def _nobody_listens() -> None:
    return


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
