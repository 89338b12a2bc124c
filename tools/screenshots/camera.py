"""A headless browser that is signed in as somebody, and takes pictures of pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser
from tests.support.visitor import Device, Visitor, chromium

IMAGES = Path(__file__).parents[2] / "docs" / "images"
PHONE = 390
_MARGIN = 24
_WINDOW = 800


@dataclass(frozen=True)
class Shot:
    """One picture: its name, its page, how wide the window is, and how much of the page is shown at most.

    Without a path it is of the page that is open; with a selector in ``part``, of that element.
    """

    name: str
    path: str
    width: int = 1200
    height: int = 1400
    is_dark: bool = False
    part: str = ""


class Camera:
    """Takes pictures of the index at ``base``."""

    def __init__(self, browser: Browser, base: str) -> None:
        self._visitor, self._base = Visitor(browser, base, Device("camera", 1200, _WINDOW)), base
        self._page = self._visitor.page

    def sign_in(self, secret: str) -> None:
        """From now on pages are as the holder of this session sees them; nobody is signed in with an empty one."""
        self._page.context.add_cookies([{"name": "homeport", "value": secret, "url": self._base}])

    def take(self, shot: Shot, folder: Path = IMAGES) -> None:
        """Take one. A page that is wider than its window ends the work."""
        self._page.emulate_media(color_scheme="dark" if shot.is_dark else "light")
        self._page.set_viewport_size({"width": shot.width, "height": _WINDOW})
        if shot.path:
            self._visitor.go(shot.path)
        wide, high = (
            self._page.evaluate(f"document.documentElement.scroll{one}") for one in ("Width", "Height")
        )
        if wide > shot.width:
            raise SystemExit(f"{self._page.url} is {wide} wide in a window of {shot.width}.")
        top, height = self._part(shot.part) if shot.part else (0.0, float(high))
        target = folder / f"{shot.name}.png"
        clip = {"x": 0.0, "y": top, "width": float(shot.width), "height": min(height, float(shot.height))}
        self._page.screenshot(path=target, full_page=True, clip=clip)  # type: ignore[arg-type] # a FloatRect is a dict
        print(f"docs/images/{target.name}")

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
def camera(base: str) -> Iterator[Camera]:
    """A browser that knows nothing from before."""
    with chromium() as browser:
        yield Camera(browser, base)
