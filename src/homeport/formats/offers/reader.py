"""The one reader of foreign pages: what a page offers, by its kind; it never raises."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from homeport.domain.neighbour import neighbour_at
from homeport.domain.offer import Offers, PageKind
from homeport.formats.checksums import read_checksums
from homeport.formats.link_page import MAX_PAGE_BYTES
from homeport.formats.offers.bucket import read_bucket
from homeport.formats.offers.gitea import read_gitea
from homeport.formats.offers.github import read_github
from homeport.formats.offers.gitlab import read_gitlab
from homeport.formats.offers.html import MAX_NEIGHBOURS, read_html
from homeport.formats.offers.simple_html import MAX_SIMPLE_BYTES, read_simple_html
from homeport.formats.offers.simple_json import read_simple_json
from homeport.formats.offers.text import read_text

_Reader = Callable[[bytes, str, str, str], Offers]

# How large a page of each kind may be. A page of an API is written by a program, and holds what was asked for.
MAX_BYTES: Mapping[PageKind, int] = {
    PageKind.HTML: MAX_PAGE_BYTES,
    PageKind.SIMPLE_HTML: MAX_SIMPLE_BYTES,
    PageKind.SIMPLE_JSON: MAX_SIMPLE_BYTES,
    PageKind.GITHUB: MAX_SIMPLE_BYTES,
    PageKind.GITLAB: MAX_SIMPLE_BYTES,
    PageKind.GITEA: MAX_SIMPLE_BYTES,
    PageKind.BUCKET: MAX_SIMPLE_BYTES,
    PageKind.CHECKSUMS: MAX_PAGE_BYTES,
    PageKind.TEXT: MAX_PAGE_BYTES,
}


def read_offers(kind: PageKind, page: bytes, asked_url: str, final_url: str, content_type: str) -> Offers:
    """What ``page`` offers; ``final_url`` is where redirects from ``asked_url`` led."""
    if len(page) > MAX_BYTES[kind]:
        return Offers(problem=f"The page has more than {MAX_BYTES[kind]} bytes: none of its links was read.")
    told = _READERS[kind](page, asked_url, final_url, content_type)
    if kind in _LISTS_NEIGHBOURS:
        beside = tuple(offer.url for offer in told.offers if neighbour_at(offer.url))
        return replace(told, neighbours=beside[:MAX_NEIGHBOURS])
    return told


def _checksums(page: bytes, asked_url: str, _final_url: str, _content_type: str) -> Offers:
    neighbour = neighbour_at(asked_url)
    return read_checksums(page, neighbour.about if neighbour else "")


# Where files that speak of others are files like these.
_LISTS_NEIGHBOURS = frozenset({PageKind.GITHUB, PageKind.GITLAB, PageKind.GITEA, PageKind.BUCKET})
_READERS: Mapping[PageKind, _Reader] = {
    PageKind.HTML: read_html,
    PageKind.SIMPLE_HTML: read_simple_html,
    PageKind.SIMPLE_JSON: lambda page, _, final_url, __: read_simple_json(page, final_url),
    PageKind.GITHUB: lambda page, asked_url, final_url, _: read_github(page, asked_url, final_url),
    PageKind.GITLAB: lambda page, asked_url, final_url, _: read_gitlab(page, asked_url, final_url),
    PageKind.GITEA: lambda page, asked_url, final_url, _: read_gitea(page, asked_url, final_url),
    PageKind.BUCKET: lambda page, asked_url, final_url, _: read_bucket(page, asked_url, final_url),
    PageKind.CHECKSUMS: _checksums,
    PageKind.TEXT: lambda page, _, __, ___: read_text(page),
}
