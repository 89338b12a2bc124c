"""The outside world as one simulator: sites, what they answer, and how they misbehave.

Tests and journeys fill an ``Outside`` and reach it in one of two ways: in memory through ``OutsideFetcher``,
or over real sockets through ``tests.support.http_site.serve``. One contract suite keeps the two alike.
"""

import gzip
import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from homeport.domain.address import AllowList, Places, Refused, is_loopback_address, may_ask, may_connect
from homeport.domain.errors import Invalid
from homeport.domain.urls import Url
from homeport.ports.fetch import PLAIN_GET, Ask, Fetched, FetchLimits, Hop, Outcome, TlsFacts

PUBLIC_ADDRESS = "203.0.114.7"
_REDIRECTS = {301, 302, 303, 307, 308}


class Mood(StrEnum):
    """How a site behaves when it is asked."""

    HONEST = "honest"
    CHUNKED = "sends chunks"
    UNANNOUNCED = "says no length and closes at the end"
    UNDERSTATES = "announces half of what it sends"
    BREAKS_OFF = "announces all and sends half"
    HANGS_UP = "closes without an answer"
    SILENT = "takes the request and says nothing"
    DRIPS = "sends a byte now and then"
    ENDLESS = "never stops sending"
    ENCODES = "sends gzip although identity was asked for"
    GARBLES = "does not speak HTTP"


@dataclass(frozen=True)
class Answer:
    """What a site says to one request."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/octet-stream"
    headers: tuple[tuple[str, str], ...] = ()
    mood: Mood = Mood.HONEST

    def all_headers(self) -> tuple[tuple[str, str], ...]:
        """Type and further headers; the length is the mood's business."""
        encoding = (("content-encoding", "gzip"),) if self.mood is Mood.ENCODES else ()
        return (("content-type", self.content_type), *self.headers, *encoding)

    @property
    def is_encoded(self) -> bool:
        """True when the headers say that the body must be decoded."""
        return "content-encoding" in dict(self.all_headers())


def page(html: str, *, status: int = 200) -> Answer:
    """An HTML page."""
    return Answer(status, html.encode(), "text/html; charset=utf-8")


def redirect(to: str, *, status: int = 302) -> Answer:
    """A redirect to ``to``, which may be relative."""
    return Answer(status, headers=(("location", to),))


MISSING = page("<p>Not here.", status=404)


