"""The anchors of a page as a browser's parser sees them (lexbor): for what pip 1.5.6 saw, and for the simple API.

1. Only ``<a href>`` in the parsed tree, ``<base href>`` honoured; comments and scripts hold no anchors.
2. The text is decoded by the header's charset, else by a byte order mark or a ``<meta>`` at its beginning, else as
   windows-1252: what html5lib did for pip.
3. Nesting costs the parser quadratic time: a page that nests deeper than ``MAX_DEPTH`` has no anchors here.
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from homeport.formats.absolute_url import absolute_url
from homeport.formats.link_page import charset_of, decoded

MAX_DEPTH = 2_000
MAX_ANCHORS = 20_000

_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_META_WITHIN = 1024
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")
# What never has anything inside, and what the next of its kind closes by itself.
_FLAT = frozenset(
    {
        "a", "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option",
        "p", "param", "source", "td", "th", "tr", "track", "wbr",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Anchor:
    """One ``<a>``: where it leads, and its attributes."""

    url: str
    attributes: Mapping[str, str | None]


def read_anchors(page: bytes, final_url: str, content_type: str) -> tuple[Anchor, ...]:
    """Every anchor that leads to an address, in the order of the page."""
    html = _decoded(page, content_type)
    if _depth(html) > MAX_DEPTH:
        return ()
    tree = LexborHTMLParser(html)
    base = final_url
    if found := tree.css_first("base[href]"):
        base = _joined(final_url, found.attributes.get("href")) or final_url
    anchors = []
    for node in tree.css("a[href]")[:MAX_ANCHORS]:
        attributes = node.attributes
        if url := _joined(base, attributes.get("href")):
            anchors.append(Anchor(url, attributes))
    return tuple(anchors)


def _decoded(page: bytes, content_type: str) -> str:
    meta = _META.search(page, 0, _META_WITHIN)
    guesses = (
        charset_of(content_type),
        "utf-8-sig" if page.startswith(codecs.BOM_UTF8) else None,
        meta[1].decode("ascii") if meta else None,
    )
    texts = (decoded(page, guess, "replace") for guess in guesses if guess)
    return next((text for text in texts if text is not None), page.decode("cp1252", "replace"))


def _depth(html: str) -> int:
    """How deep elements may nest, at most: what is opened and not closed; a closing tag counts only for its own kind."""
    opened: dict[str, int] = {}
    depth = deepest = 0
    for closing, name in _TAG.findall(html):
        element = name.lower()
        if element in _FLAT:
            continue
        if not closing:
            opened[element] = opened.get(element, 0) + 1
            depth += 1
            deepest = max(deepest, depth)
        elif opened.get(element):
            opened[element] -= 1
            depth -= 1
    return deepest


def _joined(base: str, href: str | None) -> str:
    return absolute_url(base, (href or "").strip())
