"""A real browser shows the worst pages there are, and nothing runs (G-28)."""

import http.server
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.support.hostile_pages import DESCRIBED, fill
from tests.support.visitor import chromium
from tests.support.web_index import WebIndex, web_index
from tests.support.xss import CANARY, VECTORS

from homeport.formats.description import render_description

pytestmark = pytest.mark.journey

_A_WHILE_MS = 1_000

# What was set by a script that ran.
_CANARY_DIED = re.compile(r"<html[^>]* id=\"1\"")
# A script of the test's own: it asks the browser itself where links lead, and what elements there are.
_ASK = """<script>
for (const one of document.querySelectorAll("#shown *")) {
  for (const kind of ["mouseover", "focus", "click", "toggle", "error", "load", "animationstart"]) {
    const event = new Event(kind, {bubbles: false, cancelable: true});
    if (!(one instanceof HTMLAnchorElement && kind === "click")) one.dispatchEvent(event);
  }
}
const told = document.querySelectorAll("#shown *");
document.title = JSON.stringify([
  [...new Set([...document.links].map(link => link.protocol))].sort(),
  [...new Set([...told].map(one => one.localName))].sort().join(" "),
  [...told].some(one => one.namespaceURI !== "http://www.w3.org/1999/xhtml"),
  document.links.length,
]);
</script>"""


def look(browser: Browser, address: str) -> tuple[str, list[str]]:
    """The document as Chromium has it after a while, and what it complained about."""
    page, complaints = browser.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(address, wait_until="load")
    page.wait_for_timeout(_A_WHILE_MS)
    document = page.content()
    page.close()
    return document, complaints


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all."""
    with chromium() as opened:
        yield opened


@contextmanager
def served(index: WebIndex) -> Iterator[str]:
    """The index's pages on loopback, as ada sees them."""
    browser, lock = index.signed_in("ada"), threading.Lock()

    class Relay(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with lock:
                shown = browser.get(self.path)
            body = shown.html.encode()
            self.send_response(shown.status)
            for name in ("content-type", "content-security-policy", "x-content-type-options"):
                if name in shown.headers:
                    self.send_header(name, shown.headers[name])
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_nothing_runs_on_a_page(browser: Browser, tmp_path: Path) -> None:
    """Pages full of vectors leave the canary alive, and the content security policy finds nothing to refuse."""
    with web_index(tmp_path) as index:
        fill(index)
        with served(index) as base:
            document, complaints = look(browser, f"{base}/project/{DESCRIBED}/")
    assert CANARY in document, "the page holds the vectors as text"
    assert not _CANARY_DIED.search(document)
    assert not [one for one in complaints if "Content Security Policy" in one], complaints


def test_descriptions_are_safe_without_a_policy(browser: Browser, tmp_path: Path) -> None:
    """Also where no policy guards them, rendered descriptions run nothing and lead to http, https and mail only."""
    rendered = "".join(f"<div>{render_description(vector, 'text/markdown').html}</div>" for vector in VECTORS)
    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8"><body><div id="shown">{rendered}</div>{_ASK}')
    document, _ = look(browser, page.as_uri())
    assert not _CANARY_DIED.search(document)
    title = re.search(r"<title>(.*?)</title>", document)
    assert title is not None
    protocols, elements, is_foreign, links = json.loads(unescape(title[1]))
    assert set(protocols) <= {"file:", "http:", "https:", "mailto:"}
    assert not {"script", "img", "iframe", "svg", "form", "input", "style"} & set(elements.split())
    assert not is_foreign
    assert links > 50


def test_the_canary_can_die(browser: Browser, tmp_path: Path) -> None:
    """The vectors do work where nobody stops them: else the others would prove nothing."""
    page = tmp_path / "raw.html"
    page.write_text(f"<!doctype html><body><img src=x onerror={CANARY}>")
    document, _ = look(browser, page.as_uri())
    assert _CANARY_DIED.search(document)
