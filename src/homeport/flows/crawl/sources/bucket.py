"""The listing of an S3-style bucket, or of what a ``prefix`` in the address chooses from it; read page by page."""

from collections.abc import Iterator

from homeport.domain.links import LeftOut
from homeport.domain.offer import PageKind
from homeport.domain.urls import origin_of
from homeport.flows.crawl.places import Place, Reading
from homeport.flows.crawl.visitor import HowToRead, Visitor
from homeport.formats.offers.fields import with_query

_XML = HowToRead({"xml": PageKind.BUCKET}, "XML", accept="application/xml")
_ASKED = {"list-type": "2", "encoding-type": "url"}


def look(visitor: Visitor, place: Place) -> Iterator[Reading]:
    """Every object as a file."""
    # What is no URL is refused by the fetcher, which says why.
    url = with_query(place.url, **_ASKED) or place.url
    for _ in range(visitor.limits.pages_of_a_place):
        reading = visitor.read(place, url, _XML)
        if reading is None:
            return
        yield reading
        after = reading.offers.next_page
        if not after or origin_of(after) != origin_of(url):
            return
        url = after
    sentence = f"Not read to its end: {visitor.limits.pages_of_a_place} pages of this list were before it."
    visitor.leave_out(url, LeftOut("too-many-pages", sentence))
