"""The camera of the pictures refuses what nobody should see: a page that scrolls sideways, on a desk or on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
from tools.screenshots.camera import Camera, Shot, camera

BASE = "https://index.example"
_NARROW = "<p>Nothing is wide here."
_WIDE = "<table class=wide><tr><td style='min-width: 500px'>A wide table."
_FOLDED = f"<details><summary>More</summary>{_WIDE}</details>"


@pytest.fixture(scope="module")
def lens() -> Iterator[Camera]:
    """A camera in front of three pages."""
    pages = {"/": _NARROW, "/wide/": _WIDE, "/folded/": _FOLDED}
    routes = [Route(path, _answering(body)) for path, body in pages.items()]
    with camera(BASE, Starlette(routes=routes)) as opened:
        yield opened


def _answering(body: str) -> HTMLResponse:
    head = "<!doctype html><html lang=en><title>A page</title><h1>A page</h1>"
    return HTMLResponse(head + body)


@pytest.mark.parametrize("path", ["/wide/", "/folded/"])
def test_a_page_that_is_too_wide_for_a_phone_ends_the_work(lens: Camera, tmp_path: Path, path: str) -> None:
    """Also where the wide part is folded away, and where the picture is of a desk; what is too wide is named."""
    with pytest.raises(SystemExit, match=r"in a window of 390: .*table\.wide"):
        lens.take(Shot("wide", path), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_page_that_fits_is_measured_on_both(
    lens: Camera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its picture is as wide as was asked for, and handed to the program that makes it small."""
    handed: list[list[str]] = []
    monkeypatch.setattr("subprocess.run", lambda command, *, check: handed.append([*map(str, command)]))
    lens.take(Shot("narrow", "/", width=390), tmp_path)
    picture = (tmp_path / "narrow.png").read_bytes()
    assert int.from_bytes(picture[16:20], "big") == 390
    assert [command[-1] for command in handed] == [str(tmp_path / "narrow.png")]
