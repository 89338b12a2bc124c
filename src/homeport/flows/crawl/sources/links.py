"""The links of long descriptions, which name files themselves, and the pages that Project-URLs name.

easy_install took the links of a description for files only: those that name none are nobody's promise, and not visited.
"""

from collections.abc import Iterator

from homeport.domain.offer import PageKind
from homeport.flows.crawl.places import Place, Reading
from homeport.flows.crawl.sources import pages
from homeport.flows.crawl.visitor import Visitor


def look(visitor: Visitor, place: Place) -> Iterator[Reading]:
    """The URLs in the text; of a URL that is named by itself, its page."""
    if place.url:
        yield from pages.look(visitor, place)
    else:
        yield Reading(None, visitor.isolation.read_offers(PageKind.TEXT, place.text.encode(), "", "", ""))
