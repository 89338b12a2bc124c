"""A headless browser that is signed in as somebody, and takes pictures of pages.

1. A page of which there is a picture fits a desk and a phone, with all of its folded parts open: no window scrolls sideways.
2. Pictures have a palette of their own: they are a third as large, and nobody sees it.
"""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Route
from starlette.types import ASGIApp
from tests.support.asgi import call
from tests.support.visitor import Device, Visitor, chromium

IMAGES = Path(__file__).parents[2] / "docs" / "images"
DESK, PHONE = 1280, 390
_MARGIN = 24
_WINDOW = 800
_UNFOLD = "document.querySelectorAll('details:not([open])').forEach(one => { one.open = one.dataset.wasFolded = true })"
_FOLD = "document.querySelectorAll('[data-was-folded]').forEach(one => { one.open = false })"
_TOO_WIDE = """[...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > innerWidth)
    .map(one => `${one.localName}.${one.className.baseVal ?? one.className}`)"""


@dataclass(frozen=True)
class Shot:
    """One picture: its name, its page, how wide the window is, and how much of the page is shown at most.

    Without a path it is of the page that is open; with a selector in ``part``, of that element. Folded parts stay folded
    unless they are to be ``unfolded``.
    """

    name: str
    path: str
    width: int = DESK
    height: int = 1400
    is_dark: bool = False
    part: str = ""
    unfolded: bool = False


class Camera:
    """Takes pictures of the index at ``base``; where there is an ``app``, it answers in place of a server there."""

    def __init__(self, browser: Browser, base: str, app: ASGIApp | None = None) -> None:
        self._visitor, self._base = Visitor(browser, base, Device("camera", DESK, _WINDOW)), base
        self._page, self._cookie = self._visitor.page, ""
        if app is not None:
            self._page.route(f"{base}/**", partial(self._answer, app))

    def sign_in(self, secret: str) -> None:
        """From now on pages are as the holder of this session sees them; nobody is signed in with an empty one."""
        is_secure = self._base.startswith("https:")
        name = "__Host-homeport" if is_secure else "homeport"
        self._cookie = f"{name}={secret}"
        self._page.context.add_cookies(
            [{"name": name, "value": secret, "url": self._base, "secure": is_secure}]
        )

    def take(self, shot: Shot, folder: Path = IMAGES) -> None:
        """Take one. A page that is wider than a window ends the work."""
        self._page.emulate_media(color_scheme="dark" if shot.is_dark else "light")
        if shot.path:
            self._visitor.go(shot.path)
        for width in (PHONE, DESK, shot.width):
            self._require_fit(width)
        if shot.unfolded:
            self._page.evaluate(_UNFOLD)
        top, height = self._part(shot.part) if shot.part else (0.0, float(self._measure("Height")))
        target = folder / f"{shot.name}.png"
        clip = {"x": 0.0, "y": top, "width": float(shot.width), "height": min(height, float(shot.height))}
        self._page.screenshot(path=target, full_page=True, clip=clip)  # type: ignore[arg-type] # a FloatRect is a dict
        subprocess.run(["pngquant", "--force", "--strip", "--ext", ".png", target], check=True)
        print(f"docs/images/{target.name}")

    def _require_fit(self, width: int) -> None:
        """``SystemExit`` when the page that is open scrolls sideways in a window so wide, folded parts open."""
        self._page.set_viewport_size({"width": width, "height": _WINDOW})
        self._page.evaluate(_UNFOLD)
        wide = self._measure("Width")
        if wide > width:
            parts = ", ".join(self._page.evaluate(_TOO_WIDE))
            raise SystemExit(f"{self._page.url} is {wide} wide in a window of {width}: {parts}")
        self._page.evaluate(_FOLD)

    def _measure(self, side: str) -> int:
        return int(self._page.evaluate(f"document.scrollingElement.scroll{side}"))

    def _answer(self, app: ASGIApp, route: Route) -> None:
        """Let the application answer, outside of the event loop that the browser is driven by."""
        request, parts = route.request, urlsplit(route.request.url)
        kept = {name: value for name, value in request.headers.items() if name != "accept-encoding"}
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        with ThreadPoolExecutor(1) as lane:
            headers = {**kept, "host": parts.netloc, "cookie": self._cookie}
            reply = lane.submit(call, app, target, headers).result()
        route.fulfill(status=reply.status, headers=reply.headers, body=reply.body)

    def _part(self, selector: str) -> tuple[float, float]:
        """Where an element begins on the page, and how high it is, with a margin around it."""
        box = self._page.locator(selector).first.bounding_box()
        if box is None:
            raise SystemExit(f"{self._page.url} shows no {selector}.")
        top = box["y"] + float(self._page.evaluate("scrollY"))
        return max(0.0, top - _MARGIN), box["height"] + 2 * _MARGIN

    def visit(self, path: str) -> Visitor:
        """Somebody who does what a person does, at the page at ``path``."""
        self._visitor.go(path)
        return self._visitor


@contextmanager
def camera(base: str, app: ASGIApp | None = None) -> Iterator[Camera]:
    """A browser that knows nothing from before."""
    with chromium() as browser:
        yield Camera(browser, base, app)


def both(
    camera: Camera, name: str, path: str, height: int = 1400, part: str = "", *, unfolded: bool = False
) -> None:
    """One page as it is on a desk, and on a phone."""
    desk = Shot(name, path, height=height, part=part, unfolded=unfolded)
    camera.take(desk)
    camera.take(replace(desk, name=f"{name}-phone", width=PHONE, height=height + 400))
