"""Home pages and download pages, and the pages that Project-URLs name: one page, read as easy_install did."""

from collections.abc import Iterator

from homeport.flows.crawl.places import Place, Reading
from homeport.flows.crawl.visitor import Visitor


def look(visitor: Visitor, place: Place) -> Iterator[Reading]:
    """What the page links to; whatever its rels ask for, nothing is followed."""
    if reading := visitor.read(place, place.url):
        yield reading
