"""A project's page on another index: the simple API in JSON or HTML, or an index page of the 2000s.

1. The address may be that of the project's page, or of the index itself: where that page names the project's, or is too
   large to be read, the project's page below it is read (PEP 503 says where it is).
2. An index whose few folders are indexes again (PyTorch has one for each platform) is looked at in each of them.
3. The rel links of an old index page are followed one level, unless its status was 404 (standards D.5.7).
"""

from collections.abc import Iterator
from dataclasses import replace

from packaging.utils import canonicalize_name

from homeport.domain.errors import Invalid
from homeport.domain.offer import PageKind
from homeport.domain.urls import Url, origin_of
from homeport.flows.crawl.places import PageVisit, Place, Reading
from homeport.flows.crawl.sources.listing import folders_of
from homeport.flows.crawl.visitor import HowToRead, Visitor, page_url
from homeport.ports.fetch import Outcome

MAX_SUBINDEXES = 20
_SIMPLE = HowToRead(
    {"json": PageKind.SIMPLE_JSON, "html": PageKind.SIMPLE_HTML},
    "HTML",
    accept="application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01",
)
_NOT_FOUND = 404


def look(visitor: Visitor, place: Place) -> Iterator[Reading]:
    """The files of the project's page, wherever below the address that is."""
    if place.led_by is not None and not place.is_folder:
        if reading := visitor.read(place, place.url):
            yield reading
        return
    if not visitor.project or _last_segment(place.url) == visitor.project:
        yield from _read(visitor, place, place.url)
        return
    yield from _look_below(visitor, place, may_hold_indexes=not place.is_folder)


def _look_below(visitor: Visitor, place: Place, *, may_hold_indexes: bool) -> Iterator[Reading]:
    """Read an address that may be an index, or a page of another name."""
    if place.url.rstrip("/").endswith("/simple"):
        # A whole index may be listed there: only the project's page is asked for.
        yield from _read(visitor, place, _project_page(place.url, visitor.project))
        return
    reading = next(_read(visitor, place, place.url), None)
    if reading is None or reading.page is None:
        return
    yield reading
    page = reading.page
    links = [*(offer.url for offer in reading.offers.offers), *reading.offers.follow]
    folders = folders_of(page, links)
    named = [url for url in folders if _last_segment(url) == visitor.project]
    if named:
        yield from _read(visitor, _led(place, page, named[0], visitor.project), named[0])
    elif page.fetched.outcome is Outcome.TOO_LARGE or reading.offers.problem:
        yield from _read(visitor, place, _project_page(place.url, visitor.project))
    elif may_hold_indexes and _are_all_folders(links, folders):
        below = (replace(place, url=url, led_by=page, is_folder=True) for url in folders)
        yield Reading(page, replace(reading.offers, offers=(), neighbours=()), tuple(below))


def _read(visitor: Visitor, place: Place, url: str) -> Iterator[Reading]:
    reading = visitor.read(place, url, _SIMPLE)
    if reading is None or reading.page is None:
        return
    page = reading.page
    is_json = "json" in page.fetched.content_type.lower()
    if is_json or page.fetched.status == _NOT_FOUND:
        yield reading
        return
    follow = tuple(replace(place, url=link, led_by=page, is_folder=False) for link in reading.offers.follow)
    yield replace(reading, follow=follow)


def _led(place: Place, page: PageVisit, url: str, project: str) -> Place:
    """The place of the project's page: where PEP 503 says, nobody's page led there."""
    return place if page_url(url) == _project_page(place.url, project) else replace(place, led_by=page)


def _are_all_folders(links: list[str], folders: list[str]) -> bool:
    """True for a page with nothing but a few folders on it, and perhaps a way up."""
    is_own = {origin_of(link) for link in links} == {origin_of(link) for link in folders}
    return 0 < len(folders) <= MAX_SUBINDEXES and is_own and len(links) <= len(folders) + 1


def _project_page(index: str, project: str) -> str:
    base = page_url(index).partition("?")[0].rstrip("/")
    return f"{base}/{project}/"


def _last_segment(url: str) -> str:
    try:
        path = Url.parse(url).target.partition("?")[0]
    except Invalid:
        return ""
    return str(canonicalize_name(path.rstrip("/").rpartition("/")[2]))
