"""The crawler's GET: a chain of requests, each looked up, checked and connected anew.

1. A redirect is a new request: grammar, port, name, addresses and TLS are checked again (T-05).
2. At most ``max_redirects`` are followed, and none from ``https`` to ``http``.
3. What the outside does is told by the answer, with every hop, and never raised.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from homeport import __version__
from homeport.adapters.net.connect import Connection, Gate, Patience, connected, tls_context
from homeport.adapters.net.ending import Deadline, Ended
from homeport.adapters.net.resolve import Resolve, resolve_name
from homeport.adapters.net.response import Exchange, Head
from homeport.domain.address import AllowList, Places, is_loopback_address
from homeport.domain.errors import Invalid
from homeport.domain.urls import MAX_URL, Url
from homeport.ports.fetch import PLAIN_GET, Ask, Fetched, FetchLimits, Hop, Outcome, TlsFacts

Sink = Callable[[bytes], None]

_OK = 200
_FIRST_ERROR = 400


class HttpFetcher:
    """Fetches from the outside over its own connections; keeps nothing between two fetches.

    ``own`` is where the index itself answers (``domain.address.own_places``), ``about_url`` the page that tells
    a site's operator who asks.
    """

    def __init__(
        self,
        *,
        about_url: str,
        allow: AllowList = (),
        own: Places = frozenset(),
        ca_file: Path | None = None,
        resolve: Resolve = resolve_name,
    ) -> None:
        self._gate = Gate(allow, own, resolve)
        self._tls = tls_context(ca_file)
        self._agent = f"Homeport/{__version__} (+{about_url})"

    def fetch(self, url: str, limits: FetchLimits, sink: Sink, ask: Ask = PLAIN_GET) -> Fetched:
        """Ask for ``url`` and hand the body to ``sink`` piece by piece; never raises for what the outside does."""
        story = _Story(url[:MAX_URL])
        try:
            self._follow(url, limits, sink, ask, story)
        except Ended as ended:
            return story.fetched(ended.outcome, ended.code, ended.reason)
        return story.fetched(Outcome.OK)

    def _follow(self, text: str, limits: FetchLimits, sink: Sink, ask: Ask, story: "_Story") -> None:
        seconds = limits.total_seconds
        total = Deadline.after(seconds, "timed-out", f"The fetch took longer than {seconds:g} seconds.")
        url = _parsed(text)
        for _ in range(limits.max_redirects + 1):
            story.turned_to(url)
            patience = Patience(limits.connect_seconds, total)
            addresses = self._gate.addresses(url, patience)
            story.set_out_for(addresses[0])
            with connected(url, addresses, self._tls, patience) as connection:
                story.arrived(connection)
                exchange = Exchange(connection, limits, total)
                head = exchange.ask(url, self._agent, ask)
                story.was_told(head)
                if not head.is_redirect:
                    _take(exchange, head, url, sink, story)
                    return
            url = _redirected(url, head.header("location"))
        reason = f"More than {limits.max_redirects} redirects; the last one names {url}."
        raise Ended(Outcome.REFUSED, "too-many-redirects", reason)


class _Story:
    """What has happened so far, kept so that a failed fetch can tell it too."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._hops: list[Hop] = []
        self._tls: TlsFacts | None = None
        self._head = Head(0, ())
        self._digest = hashlib.sha256()
        self._size_bytes = 0

    def turned_to(self, url: Url) -> None:
        self._url = str(url.without_fragment())
        self._head, self._tls = Head(0, ()), None

    def set_out_for(self, address: str) -> None:
        self._hops.append(Hop(self._url, address, 0))

    def arrived(self, connection: Connection) -> None:
        self._hops[-1] = Hop(self._url, connection.address, 0)
        self._tls = connection.tls

    def was_told(self, head: Head) -> None:
        self._hops[-1] = Hop(self._url, self._hops[-1].address, head.status)
        self._head = head

    def took(self, piece: bytes) -> None:
        self._digest.update(piece)
        self._size_bytes += len(piece)

    def fetched(self, outcome: Outcome, code: str = "", reason: str = "") -> Fetched:
        hops = tuple(self._hops)
        return Fetched(
            outcome=outcome,
            url=self._url,
            hops=hops,
            code=code,
            reason=reason,
            status=self._head.status,
            content_type=self._head.header("content-type"),
            size_bytes=self._size_bytes,
            sha256=self._digest.hexdigest() if self._size_bytes or outcome is Outcome.OK else "",
            # An answer over https was verified: there is no way around the certificate.
            is_tls=bool(hops) and all(hop.url.startswith("https://") and hop.status for hop in hops),
            is_loopback=bool(hops) and all(is_loopback_address(hop.address) for hop in hops),
            tls=self._tls,
            retry_after_seconds=self._head.retry_after_seconds,
            headers=self._head.headers,
        )


def _take(exchange: Exchange, head: Head, url: Url, sink: Sink, story: _Story) -> None:
    is_encoded = head.is_encoded_for(url)
    is_error_page = head.status >= _FIRST_ERROR and head.is_html
    if head.status == _OK and is_encoded:
        encoding = head.header("content-encoding")[:80]
        reason = f"The answer is encoded ({encoding!r}) although identity was asked for; it is not decoded."
        raise Ended(Outcome.UNREACHABLE, "answer-encoded", reason)
    # easy_install reads the links of error pages as well (standards D.5.4).
    if head.status == _OK or (is_error_page and not is_encoded):
        for piece in exchange.body(head):
            story.took(piece)
            sink(piece)
    if head.status != _OK:
        wanted = "" if head.status >= _FIRST_ERROR else "; 200 or a redirect with its place was wanted"
        reason = f"{url.host} answered with status {head.status}{wanted}."
        raise Ended(Outcome.HTTP_ERROR, "http-error", reason)


def _redirected(url: Url, location: str) -> Url:
    target = _parsed(_location_text(location), url)
    if url.is_tls and not target.is_tls:
        reason = f"{url} redirects to {target}: from https to http is a step down that is not taken."
        raise Ended(Outcome.REFUSED, "redirect-refused", reason)
    return target


def _location_text(location: str) -> str:
    """Header text is Latin-1 by the standard and UTF-8 in practice."""
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return location


def _parsed(text: str, base: Url | None = None) -> Url:
    try:
        return Url.parse(text) if base is None else base.join(text)
    except Invalid as refusal:
        code = "scheme-refused" if refusal.code == "url-scheme" else "url-refused"
        raise Ended(Outcome.REFUSED, code, refusal.sentence) from refusal
