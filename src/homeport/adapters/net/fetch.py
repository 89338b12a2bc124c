"""The crawler's way through the outside: a chain of requests, each looked up, checked and connected anew.

1. A redirect is a new request: grammar, port, name, addresses and TLS are checked again (T-05).
2. At most ``max_redirects`` are followed, and none from ``https`` to ``http``.
3. A body that breaks off is continued at the URL it came from (``rest.py``), at most ``max_resumes`` times.
4. What the outside does is told by the answer, with every hop, and never raised.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from homeport import __version__
from homeport.adapters.net.connect import Gate, tls_context
from homeport.adapters.net.ending import Ended
from homeport.adapters.net.resolve import Resolve, resolve_name
from homeport.adapters.net.response import Exchange, Head
from homeport.adapters.net.story import Story
from homeport.adapters.net.turn import Turns
from homeport.domain.address import AllowList, Places
from homeport.domain.errors import Invalid
from homeport.domain.urls import MAX_URL, Url
from homeport.ports.fetch import PLAIN_GET, Ask, Fetched, FetchLimits, Manners, Method, Outcome

Sink = Callable[[bytes], None]

_OK = 200
_PARTIAL = 206
_NOT_MODIFIED = 304
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

    def fetch(
        self,
        url: str,
        limits: FetchLimits,
        sink: Sink,
        ask: Ask = PLAIN_GET,
        manners: Manners | None = None,
    ) -> Fetched:
        """Ask for ``url`` and hand the body to ``sink`` piece by piece; never raises for what the outside does."""
        story = Story(url[:MAX_URL], ask.method)
        turns = Turns(self._gate, self._tls, self._agent, limits, manners, story)
        try:
            _Chain(turns, limits, sink, story).follow(url, ask)
        except Ended as ended:
            return story.fetched(ended.outcome, ended)
        return story.fetched(Outcome.OK)


class _Chain:
    """One fetch: from hop to hop, and through what breaks off."""

    def __init__(self, turns: Turns, limits: FetchLimits, sink: Sink, story: Story) -> None:
        self._turns = turns
        self._limits = limits
        self._sink = sink
        self._story = story

    def follow(self, text: str, ask: Ask) -> None:
        url = _parsed(text)
        for _ in range(self._limits.max_redirects + 1):
            ask = _without_foreign_secret(ask, url)
            self._story.turned_to(url)
            try:
                with self._turns.take(url, ask) as (exchange, head):
                    self._story.was_told(head)
                    if not head.is_redirect:
                        self._take(exchange, head, url, ask)
                        return
            except Ended as broken:
                self._continue(url, ask, broken)
                return
            url = _redirected(url, head.header("location"))
        reason = f"More than {self._limits.max_redirects} redirects; the last one names {url}."
        raise Ended(Outcome.REFUSED, "too-many-redirects", reason)

    def _take(self, exchange: Exchange, head: Head, url: Url, ask: Ask) -> None:
        is_encoded = head.is_encoded_for(url)
        if head.status == _NOT_MODIFIED and (ask.etag or ask.last_modified):
            raise Ended(Outcome.NOT_MODIFIED, "not-modified", f"{url.host} has nothing newer.")
        if head.status == _OK and is_encoded:
            encoding = head.header("content-encoding")[:80]
            reason = (
                f"The answer is encoded ({encoding!r}) although identity was asked for; it is not decoded."
            )
            raise Ended(Outcome.UNREACHABLE, "answer-encoded", reason)
        # easy_install reads the links of error pages as well (standards D.5.4).
        is_error_page = head.status >= _FIRST_ERROR and head.is_html and not is_encoded
        if ask.method is not Method.HEAD and (head.status == _OK or is_error_page):
            for piece in exchange.body(head, self._limits.max_bytes):
                self._hand_over(piece)
        if head.status != _OK:
            wanted = "" if head.status >= _FIRST_ERROR else "; 200 or a redirect with its place was wanted"
            reason = f"{url.host} answered with status {head.status}{wanted}."
            raise Ended(Outcome.HTTP_ERROR, "http-error", reason)

    def _continue(self, url: Url, ask: Ask, broken: Ended) -> None:
        """Take the rest of the body that ended with ``broken``, or raise how that ended."""
        total = self._story.announced_bytes
        for _ in range(self._limits.max_resumes):
            rest = self._story.rest(total) if broken.code == "broke-off" else None
            if rest is None:
                raise broken
            try:
                with self._turns.take(url, ask, rest) as (exchange, head):
                    total = rest.total_in(head, url)
                    here = rest.have_bytes if head.status == _PARTIAL else 0
                    for piece in rest.missing_from(head, exchange.body(head, self._limits.max_bytes - here)):
                        self._hand_over(piece)
            except Ended as again:
                broken = again
            else:
                if rest.is_whole(self._story.size_bytes, total):
                    return
        raise broken

    def _hand_over(self, piece: bytes) -> None:
        self._story.took(piece)
        self._sink(piece)


def _without_foreign_secret(ask: Ask, url: Url) -> Ask:
    is_foreign = ask.credential is not None and ask.credential.origin != url.origin
    return replace(ask, credential=None) if is_foreign else ask


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
