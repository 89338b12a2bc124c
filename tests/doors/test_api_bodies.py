"""Bodies that come slowly, never, or not as announced: who sends them is answered, and nothing is held for them."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Message
from tests.support.api_door import END, SILENCE, ApiDoor, Script, api_door, exchange
from tests.support.archives import make_wheel
from tests.support.forms import BOUNDARY, FilePart, form_headers, multipart, upload_fields

from homeport.api import stream
from homeport.web import form as web_form
from homeport.web.app import web_routes

PATIENCE = 0.2
WHEEL = "lark-1.0-py3-none-any.whl"


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiDoor]:
    """A door with little patience."""
    monkeypatch.setattr(stream, "SMALL_BODY_SECONDS", PATIENCE)
    monkeypatch.setattr(stream, "PACE_SECONDS", PATIENCE)
    monkeypatch.setattr(stream, "PACE_BYTES", 1000)
    monkeypatch.setattr(stream, "DRAINED_SECONDS", PATIENCE)
    monkeypatch.setattr(web_form, "FORM_SECONDS", PATIENCE)
    with api_door(tmp_path) as opened:
        yield opened


def uploading(door: ApiDoor) -> dict[str, str]:
    """The header fields of an upload by ada."""
    return door.token("ada") | {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


def incoming(door: ApiDoor) -> list[str]:
    """What lies in the folder of unfinished uploads."""
    return [file.name for file in (door.folder / "blobs" / "incoming").iterdir()]


def an_upload(**changes: str) -> bytes:
    """The body of a good upload."""
    data = make_wheel("lark")
    return multipart(upload_fields(WHEEL, data, **changes), [FilePart(WHEEL, data)])


SLOW: dict[str, Script] = {
    "one byte": (b"{", SILENCE),
    "nothing at all": (SILENCE,),
    "a byte now and then": (b" ", PATIENCE / 2, b" ", PATIENCE / 2, b" ", PATIENCE / 2, SILENCE),
}


@pytest.mark.parametrize("case", SLOW)
def test_a_slow_call_is_answered(door: ApiDoor, case: str) -> None:
    """A signed-in caller whose body does not come in time is told so, and the connection is closed."""
    began = time.monotonic()
    told = door.ask("POST", "/api/v1/projects", SLOW[case], door.token("ada"))
    assert (told.status, told.code) == (408, "body-too-slow")
    assert told.headers["connection"] == "close"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("case", SLOW)
def test_strangers_are_answered_before_their_body(door: ApiDoor, case: str) -> None:
    """Who is not known hears that, whatever the body is, and however slowly it comes."""
    for headers in ({}, {"authorization": "Bearer hp_wrong"}):
        told = door.ask("POST", "/api/v1/projects", SLOW[case], headers)
        assert (told.status, "connection" in told.headers) == (401, False)
    assert door.ask("POST", "/legacy/", SLOW[case], form_headers("hp_wrong")).status == 401


def test_strangers_bodies_are_not_read_for_ever(door: ApiDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused body is read away only so far; one that is small enough to its end."""
    monkeypatch.setattr(stream, "DRAINED_BYTES", 5_000)
    told = door.ask("POST", "/api/v1/projects", [b"x" * 1_000] * 50)
    assert (told.status, told.left) == (401, 44)
    told = door.ask("POST", "/api/v1/projects", [b"x" * 1_000] * 5)
    assert (told.status, told.left) == (401, 0)


@pytest.mark.parametrize("case", SLOW)
def test_a_slow_upload_is_answered(door: ApiDoor, case: str) -> None:
    """An upload that does not keep the pace is told so; nothing of it stays."""
    for kind in (f"multipart/form-data; boundary={BOUNDARY}", "application/x-www-form-urlencoded"):
        told = door.ask("POST", "/legacy/", SLOW[case], door.token("ada") | {"content-type": kind})
        assert (told.status, told.headers["connection"]) == (408, "close")
        assert f"in {PATIENCE:g} seconds" in told.text
        assert incoming(door) == []


