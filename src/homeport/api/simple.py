"""``/simple/``: the project list and the project pages, as rendered when they last changed.

1. A page has one URL: the PEP 503 name and a final slash. Other spellings of a name are sent there (301), whether
   or not there is such a project; what is no name is 404.
2. Unknown is 404 before any negotiation: on 404 uv asks its next index, on 406 it stops.
3. Nothing is decided here but the representation; bytes, tag and serial come from the stored page.
"""

import re
from typing import NamedTuple

from starlette.types import Scope

from homeport.api.answers import (
    NOSNIFF,
    NOT_FOUND,
    OPEN_TO_ALL,
    Answer,
    Header,
    header_fields,
    text_answer,
)
from homeport.api.caching import PAGE_CACHE_CONTROL, PAGE_VARY, is_known_to_client
from homeport.domain.errors import Invalid
from homeport.domain.names import ProjectName
from homeport.formats.accept import (
    JSON,
    REPRESENTATIONS,
    TEXT_HTML,
    VENDOR_HTML,
    Representation,
    accepts_gzip,
    negotiate,
)
from homeport.ports.reads import HotReads, StoredPage

_PREFIX = "/simple/"
_NORMALIZED = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

_NOT_ACCEPTABLE = text_answer(
    406,
    "This page can be had as " + ", ".join(offered.media_type for offered in REPRESENTATIONS) + ".",
    (b"vary", PAGE_VARY),
)


class _Variant(NamedTuple):
    """What one representation in one coding always says, and what of it a 304 repeats."""

    etag_suffix: bytes
    headers: tuple[Header, ...]
    headers_unchanged: tuple[Header, ...]


def _variant(representation: Representation, etag_suffix: bytes, *, is_gzipped: bool) -> _Variant:
    repeated = ((b"cache-control", PAGE_CACHE_CONTROL), (b"vary", PAGE_VARY), OPEN_TO_ALL)
    # Every field costs about 1 % of a page's time: HTML needs no guard against being taken for HTML, and JSON,
    # when it is not, runs nothing. An HTML page needs no script, style or frame, whatever text got into it (T-21).
    guard = NOSNIFF if representation is JSON else (b"content-security-policy", b"default-src 'none'")
    coded = ((b"content-encoding", b"gzip"),) if is_gzipped else ()
    described = ((b"content-type", representation.media_type.encode("ascii")), guard, *coded)
    return _Variant(etag_suffix, (*repeated, *described), repeated)


_SUFFIXES = {JSON: b"", VENDOR_HTML: b"-v1", TEXT_HTML: b"-text"}
_PLAIN = {
    representation.media_type: _variant(representation, suffix, is_gzipped=False)
    for representation, suffix in _SUFFIXES.items()
}
_GZIPPED = {
    representation.media_type: _variant(representation, suffix + b"-gz", is_gzipped=True)
    for representation, suffix in _SUFFIXES.items()
}


def simple_answer(reads: HotReads, scope: Scope) -> Answer:
    """The answer to a request for a path at or below ``/simple``."""
    path: str = scope["path"]
    name = path[len(_PREFIX) : -1]
    is_list = path == _PREFIX
    if not is_list and not (path.endswith("/") and _NORMALIZED.fullmatch(name)):
        return _elsewhere(path, scope["query_string"])

    fields = header_fields(scope)
    representation = negotiate(fields.get(b"accept", b""), scope["query_string"])
    form = representation.form if representation else "json"
    page = reads.project_list(form) if is_list else reads.page(name, form)
    if page is None:
        return NOT_FOUND
    if representation is None:
        return _NOT_ACCEPTABLE
    return _page_answer(page, representation, fields)


def _page_answer(page: StoredPage, representation: Representation, fields: dict[bytes, bytes]) -> Answer:
    is_gzipped = accepts_gzip(fields.get(b"accept-encoding", b""))
    variant = (_GZIPPED if is_gzipped else _PLAIN)[representation.media_type]
    etag = b'"%b%b"' % (page.etag.encode("ascii"), variant.etag_suffix)
    tagged = ((b"etag", etag), (b"x-pypi-last-serial", b"%d" % page.serial))
    if_none_match = fields.get(b"if-none-match")
    if if_none_match and is_known_to_client(if_none_match, etag):
        return Answer(304, (*variant.headers_unchanged, *tagged))
    body = page.gzipped if is_gzipped else page.body
    return Answer(200, (*variant.headers, *tagged, (b"content-length", b"%d" % len(body))), body)


def _elsewhere(path: str, query: bytes) -> Answer:
    """Where the page of a path that is no page's URL is: a redirect in one step, or nowhere."""
    if path == "/simple":
        location = _PREFIX
    else:
        try:
            name = ProjectName.parse(path.removeprefix(_PREFIX).removesuffix("/"))
        except Invalid:
            return NOT_FOUND
        location = f"{_PREFIX}{name.normalized}/"
    target = location.encode("ascii") + (b"?" + query if query else b"")
    return text_answer(301, "This page has another URL.", (b"location", target))
