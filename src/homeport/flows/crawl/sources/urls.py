"""One file, nominated with its hash: the address itself is the file, so that there is nothing to look at."""

from collections.abc import Iterator

from homeport.domain.links import LeftOut
from homeport.flows.crawl.places import Place, Reading
from homeport.flows.crawl.visitor import Visitor


def look(visitor: Visitor, place: Place) -> Iterator[Reading]:
    """Nothing: an address that names a file never gets here."""
    visitor.leave_out(place.url, LeftOut("nominated-no-file", f"{place.url[:200]!r} names no release file."))
    yield from ()
