"""The list of projects as it is stored, put together and read back."""

import json
import re
import zlib
from collections.abc import Mapping

from tests.support.fake_store import FakeStore

from homeport.domain.index_page import ListedProject
from homeport.formats.accept import Form
from homeport.formats.deflate_segments import GzipStream
from homeport.formats.simple_list import list_pieces

_ANCHOR = re.compile(r'<a href="/simple/([^"]*)/">([^<]*)</a>')


def gunzip_whole(stream: bytes) -> bytes:
    """What one gzip member holds, with nothing behind it: that is all that old clients read."""
    decompressor = zlib.decompressobj(31)
    body = decompressor.decompress(stream) + decompressor.flush()
    assert decompressor.eof, "the stream has an end"
    assert decompressor.unused_data == b"", "nothing stands behind the first member"
    return body


def written_list(segments: Mapping[tuple[str, Form], bytes], form: Form, serial: int = 0) -> bytes:
    """The whole list of stored segments, as clients are given it."""
    pieces = (segments[key] for key in sorted(segments) if key[1] == form)
    return gunzip_whole(b"".join(GzipStream(list_pieces(pieces, form, serial))))


def names_in_json(body: bytes) -> list[tuple[str, int]]:
    """Names and serials, as JSON tells them."""
    return [(project["name"], project["_last-serial"]) for project in json.loads(body)["projects"]]


def names_in_html(body: bytes) -> list[tuple[str, str]]:
    """PEP 503 forms and names, as HTML tells them; for names that need no escaping."""
    return _ANCHOR.findall(body.decode("ascii"))


def stored_list(store: FakeStore) -> list[ListedProject]:
    """The committed list; both forms must name the same projects in the same order."""
    segments = store.committed.segments
    told = names_in_json(written_list(segments, "json"))
    anchors = names_in_html(written_list(segments, "html"))
    assert [name for name, _ in told] == [name for _, name in anchors]
    return [
        ListedProject(name, normalized, serial)
        for (name, serial), (normalized, _) in zip(told, anchors, strict=True)
    ]
