"""A flat page of files, of any projects: what ``pip --find-links`` is given."""

from collections.abc import Iterator

from homeport.domain.offer import PageKind
from homeport.flows.crawl.places import Place, Reading
from homeport.flows.crawl.visitor import HowToRead, Visitor

_FLAT_PAGE = HowToRead({"html": PageKind.SIMPLE_HTML}, "HTML")


def look(visitor: Visitor, place: Place) -> Iterator[Reading]:
    """Every link of the page; which project they are of, their names tell."""
    if reading := visitor.read(place, place.url, _FLAT_PAGE):
        yield reading