class Outside:
    """Every site there is. ``asked`` lists the URLs that were asked for, in order, whoever asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        self._addresses: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def put(self, url: str, *answers: Answer) -> None:
        """Let ``url`` answer so, over http and https and on any port; the last answer is repeated for ever."""
        parsed = Url.parse(url)
        self._answers[parsed.host, parsed.target] = list(answers)
        self._addresses.setdefault(parsed.host, (PUBLIC_ADDRESS,))

    def put_file(self, url: str, body: bytes, mood: Mood = Mood.HONEST) -> None:
        """Let ``url`` answer with the bytes of a file."""
        self.put(url, Answer(body=body, mood=mood))

    def put_page(self, url: str, html: str) -> None:
        """Let ``url`` answer with an HTML page."""
        self.put(url, page(html))

    def move(self, host: str, *addresses: str) -> None:
        """Let the name ``host`` have these addresses; none takes it out of the name servers."""
        self._addresses[host] = addresses

    def addresses(self, host: str) -> Sequence[str]:
        """The addresses of ``host``; none when nobody has that name."""
        return self._addresses.get(host, ())

    def answer(self, url: Url) -> Answer:
        """What the site at ``url`` says this time; the asking is remembered."""
        with self._lock:
            self.asked.append(str(url.without_fragment()))
            answers = self._answers.get((url.host, url.target), [MISSING])
            return answers.pop(0) if len(answers) > 1 else answers[0]


class OutsideFetcher:
    """A ``Fetcher`` that reaches an ``Outside`` in memory, by the same rules, without sockets or waiting."""

    def __init__(self, outside: Outside, *, allow: AllowList = (), own: Places = frozenset()) -> None:
        self._outside = outside
        self._allow = allow
        self._own = own

    def fetch(
        self,
        url: str,
        limits: FetchLimits,
        sink: Callable[[bytes], None],
        ask: Ask = PLAIN_GET,
    ) -> Fetched:
        """Follow ``url`` through the simulated world."""
        try:
            return self._follow(url, limits, sink)
        except _Ended as ended:
            return ended.told

    def _follow(self, text: str, limits: FetchLimits, sink: Callable[[bytes], None]) -> Fetched:
        told = Fetched(Outcome.OK, text)
        url = _parsed(text, told)
        for _ in range(limits.max_redirects + 1):
            told = Fetched(Outcome.OK, str(url), told.hops)
            address = self._address(url, told)
            answer = self._outside.answer(url)
            told = _answered(answer, told, url, address)
            location = dict(answer.headers).get("location", "")
            if answer.status not in _REDIRECTS or not location:
                return _taken(answer, told, limits, sink)
            target = _parsed(location, told, url)
            if url.is_tls and not target.is_tls:
                raise _Ended(told, Outcome.REFUSED, "redirect-refused", f"{target} is not https.")
            url = target
        reason = f"More than {limits.max_redirects} redirects."
        raise _Ended(told, Outcome.REFUSED, "too-many-redirects", reason)

    def _address(self, url: Url, told: Fetched) -> str:
        addresses = [url.address] if url.address else self._outside.addresses(url.host)
        decisions = [
            may_ask(url, self._allow, self._own),
            *(may_connect(address, url.port, self._allow, self._own) for address in addresses),
        ]
        for decision in decisions:
            if isinstance(decision, Refused):
                raise _Ended(told, Outcome.REFUSED, decision.code, decision.reason)
        if not addresses:
            raise _Ended(told, Outcome.UNREACHABLE, "name-unknown", f"{url.host} has no address.")
        return addresses[0]


class _Ended(Exception):  # noqa: N818 - an ending to tell, not an error
    def __init__(self, told: Fetched, outcome: Outcome, code: str, reason: str) -> None:
        super().__init__(reason)
        self.told = replace(told, outcome=outcome, code=code, reason=reason)


_NO_HEAD = {
    Mood.HANGS_UP: ("broke-off", "The site hung up."),
    Mood.SILENT: ("timed-out", "The site said nothing."),
    Mood.GARBLES: ("answer-garbled", "The site does not speak HTTP."),
}
_CUT_BODY = {
    Mood.BREAKS_OFF: ("broke-off", "The answer broke off."),
    Mood.DRIPS: ("too-slow", "The answer came too slowly."),
}


def _parsed(text: str, told: Fetched, base: Url | None = None) -> Url:
    try:
        return (base.join(text) if base else Url.parse(text)).without_fragment()
    except Invalid as refusal:
        code = "scheme-refused" if refusal.code == "url-scheme" else "url-refused"
        raise _Ended(told, Outcome.REFUSED, code, refusal.sentence) from refusal


def _answered(answer: Answer, told: Fetched, url: Url, address: str) -> Fetched:
    is_head_sent = answer.mood not in _NO_HEAD
    hops = (*told.hops, Hop(str(url), address, answer.status if is_head_sent else 0))
    facts = TlsFacts("TLSv1.3", hashlib.sha256(url.host.encode()).hexdigest(), "Simulated CA")
    told = replace(
        told,
        hops=hops,
        is_tls=all(hop.url.startswith("https://") and hop.status for hop in hops),
        is_loopback=all(is_loopback_address(hop.address) for hop in hops),
        tls=facts if url.is_tls else None,
    )
    if not is_head_sent:
        raise _Ended(told, Outcome.UNREACHABLE, *_NO_HEAD[answer.mood])
    retry_after = dict(answer.headers).get("retry-after", "")
    return replace(
        told,
        status=answer.status,
        content_type=answer.content_type,
        headers=answer.all_headers(),
        retry_after_seconds=int(retry_after) if retry_after.isdigit() else None,
    )


def _taken(answer: Answer, told: Fetched, limits: FetchLimits, sink: Callable[[bytes], None]) -> Fetched:
    is_page = answer.content_type.startswith("text/html")
    is_encoded = answer.is_encoded and not told.url.endswith((".gz", ".tgz"))
    if answer.status == 200 and is_encoded:
        raise _Ended(told, Outcome.UNREACHABLE, "answer-encoded", "The answer is encoded.")
    if answer.status == 200 or (answer.status >= 400 and is_page and not is_encoded):
        body = _sent(answer, limits.max_bytes)
        if len(body) > limits.max_bytes:
            raise _Ended(told, Outcome.TOO_LARGE, "too-large", f"More than {limits.max_bytes} bytes.")
        sink(body)
        told = replace(told, size_bytes=len(body), sha256=hashlib.sha256(body).hexdigest())
        if answer.mood in _CUT_BODY:
            raise _Ended(told, Outcome.UNREACHABLE, *_CUT_BODY[answer.mood])
    if answer.status != 200:
        raise _Ended(told, Outcome.HTTP_ERROR, "http-error", f"The site answered {answer.status}.")
    return told


def _sent(answer: Answer, max_bytes: int) -> bytes:
    if answer.mood in {Mood.BREAKS_OFF, Mood.UNDERSTATES, Mood.DRIPS}:
        return answer.body[: len(answer.body) // 2]
    if answer.mood is Mood.ENCODES:
        return gzip.compress(answer.body, mtime=0)
    if answer.mood is Mood.ENDLESS:
        return b"\0" * (max_bytes + 1)
    return answer.body
