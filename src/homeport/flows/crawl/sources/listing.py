"""A directory listing of a web server (Apache, nginx, caddy, Python's own), and its folders one level down.

1. A folder is a link with a final slash, without a query, directly below the page; what leads up or away is none.
2. Folders are looked at in the order of the page, so many and no more; their own folders are not.
"""

from collections.abc import Iterator
from dataclasses import replace

from homeport.domain.links import LeftOut
from homeport.domain.offer import PageKind
from homeport.flows.crawl.places import PageVisit, Place, Reading
from homeport.flows.crawl.visitor import HowToRead, Visitor, page_url

MAX_FOLDERS = 60
LISTING = HowToRead({"html": PageKind.SIMPLE_HTML}, "HTML", accept="text/html")


def look(visitor: Visitor, place: Place) -> Iterator[Reading]:
    """The files of the folder, and then those of its folders."""
    reading = visitor.read(place, place.url, LISTING)
    if reading is None or reading.page is None:
        return
    if place.led_by is not None:
        yield reading
        return
    folders = folders_of(reading.page, [offer.url for offer in reading.offers.offers])
    for url in folders[MAX_FOLDERS:][:1]:
        sentence = f"This folder and those after it were not visited: {MAX_FOLDERS} were before them."
        visitor.leave_out(url, LeftOut("too-many-folders", sentence))
    below = tuple(
        replace(place, url=url, led_by=reading.page, is_folder=True) for url in folders[:MAX_FOLDERS]
    )
    yield replace(reading, follow=below)


def folders_of(page: PageVisit, links: list[str]) -> list[str]:
    """The folders directly below ``page``, each once."""
    base = page_url(page.fetched.url).partition("?")[0]
    base = base[: base.rindex("/") + 1] if base.count("/") > 2 else f"{base}/"  # noqa: PLR2004 - those of "scheme://"
    found: dict[str, None] = {}
    for link in links:
        url = page_url(link)
        name = url.removeprefix(base)
        if (
            url.startswith(base)
            and name.endswith("/")
            and name.count("/") == 1
            and "?" not in name
            and name != "/"
        ):
            found.setdefault(url)
    return list(found)
