"""URLs as they stand in a text that people wrote: Markdown, reStructuredText, HTML, or nothing of that.

What ends a sentence or closes a bracket around a URL is no part of it.
"""

import re

from homeport.domain.offer import Offer, Offers
from homeport.domain.urls import MAX_URL

MAX_LINKS = 5_000
_URL = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]]+", re.IGNORECASE)
_ENDING = ".,;:!?*_"


def read_text(page: bytes) -> Offers:
    """Every URL once, in the order of the text."""
    found: dict[str, None] = {}
    for match in _URL.finditer(page.decode("utf-8", "ignore").replace("&amp;", "&")):
        if len(match[0]) <= MAX_URL:
            found.setdefault(_trimmed(match[0]))
        if len(found) > MAX_LINKS:
            problem = f"The text has more than {MAX_LINKS:,} URLs: the first were read."
            return Offers(tuple(map(Offer, list(found)[:MAX_LINKS])), problem=problem)
    return Offers(tuple(map(Offer, found)))


def _trimmed(url: str) -> str:
    url = url.rstrip(_ENDING)
    # Of `(see https://example.org/a_(b))` the last bracket belongs to the sentence.
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(_ENDING)
    return url
