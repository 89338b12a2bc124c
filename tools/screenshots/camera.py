"""A headless browser that is signed in as somebody, and takes pictures of pages."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.chromium import Chromium, chromium

IMAGES = Path(__file__).parents[2] / "docs" / "images"
PHONE = 390
_MARGIN = 24


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

    def __init__(self, browser: Chromium, base: str) -> None:
        self._browser, self._base = browser, base

    def sign_in(self, secret: str) -> None:
        """From now on pages are as the holder of this session sees them; nobody is signed in with an empty one."""
        self._browser.tell("Network.setCookie", name="homeport", value=secret, url=self._base)

    def take(self, shot: Shot, folder: Path = IMAGES) -> None:
        """Take one, and say when the page is wider than the window, which it never should be."""
        self._browser.tell("Emulation.setScrollbarsHidden", hidden=True)
        mode = [{"name": "prefers-color-scheme", "value": "dark" if shot.is_dark else "light"}]
        self._browser.tell("Emulation.setEmulatedMedia", features=mode)
        self._resize(shot, 800)
        if shot.path:
            self._browser.go(self._base + shot.path)
        wide, high = (
            int(self._browser.see(f"document.documentElement.scroll{side}")) for side in ("Width", "Height")
        )
        self._resize(shot, high if shot.part else min(high, shot.height))
        picture = self._browser.tell("Page.captureScreenshot", format="png", clip=self._clip(shot, high))[
            "data"
        ]
        target = folder / f"{shot.name}.png"
        target.write_bytes(base64.b64decode(picture))
        print(f"docs/images/{target.name}", f"({wide - shot.width} px too wide)" if wide > shot.width else "")

    def _clip(self, shot: Shot, high: int) -> dict[str, float]:
        """What of the page is in the picture, with a margin around an element."""
        if not shot.part:
            return {"x": 0, "y": 0, "width": shot.width, "height": min(high, shot.height), "scale": 1}
        box = f"document.querySelector({shot.part!r}).getBoundingClientRect()"
        top, height = (float(self._browser.see(f"{box}.{side}")) for side in ("top", "height"))
        top += float(self._browser.see("scrollY"))
        return {
            "x": 0,
            "y": top - _MARGIN,
            "width": shot.width,
            "height": min(height, shot.height) + 2 * _MARGIN,
            "scale": 1,
        }

    def press(self, path: str, form: str, then: str, **fields: str) -> None:
        """Fill in a form of the page at ``path``, and press its button."""
        self._browser.go(self._base + path)
        self._browser.press(form, then, **fields)

    def _resize(self, shot: Shot, height: int) -> None:
        self._browser.tell(
            "Emulation.setDeviceMetricsOverride",
            width=shot.width,
            height=height,
            deviceScaleFactor=1,
            mobile=shot.width <= PHONE,
        )


@contextmanager
def camera(folder: Path, base: str) -> Iterator[Camera]:
    """A browser that knows nothing from before."""
    folder.mkdir(parents=True, exist_ok=True)
    with chromium(folder) as browser:
        yield Camera(browser, base)
