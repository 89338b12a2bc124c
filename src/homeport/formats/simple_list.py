"""``/simple/`` in segments: each written and compressed when one of its projects changes, and put together when it is read."""

from collections.abc import Iterable, Iterator

from homeport.domain.index_page import ListedProject
from homeport.formats.accept import Form
from homeport.formats.deflate_segments import deflated
from homeport.formats.simple_html import list_closing_html, list_entries_html, list_opening_html
from homeport.formats.simple_json import (
    LIST_CLOSING_JSON,
    LIST_JOINT_JSON,
    list_entries_json,
    list_opening_json,
)

_JOINT = deflated(LIST_JOINT_JSON)


def segment_of(listed: Iterable[ListedProject], form: Form) -> bytes:
    """The entries of some neighbours in the list, as a piece of a gzip stream; no bytes for no projects."""
    entries = list_entries_json(listed) if form == "json" else list_entries_html(listed)
    return deflated(entries) if entries else b""


def list_pieces(segments: Iterable[bytes], form: Form, serial: int) -> Iterator[bytes]:
    """The whole list as pieces of a gzip stream: opening, ``segments`` as :func:`segment_of` wrote them, closing."""
    is_json = form == "json"
    yield deflated(list_opening_json(serial) if is_json else list_opening_html())
    is_joined = False
    for segment in filter(None, segments):
        if is_joined:
            yield _JOINT
        yield segment
        is_joined = is_json
    yield deflated(LIST_CLOSING_JSON if is_json else list_closing_html(serial))
