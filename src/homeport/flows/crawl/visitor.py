"""Asks for pages, within the bounds of one discovery, and has them read.

1. A page is asked for once, by its URL without fragment, also when a redirect led there before.
2. Pages, bytes and the pages of one place are counted; what is past a bound is not asked for. The first of it is told: a
   page may ask for tens of thousands of others to be followed.
3. A token goes to the origin of its source and nowhere else; whatever a source's page leads to elsewhere is asked without.
4. A server that says when it may be asked again is believed: the visit says until when.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from homeport.domain.errors import Invalid
from homeport.domain.links import LeftOut
from homeport.domain.offer import Offers, PageKind
from homeport.domain.urls import Url, origin_of
from homeport.flows.crawl.places import PageVisit, Place, Reading
from homeport.formats.link_page import MAX_PAGE_BYTES
from homeport.formats.offers.reader import MAX_BYTES
from homeport.ports.fetch import Ask, Errand, Fetched, Fetcher, FetchLimits, Outcome
from homeport.ports.isolation import Isolation

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY = 401, 403, 404, 429
_READ_ON_ERROR = frozenset({PageKind.HTML, PageKind.SIMPLE_HTML})
# Longer than any number of seconds that a server may mean.
_MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class CrawlLimits:
    """What one discovery may cost. ``links`` counts links to files, of any project, over all pages."""

    page_bytes: int = MAX_PAGE_BYTES
    page_seconds: float = 30.0
    pages: int = 100
    pages_of_a_place: int = 40
    all_bytes: int = 128 * 1024 * 1024
    links: int = 50_000


USUAL_LIMITS: Final = CrawlLimits()


@dataclass(frozen=True, slots=True)
class HowToRead:
    """Which reader a page gets by its content type, and what is asked for. ``wanted`` names the types, for people."""

    by_type: Mapping[str, PageKind]
    wanted: str
    accept: str = ""

    def kind_of(self, content_type: str) -> PageKind | None:
        """The reader, or ``None`` when the page is of another type."""
        lowered = content_type.lower()
        return next((kind for word, kind in self.by_type.items() if word in lowered), None)

    @property
    def largest_bytes(self) -> int:
        """How large such a page may be."""
        return max(MAX_BYTES[kind] for kind in self.by_type.values())


HTML = HowToRead({"html": PageKind.HTML}, "HTML")


@dataclass
class Visitor:
    """One discovery's way to pages. ``leave_out`` is told of what is not asked for: URL, and why.

    ``project`` is the PEP 503 form of whose files are sought; empty when it is those of any.
    """

    fetcher: Fetcher
    isolation: Isolation
    limits: CrawlLimits
    project: str
    leave_out: Callable[[str, LeftOut], None]
    visited: list[PageVisit] = field(default_factory=list)
    _asked: set[str] = field(default_factory=set)
    _bytes: int = 0
    _is_full: bool = False

    def read(self, place: Place, url: str, how: HowToRead = HTML) -> Reading | None:
        """The page at ``url`` as ``how`` reads it; ``None`` when it was asked for before, or a bound is reached."""
        asked = page_url(url)
        if asked in self._asked:
            return None
        if len(self.visited) >= self.limits.pages or self._bytes >= self.limits.all_bytes:
            if not self._is_full:
                before = f"{len(self.visited)} pages of {self._bytes:,} bytes together"
                sentence = f"This page and those after it were not visited: {before} were before them."
                self.leave_out(asked, LeftOut("too-many-pages", sentence))
            self._is_full = True
            return None
        visit, offers = self._visit(place, asked, how)
        self._asked |= {asked, visit.fetched.url}
        self.visited.append(visit)
        return Reading(visit, offers)

    def ask_for(self, place: Place, url: str, accept: str = "") -> Ask:
        """How a page of ``place`` is asked for."""
        errand = (
            Errand.CALL if place.kind.is_for_machines and not _is_led_elsewhere(place, url) else Errand.CRAWL
        )
        return Ask(accept=accept, errand=errand, credential=place.credential)

    def _visit(self, place: Place, url: str, how: HowToRead) -> tuple[PageVisit, Offers]:
        body = bytearray()
        most = how.largest_bytes if how is not HTML else self.limits.page_bytes
        limits = FetchLimits(most, total_seconds=self.limits.page_seconds)
        fetched = self.fetcher.fetch(url, limits, body.extend, self.ask_for(place, url, how.accept))
        self._bytes += fetched.size_bytes
        offers, code, problem = Offers(), fetched.code, fetched.reason
        kind = how.kind_of(fetched.content_type)
        if fetched.outcome is Outcome.OK and kind is None:
            code = f"page-not-{how.wanted.lower()}"
            problem = f"Not read: its type is {fetched.content_type!r}, not {how.wanted}."
        elif kind and (fetched.outcome is Outcome.OK or _may_be_read(fetched, kind)):
            # easy_install read every error page as Latin-1.
            content_type = fetched.content_type if fetched.outcome is Outcome.OK else ""
            offers = self.isolation.read_offers(kind, bytes(body), url, fetched.url, content_type)
            if fetched.outcome is Outcome.OK and offers.problem:
                code, problem = "page-incomplete", offers.problem
        if wait := told_to_wait(fetched):
            code, problem = "rate-limited", wait
        elif fetched.outcome is Outcome.HTTP_ERROR and place.kind.is_forge:
            problem += _hint(fetched, place)
        return PageVisit(place, fetched, len(offers.offers), code, problem), offers


def page_url(text: str) -> str:
    """The URL as it is asked for, without fragment."""
    try:
        return str(Url.parse(text).without_fragment())
    except Invalid:
        return text  # the fetcher refuses it, and says why


def told_to_wait(fetched: Fetched) -> str:
    """Why and until when the server wants no more requests, if that is what it says."""
    if fetched.status not in {_FORBIDDEN, _TOO_MANY}:
        return ""
    headers = dict(fetched.headers)
    remaining = headers.get("x-ratelimit-remaining", headers.get("ratelimit-remaining", ""))
    if fetched.status == _FORBIDDEN and remaining != "0" and fetched.retry_after_seconds is None:
        return ""
    reset = headers.get("x-ratelimit-reset", headers.get("ratelimit-reset", ""))
    until = ""
    if fetched.retry_after_seconds is not None:
        until = f" for {fetched.retry_after_seconds:,} seconds"
    elif reset.isascii() and reset.isdigit() and len(reset) <= _MOST_DIGITS and (at := _moment(int(reset))):
        until = f" until {at:%Y-%m-%d %H:%M} UTC"
    return f"The server answers no more requests{until}: try again then, or give the source a read token."


def _moment(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _may_be_read(fetched: Fetched, kind: PageKind) -> bool:
    # D.5.4: easy_install looked for links in the pages of errors, too.
    return fetched.outcome is Outcome.HTTP_ERROR and kind in _READ_ON_ERROR


def _is_led_elsewhere(place: Place, url: str) -> bool:
    """True for a page at another origin that a page of the source asks to follow: nobody named it for machines."""
    return place.led_by is not None and origin_of(url) != origin_of(place.led_by.place.url)


def _hint(fetched: Fetched, place: Place) -> str:
    if fetched.status in {_UNAUTHORIZED, _FORBIDDEN}:
        return " Its read token is not taken." if place.credential else " Give the source a read token."
    if fetched.status == _NOT_FOUND and place.credential is None:
        return " There is no such repository, or it is private: then give the source a read token."
    return ""
