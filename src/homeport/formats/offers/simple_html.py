"""A page of the simple API in HTML (PEP 503, 592, 658, 740), and flat pages of files, which look like one.

1. It is an HTML page: easy_install's links are its links, and ``<base>`` does not count. Modern pages have no ``<base>``.
2. What the attributes of an anchor say (``data-requires-python``, ``data-yanked``) is said of the file it leads to. A hash
   in the fragment is read from the URL by whoever judges it.
3. A ``data-provenance`` is a neighbour of its file.
4. Indexes of many thousand wheels are pages too: the bounds are wider than for people's pages.
"""

from collections.abc import Mapping
from dataclasses import replace

from homeport.domain.offer import Facts, Offer, Offers
from homeport.domain.pip_finds import cleaned
from homeport.formats.link_page import charset_of, read_links
from homeport.formats.offers import fields
from homeport.formats.offers.anchors import Anchor, read_anchors
from homeport.formats.offers.html import offers_of

MAX_SIMPLE_BYTES = 8 * 1024 * 1024


def read_simple_html(page: bytes, asked_url: str, final_url: str, content_type: str) -> Offers:
    """The files and the attributes of a page of links."""
    charset = charset_of(content_type)
    links = read_links(
        page, asked_url, final_url, charset, max_bytes=MAX_SIMPLE_BYTES, max_links=fields.MAX_OFFERS
    )
    anchors = read_anchors(page, final_url, content_type)
    told = offers_of(links, anchors)
    said = {cleaned(anchor.url): anchor for anchor in anchors if _says_something(anchor)}
    provenances = (
        fields.address(final_url, anchor.attributes.get("data-provenance")) for anchor in said.values()
    )
    return replace(
        told,
        offers=tuple(_with_attributes(offer, said) for offer in told.offers),
        neighbours=(*told.neighbours, *(url for url in provenances if url)),
    )


def _says_something(anchor: Anchor) -> bool:
    return any(name.startswith("data-") for name in anchor.attributes)


def _with_attributes(offer: Offer, said: Mapping[str, Anchor]) -> Offer:
    anchor = said.get(cleaned(offer.url))
    if anchor is None:
        return offer
    attributes = anchor.attributes
    facts = Facts(
        requires_python=fields.text(attributes.get("data-requires-python")),
        # PEP 592: the attribute is the yank; its value, which may be absent, is the reason.
        yanked=fields.text(attributes.get("data-yanked")) if "data-yanked" in attributes else None,
        seen_by=offer.facts.seen_by,
    )
    return replace(offer, facts=facts)
