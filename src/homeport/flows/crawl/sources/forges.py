"""Releases of a forge: GitHub, GitLab, Gitea and its kin. The list is read page by page, newest release first.

1. Where the list goes on, the ``Link`` header says (RFC 8288); where there is none, a full page is followed by the next.
2. The list goes on at its own origin only: a header cannot lead a token or a request elsewhere.
3. With a token, a file is asked for where the API gives it: a private one is nowhere else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from homeport.domain.errors import Invalid
from homeport.domain.link_header import next_page
from homeport.domain.links import LeftOut
from homeport.domain.offer import Offers, PageKind
from homeport.domain.release_api import releases_api
from homeport.domain.source import SourceKind
from homeport.domain.urls import Url, origin_of
from homeport.flows.crawl.places import PageVisit, Place, Reading
from homeport.flows.crawl.visitor import HowToRead, Visitor

_HOW: Mapping[SourceKind, HowToRead] = {
    SourceKind.GITHUB: HowToRead({"json": PageKind.GITHUB}, "JSON", accept="application/vnd.github+json"),
    SourceKind.GITLAB: HowToRead({"json": PageKind.GITLAB}, "JSON", accept="application/json"),
    SourceKind.GITEA: HowToRead({"json": PageKind.GITEA}, "JSON", accept="application/json"),
}


def look(visitor: Visitor, place: Place) -> Iterator[Reading]:
    """The files that hang on the repository's releases."""
    try:
        url = str(releases_api(place.kind, Url.parse(place.url)))
    except Invalid as refusal:
        visitor.leave_out(place.url, LeftOut(refusal.code, refusal.sentence))
        return
    for _ in range(visitor.limits.pages_of_a_place):
        reading = visitor.read(place, url, _HOW[place.kind])
        if reading is None or reading.page is None:
            return
        yield replace(reading, offers=_for_token(reading.offers)) if place.credential else reading
        url = _next(reading.page, reading.offers)
        if not url:
            return
    sentence = f"Not read to its end: {visitor.limits.pages_of_a_place} pages of this list were before it."
    visitor.leave_out(url, LeftOut("too-many-pages", sentence))


def _next(page: PageVisit, offers: Offers) -> str:
    header = page.fetched.header("link")
    url = next_page(header, page.fetched.url) if header else offers.next_page
    return url if url and origin_of(url) == origin_of(page.fetched.url) else ""


def _for_token(offers: Offers) -> Offers:
    return replace(
        offers,
        offers=tuple(
            replace(offer, url=offer.token_url) if offer.token_url else offer for offer in offers.offers
        ),
    )
