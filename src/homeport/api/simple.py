"""``/simple/``: the project list and the project pages, as rendered when they last changed.

1. A page has one URL: the PEP 503 name and a final slash. Other spellings of a name are sent there (301), whether
   or not there is such a project; what is no name is 404.
2. Unknown is 404 before any negotiation: on 404 uv asks its next index, on 406 it stops.
3. Nothing is decided here but the representation; bytes, tag and serial come from the stored page.
4. The list is asked for in a thread, since it is put together when it has changed; it is kept in gzip alone.
"""

import re
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from homeport.api.answers import (
    LISTS,
    NOSNIFF,
    NOT_FOUND,
    OPEN_TO_ALL,
    Answer,
    Header,
    header_fields,
    text_answer,
)
from homeport.api.caching import PAGE_CACHE_CONTROL, PAGE_VARY, is_known_to_client
from homeport.api.kept import Kept
from homeport.domain.errors import Invalid
from homeport.domain.index_page import RENDERING
from homeport.domain.names import ProjectName
from homeport.formats.accept import (
    JSON,
    REPRESENTATIONS,
    TEXT_HTML,
    VENDOR_HTML,
    Representation,
    negotiate,
)
from homeport.formats.codings import CODINGS, Coding, accepted_coding
from homeport.ports.reads import HotReads

LIST_PATH = "/simple/"
_NORMALIZED = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

# What the kept answers of one process may take of its memory: a thousand pages of fifty files.
_MOST_KEPT_BYTES = 24 * 1024 * 1024
# Headers and tuples of one kept answer.
_KEPT_BESIDE_BYTES = 2048

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


_TYPE_SUFFIXES = {JSON: b"", VENDOR_HTML: b"-v1", TEXT_HTML: b"-text"}
_CODING_SUFFIXES = {"identity": b"", "gzip": b"-gz", "zstd": b"-zst"}


def _variant(representation: Representation, coding: Coding) -> _Variant:
    repeated = ((b"cache-control", PAGE_CACHE_CONTROL), (b"vary", PAGE_VARY), OPEN_TO_ALL)
    # Every field costs about 1 % of a page's time: HTML needs no guard against being taken for HTML, and JSON,
    # when it is not, runs nothing. An HTML page needs no script, style or frame, whatever text got into it (T-21).
    guard = NOSNIFF if representation is JSON else (b"content-security-policy", b"default-src 'none'")
    coded = () if coding == "identity" else ((b"content-encoding", coding.encode("ascii")),)
    described = ((b"content-type", representation.media_type.encode("ascii")), guard, *coded)
    etag_suffix = _TYPE_SUFFIXES[representation] + _CODING_SUFFIXES[coding]
    return _Variant(etag_suffix, (*repeated, *described), repeated)


_VARIANTS = {
    (representation.media_type, coding): _variant(representation, coding)
    for representation in REPRESENTATIONS
    for coding in CODINGS
}
_LIST_CODINGS: tuple[Coding, ...] = ("identity", "gzip")


class _Ready(NamedTuple):
    """A page's two answers, and the tag that chooses between them."""

    tag: bytes
    whole: Answer
    unchanged: Answer
    body_bytes: int


class SimplePages:
    """The pages at and below ``/simple/<name>/``, with the answers of late kept until anything is committed."""

    def __init__(self, reads: HotReads) -> None:
        self._reads = reads
        self._kept = Kept[tuple[str, bytes, bytes, bytes], _Ready](reads.stamp, _MOST_KEPT_BYTES)

    def answer(self, scope: Scope) -> Answer:
        """The answer to a request for a path at or below ``/simple`` that is not the list's."""
        path: str = scope["path"]
        fields = header_fields(scope)
        accept, coding = fields.get(b"accept", b""), fields.get(b"accept-encoding", b"")
        key = (path, accept, coding, scope["query_string"])
        ready = self._kept.get(key)
        if ready is None:
            found = self._look_up(path, accept, accepted_coding(coding), scope["query_string"])
            if isinstance(found, Answer):
                return found
            cost = sum(map(len, key)) + found.body_bytes + _KEPT_BESIDE_BYTES
            ready = self._kept.put(key, found, cost)
        if_none_match = fields.get(b"if-none-match")
        if if_none_match and is_known_to_client(if_none_match, ready.tag):
            return ready.unchanged
        return ready.whole

    def _look_up(self, path: str, accept: bytes, coding: Coding, query: bytes) -> _Ready | Answer:
        name = path[len(LIST_PATH) : -1]
        if not (path.endswith("/") and _NORMALIZED.fullmatch(name)):
            return _elsewhere(path, query)
        representation = negotiate(accept, query)
        page = self._reads.page(name, representation.form if representation else "json", coding)
        if page is None:
            return NOT_FOUND
        body, etag, serial, is_private = page
        if representation is None:
            return _NOT_ACCEPTABLE._replace(of=name, is_private=is_private)
        variant = _VARIANTS[representation.media_type, coding]
        tag = b'"%b%b"' % (etag.encode("ascii"), variant.etag_suffix)
        tagged = ((b"etag", tag), (b"x-pypi-last-serial", b"%d" % serial))
        headers = (*variant.headers, *tagged, (b"content-length", b"%d" % len(body)))
        return _Ready(
            tag,
            Answer(200, headers, body, name, is_private),
            Answer(304, (*variant.headers_unchanged, *tagged), b"", name, is_private),
            len(body),
        )


async def list_answer(reads: HotReads, scope: Scope) -> Answer:
    """The answer to a request for ``/simple/``: chunks of a file, so that no process holds the list."""
    fields = header_fields(scope)
    representation = negotiate(fields.get(b"accept", b""), scope["query_string"])
    if representation is None:
        return _NOT_ACCEPTABLE._replace(of=LISTS)
    coding = accepted_coding(fields.get(b"accept-encoding", b""), _LIST_CODINGS)
    variant = _VARIANTS[representation.media_type, coding]
    if if_none_match := fields.get(b"if-none-match"):
        serial = reads.serial()
        if is_known_to_client(if_none_match, _list_tag(serial, variant)):
            return Answer(304, (*variant.headers_unchanged, *_list_tagged(serial, variant)), b"", LISTS)
    listed = await run_in_threadpool(reads.project_list, representation.form)
    length = (b"content-length", b"%d" % listed.length(coding))
    headers = (*variant.headers, *_list_tagged(listed.serial, variant), length)
    return Answer(200, headers, listed.chunks(coding), LISTS)


def _list_tagged(serial: int, variant: _Variant) -> tuple[Header, Header]:
    return (b"etag", _list_tag(serial, variant)), (b"x-pypi-last-serial", b"%d" % serial)


def _list_tag(serial: int, variant: _Variant) -> bytes:
    # The list tells the index's serial, so every serial has its own.
    return b'"list-%d.%d%b"' % (RENDERING, serial, variant.etag_suffix)


def _elsewhere(path: str, query: bytes) -> Answer:
    """Where the page of a path that is no page's URL is: a redirect in one step, or nowhere."""
    if path == "/simple":
        location = LIST_PATH
    else:
        try:
            name = ProjectName.parse(path.removeprefix(LIST_PATH).removesuffix("/"))
        except Invalid:
            return NOT_FOUND
        location = f"{LIST_PATH}{name.normalized}/"
    target = location.encode("ascii") + (b"?" + query if query else b"")
    return text_answer(301, "This page has another URL.", (b"location", target))