def test_an_upload_lasts_as_long_as_it_moves(door: ApiDoor) -> None:
    """A body that takes several times the patience, and keeps the pace, is taken."""
    body = an_upload(comment="x" * 8_000)
    script: list[bytes | float | str] = []
    for start in range(0, len(body), 1_000):
        script += [PATIENCE / 4, body[start : start + 1_000]]
    began = time.monotonic()
    told = door.ask("POST", "/legacy/", script, uploading(door))
    assert (told.status, told.text) == (200, "OK\n")
    assert time.monotonic() - began > 2 * PATIENCE


def test_our_own_time_is_not_the_senders() -> None:
    """However long we take over a piece, the sender has its time for the next."""

    async def main() -> bytes:
        coming = [b"a", b"b", b"c"]

        async def receive() -> Message:
            await asyncio.sleep(0.01)
            return {"type": "http.request", "body": coming.pop(0), "more_body": bool(coming)}

        taken = b""
        async for piece in stream.moving_chunks(Request({"type": "http", "headers": []}, receive)):
            taken += piece
            await asyncio.sleep(2 * PATIENCE)
        return taken

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "PACE_SECONDS", PATIENCE)
        assert asyncio.run(main()) == b"abc"


@pytest.mark.parametrize(
    "kind", [f"multipart/form-data; boundary={BOUNDARY}", "application/x-www-form-urlencoded"]
)
def test_an_upload_that_breaks_off(door: ApiDoor, kind: str) -> None:
    """A connection that ends before the form does leaves nothing, whatever the form's type."""
    headers = door.token("ada") | {"content-type": kind}
    told = door.ask("POST", "/legacy/", [an_upload()[:700], END], headers)
    assert (told.status, told.text) == (400, "The connection ended before the body did.\n")
    assert incoming(door) == []


def test_a_call_that_breaks_off(door: ApiDoor) -> None:
    """Half a body is not taken for a whole one, though it may be JSON."""
    told = door.ask("POST", "/api/v1/projects", [b'{"name": "lark"}', END], door.token("ada"))
    assert (told.status, told.code) == (400, "body-cut-short")


def test_a_slow_form_of_a_browser(door: ApiDoor) -> None:
    """The pages have no more patience: a form that does not come is answered, and signs nobody in."""
    pages = Starlette(routes=web_routes(door.world))
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
    told = asyncio.run(exchange(pages, "POST", "/sign-in/", [b"name=ada", SILENCE], headers))
    assert told.status == 408
    assert "That took too long" in told.text
    assert "set-cookie" not in told.headers


BOUNDARIES = [
    "boundary*=utf-8''%E2%82%AC",
    "boundary*=utf-8''%C3%A9",
    "boundary=\xe9",
    "boundary=" + "x" * 71,
    'boundary=""',
    'boundary=" "',
    "",
]


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_boundaries_that_are_none(door: ApiDoor, boundary: str) -> None:
    """A boundary is some ASCII characters: every other is refused with what is wanted."""
    headers = door.token("ada") | {"content-type": f"multipart/form-data; {boundary}"}
    told = door.ask("POST", "/legacy/", [an_upload()], headers)
    assert told.status == 400
    assert "a boundary of 1 to 70 ASCII characters" in told.text


@pytest.mark.parametrize(
    "part",
    [
        b"Content-Disposition: form-data\r\n\r\nx",
        b"Content-Type: text/plain\r\n\r\nx",
        b'Content-Disposition: form-data; filename="x"\r\n\r\nx',
        b'Content-Disposition: form-data; name="\xff"\r\n\r\nx',
        b"\xe2\x80\xa8: x\r\n\r\nx",
    ],
)
def test_parts_that_are_none(door: ApiDoor, part: bytes) -> None:
    """A part that says not what it is, or not in UTF-8, is refused."""
    body = b"--%b\r\n%b\r\n--%b--\r\n" % (BOUNDARY.encode(), part, BOUNDARY.encode())
    assert door.ask("POST", "/legacy/", [body], uploading(door)).status == 400
