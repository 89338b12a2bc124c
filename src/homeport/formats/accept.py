"""Which representation of the simple API the client asked for.

1. No ``Accept``, or an empty one, means ``*/*`` (RFC 9110 §12.5.1).
2. The order of ranges means nothing; ``q`` does; a more specific range overrides a less specific one.
3. At equal ``q`` a named type wins over ``*/*``; then JSON, the vendor's HTML, ``text/html`` last.
4. What only ``*/*`` reaches is HTML first: the clients that send it alone (easy_install, hatch) read no JSON.
5. The answer carries the name the client used: pip 22.1 and older reject the vendor's name for HTML.
6. ``latest`` is answered under the name of the real version; ``application/json`` is nobody's alias.
7. ``?format=`` wins over ``Accept``; an unknown value is as if it were not there.
8. A range or weight that does not parse is skipped, and a header past the bound is accepted by nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote_to_bytes

from homeport.formats.weighted import MAX_HEADER_BYTES, weighted

Form = Literal["json", "html"]


@dataclass(frozen=True, slots=True)
class Representation:
    """One way to write a page: its name in ``Content-Type``, and the body it stands for."""

    media_type: str
    form: Form


JSON = Representation("application/vnd.pypi.simple.v1+json", "json")
VENDOR_HTML = Representation("application/vnd.pypi.simple.v1+html", "html")
TEXT_HTML = Representation("text/html", "html")

# Best first; the order in which equals are preferred (rule 3).
REPRESENTATIONS = (JSON, VENDOR_HTML, TEXT_HTML)

_BY_NAME = {
    **{representation.media_type: representation for representation in REPRESENTATIONS},
    "application/vnd.pypi.simple.latest+json": JSON,
    "application/vnd.pypi.simple.latest+html": VENDOR_HTML,
}

_REMEMBERED = 512

_ANYTHING, _TYPE, _NAMED = 1, 2, 3


def negotiate(accept: bytes, query: bytes = b"") -> Representation | None:
    """The representation for an ``Accept`` value (empty when absent) and a raw query string, or ``None``: 406."""
    if query and len(query) <= MAX_HEADER_BYTES:
        asked = _asked_by_query(query)
        if asked is not None:
            return asked
    return _asked_by_header(accept) if len(accept) <= MAX_HEADER_BYTES else None


@lru_cache(_REMEMBERED)
def _asked_by_query(query: bytes) -> Representation | None:
    for pair in query.split(b"&"):
        key, _, value = pair.partition(b"=")
        if key == b"format":
            # A raw "+" stands for a blank in a query, and no media type holds a blank: both spellings are meant.
            name = unquote_to_bytes(value).decode("latin-1").replace(" ", "+").lower()
            return _BY_NAME.get(name)
    return None


@lru_cache(_REMEMBERED)
def _asked_by_header(accept: bytes) -> Representation | None:
    weights: dict[Representation, tuple[int, int]] = {}
    for media_range, weight in weighted(accept.strip() or b"*/*"):
        for representation, specificity in _reached_by(media_range):
            candidate = (specificity, weight)
            weights[representation] = max(candidate, weights.get(representation, candidate))
    wanted = {representation: found for representation, found in weights.items() if found[1]}
    return max(
        wanted, key=lambda representation: _preference(representation, *wanted[representation]), default=None
    )


def _reached_by(media_range: str) -> Iterator[tuple[Representation, int]]:
    if media_range in _BY_NAME:
        yield _BY_NAME[media_range], _NAMED
    elif media_range == "*/*":
        yield from ((representation, _ANYTHING) for representation in REPRESENTATIONS)
    elif media_range.endswith("/*"):
        for representation in REPRESENTATIONS:
            if representation.media_type.startswith(media_range[:-1]):
                yield representation, _TYPE


def _preference(representation: Representation, specificity: int, weight: int) -> tuple[int, bool, int]:
    place = REPRESENTATIONS.index(representation)
    is_asked_for = specificity > _ANYTHING
    return weight, is_asked_for, -place if is_asked_for else place
