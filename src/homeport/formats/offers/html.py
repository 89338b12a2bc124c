"""Any HTML page, as the tools of its time read it: easy_install's finds, and what only pip 1.5.6 saw.

1. easy_install's links are all there, as ``formats.link_page`` finds them. What one of them names a file by is told in
   ``facts.seen_by``, with pip beside it when pip saw the same link.
2. Behind them stand the files that only pip 1.5.6 saw (standards D.5, last part); they are told, and not fetched.
3. ``follow`` are the rel links, which count on index pages only; ``neighbours`` are checksum and signature files.
"""

from collections.abc import Iterable, Iterator

from homeport.domain.links import PageLinks, candidates_for
from homeport.domain.neighbour import neighbour_at
from homeport.domain.offer import Facts, Offer, Offers
from homeport.domain.pip_finds import EASY_INSTALL, PIP, cleaned, pip_stem
from homeport.formats.link_page import charset_of, read_links
from homeport.formats.offers.anchors import Anchor, read_anchors

MAX_NEIGHBOURS = 2_000


def read_html(page: bytes, asked_url: str, final_url: str, content_type: str) -> Offers:
    """What a page of any kind links to."""
    links = read_links(page, asked_url, final_url, charset_of(content_type))
    return offers_of(links, read_anchors(page, final_url, content_type))


def offers_of(links: PageLinks, anchors: Iterable[Anchor]) -> Offers:
    """What easy_install's links and the anchors of the parsed page offer together."""
    urls = (cleaned(anchor.url) for anchor in anchors)
    seen_by_pip = dict.fromkeys(url for url in urls if pip_stem(url))
    offers = [_seen_by_easy_install(href, seen_by_pip) for href in links.hrefs]
    if not links.problem:  # of a page that was read in part nobody knows what easy_install saw behind that
        offers += (Offer(url, facts=Facts(seen_by=(PIP,))) for url in seen_by_pip)
    return Offers(tuple(offers), links.rel_hrefs, neighbours=_neighbours(links.hrefs), problem=links.problem)


def _seen_by_easy_install(href: str, seen_by_pip: dict[str, None]) -> Offer:
    """The offer of one link, which pip's are taken from."""
    is_file, by_pip = bool(candidates_for(href)), cleaned(href) in seen_by_pip
    seen_by_pip.pop(cleaned(href), None)
    if is_file:
        return Offer(href, facts=Facts(seen_by=(EASY_INSTALL, PIP) if by_pip else (EASY_INSTALL,)))
    return Offer(href, facts=Facts(seen_by=(PIP,))) if by_pip else Offer(href)


def _neighbours(hrefs: Iterable[str]) -> tuple[str, ...]:
    def every() -> Iterator[str]:
        yield from (href for href in hrefs if neighbour_at(href))

    return tuple(url for url, _ in zip(every(), range(MAX_NEIGHBOURS), strict=False))
