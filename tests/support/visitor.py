"""People at a real browser: Debian's Chromium, driven by Playwright. Tests are skipped where there is none.

1. A visitor does what a person does: opens an address, follows links, fills in fields by their labels, presses buttons.
2. Every page that comes is looked at: it has a title and one heading, it is no wider than its window, nothing complains
   on its console (scripts, missing files, the content security policy), and its answer is no error unless one was expected.
3. Every link that was seen on a page is kept, and ``require_links`` asks for each of them once.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Response,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

_PATIENCE_MS = 30_000
# Fifty files are fetched and inspected meanwhile, perhaps on a busy machine.
_WORK_MS = 60_000
# What a page says when a document's own answer is an error: that is judged by its status.
_SAID_BY_STATUS = "Failed to load resource"
_LINKS = "[...document.querySelectorAll('a[href], link[href]')].map(one => one.href)"
_BAD = 400


@dataclass(frozen=True)
class Device:
    """What somebody looks through."""

    name: str
    width: int = 1200
    height: int = 900
    has_scripts: bool = True
    is_phone: bool = False


DESK = Device("desk")
PHONE = Device("phone", width=390, height=844, is_phone=True)
NO_SCRIPTS = Device("no-scripts", has_scripts=False)
DEVICES = (DESK, PHONE, NO_SCRIPTS)


def find_chromium() -> str:
    """The program, or ``""``."""
    found = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    return next(filter(None, found), "")


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser for as many visitors as there are; nothing of it is left."""
    program = find_chromium()
    if not program:
        pytest.skip("there is no Chromium on PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """One person at ``base_url`` with a browser of their own, never there before."""

    def __init__(self, browser: Browser, base_url: str, device: Device = DESK) -> None:
        self.base_url = base_url
        self.links: set[str] = set()
        self.complaints: list[str] = []
        self._status = 0
        self._context = _open(browser, base_url, device)
        self._page = self._context.new_page()
        self._page.set_default_timeout(_PATIENCE_MS)
        self._page.on("console", self._hear)
        self._page.on("pageerror", lambda error: self.complaints.append(f"{self._page.url}: {error}"))
        self._page.on("response", self._check)

    @property
    def page(self) -> Page:
        """What is on the screen."""
        return self._page

    @property
    def path(self) -> str:
        """Where this is, without the host."""
        return self._page.url.removeprefix(self.base_url)

    @property
    def main(self) -> Locator:
        """The part of the page that is no header or footer."""
        return self._page.get_by_role("main")

    @property
    def text(self) -> str:
        """What can be read there, runs of blanks as one."""
        return " ".join(self.main.inner_text().split())

    def section(self, heading: str) -> Locator:
        """The innermost section, article or form card under that heading."""
        named = self._page.get_by_role("heading", name=re.compile(f"^{re.escape(heading)}"))
        return self.main.locator("section, article").filter(has=named).last

    def go(self, path: str) -> None:
        """Type an address."""
        self._page.goto(self.base_url + path if path.startswith("/") else path, wait_until="load")
        self.look()

    def follow(self, words: str | re.Pattern[str], within: Locator | None = None) -> None:
        """Click the first link that says so."""
        self._leave((within or self._page).get_by_role("link", name=words).first)

    def press(self, words: str, within: Locator | None = None, *, status: int = 200) -> None:
        """Press the first button that says so; the next page comes with that status."""
        self._leave((within or self.main).get_by_role("button", name=words, exact=True).first, status)

    def _leave(self, by: Locator, status: int = 200) -> None:
        with self._page.expect_navigation(wait_until="load"):
            by.click()
        self.look(status)

    def look(self, status: int = 200) -> None:
        """Judge the page that is on the screen, and keep its links."""
        url, _ = urldefrag(self._page.url)
        assert self._status == status, f"{url} is {self._status}: {self.text}"
        wide, window = self._page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window, f"{url} is {wide} wide in a window of {window}"
        assert self._page.title().removesuffix(" · Homeport").strip(), f"{url} has no title"
        assert self._page.locator("h1").count() == 1, f"{url} has {self._page.locator('h1').count()} headings"
        for link in self._page.evaluate(_LINKS):
            there, part = urldefrag(link)
            if part and there == url:
                assert self._page.locator(f'[id="{part}"]').count() == 1, f"{url} leads to #{part}, not there"
            elif urlsplit(link).netloc == urlsplit(self.base_url).netloc:
                self.links.add(link)
        assert not self.complaints, self.complaints

    def wait_until_done(self) -> None:
        """Wait while the page says that it looks again by itself, then judge it."""
        try:
            self._page.locator("meta[http-equiv=refresh]").wait_for(state="detached", timeout=_WORK_MS)
        except PlaywrightTimeoutError:
            pytest.fail(f"it goes on for ever: {self.text}")
        self._page.wait_for_load_state("load")
        self.look()

    def require_links(self) -> None:
        """Every link that was seen leads somewhere, and to a part that is there."""
        broken = []
        for there, part in sorted({urldefrag(link) for link in self.links}):
            answer = self._context.request.get(there, headers={"accept": "text/html,*/*;q=0.8"})
            if answer.status >= _BAD or (part and f'id="{part}"' not in answer.text()):
                broken.append(f"{answer.status} {there}#{part}")
        self.links.clear()
        assert not broken, broken

    def plug_in_key(self) -> None:
        """A security key is plugged in, and somebody touches it whenever it blinks."""
        devtools = self._context.new_cdp_session(self._page)
        devtools.send("WebAuthn.enable")
        key = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key})

    def close(self) -> None:
        """Go home."""
        self._context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and _SAID_BY_STATUS not in message.text:
            self.complaints.append(f"{self._page.url}: {message.text}")

    def _check(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self._status = response.status
        elif response.status >= _BAD:
            self.complaints.append(f"{response.request.method} {response.url} is {response.status}")


def _open(browser: Browser, base_url: str, device: Device) -> BrowserContext:
    return browser.new_context(
        base_url=base_url,
        viewport={"width": device.width, "height": device.height},
        java_script_enabled=device.has_scripts,
        is_mobile=device.is_phone,
        has_touch=device.is_phone,
        accept_downloads=True,
        locale="en-GB",
    )
