"""The outside world as one simulator: sites, what they answer, and how they misbehave.

Tests and journeys fill an ``Outside`` and reach it in one of two ways: in memory through ``OutsideFetcher``,
or over real sockets through ``tests.support.http_site.serve``. One contract suite keeps the two alike.
"""

import gzip
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from homeport.domain.urls import Url

PUBLIC_ADDRESS = "203.0.114.7"
_OK, _PARTIAL, _NOT_MODIFIED = 200, 206, 304


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
    KNOWS_NO_RANGES = "sends all when asked for a part"


@dataclass(frozen=True)
class Asked:
    """One request as a site sees it; header names in lower case."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)


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

    def announced(self) -> tuple[tuple[str, str], ...]:
        """The length as the mood announces it."""
        if self.mood in {Mood.CHUNKED, Mood.UNANNOUNCED, Mood.ENDLESS} or self.status == _NOT_MODIFIED:
            return ()
        body = gzip.compress(self.body, mtime=0) if self.mood is Mood.ENCODES else self.body
        return (("content-length", str(len(body) // 2 if self.mood is Mood.UNDERSTATES else len(body))),)

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


def answered_to(asked: Asked, answer: Answer) -> Answer:
    """What a site that would say ``answer`` says to this very request: its validators and ranges are honoured."""
    told = dict(answer.headers)
    etag, changed = told.get("etag", ""), told.get("last-modified", "")
    if answer.status != _OK:
        return answer
    if (etag and asked.headers.get("if-none-match") == etag) or (
        changed and asked.headers.get("if-modified-since") == changed
    ):
        return replace(answer, status=_NOT_MODIFIED, body=b"")
    part = re.fullmatch(r"bytes=([0-9]+)-", asked.headers.get("range", ""))
    if part is None or asked.headers.get("if-range") != etag or answer.mood is Mood.KNOWS_NO_RANGES:
        return answer
    first, total = int(part[1]), len(answer.body)
    if first >= total:
        return replace(answer, status=416, body=b"", headers=(("content-range", f"bytes */{total}"),))
    said = ("content-range", f"bytes {first}-{total - 1}/{total}")
    return replace(answer, status=_PARTIAL, body=answer.body[first:], headers=(*answer.headers, said))


class Outside:
    """Every site there is.

    ``asked`` lists the URLs that were asked for, in order, whoever asked; ``requests`` the same with method and headers.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.requests: list[Asked] = []
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

    def answer(self, url: Url, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """What the site at ``url`` says this time; the asking is remembered."""
        asked = Asked(str(url.without_fragment()), method, headers or {})
        with self._lock:
            self.asked.append(asked.url)
            self.requests.append(asked)
            answers = self._answers.get((url.host, url.target), [MISSING])
            return answered_to(asked, answers.pop(0) if len(answers) > 1 else answers[0])
