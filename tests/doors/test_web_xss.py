"""More than a thousand texts that want to become scripts, in every field of every page: they stay text (T-21, G-28)."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.browser import Element, read_page
from tests.support.hostile_pages import CHOSEN, DESCRIBED, KEPT, PATHS, PLAIN, SMALL, fill, simple_page
from tests.support.web_index import WebIndex, web_index
from tests.support.xss import VECTORS

from homeport.formats.description import render_description
from homeport.formats.shown_text import plain

_RUNS_OR_LOADS = (
    "script style link meta iframe frame object embed applet base img source video audio track portal"
)
_OURS_ONLY = frozenset(_RUNS_OR_LOADS.split())
_ADDRESSES = frozenset(
    {"action", "background", "cite", "data", "formaction", "href", "ping", "poster", "src", "srcset"}
)
_NEVER = frozenset({"style", "srcdoc", "http-equiv", "autofocus", "is", "slot", "xlink:href", "xmlns"})
_OUR_SVG = frozenset({"svg", "path", "circle"})


def active_nodes(page: Element) -> list[str]:
    """What runs, loads, or leads where no page of ours leads."""
    found = []
    for element in page.everything():
        if element.name in _OURS_ONLY and not _is_ours(element):
            found.append(f"<{element.name} {element.attributes}>")
        for name, value in element.attributes.items():
            is_address = name in _ADDRESSES and not _leads_well(value)
            is_icon = element.name in _OUR_SVG
            if name.startswith("on") or (name in _NEVER and not is_icon) or is_address:
                found.append(f"{name}={value}")
    return found


def _is_ours(element: Element) -> bool:
    address = element.attributes.get("src") or element.attributes.get("href") or "/static/"
    is_empty = not "".join(map(str, element.parts)).strip()
    return element.name in {"script", "link", "meta"} and address.startswith("/static/") and is_empty


def _leads_well(address: str) -> bool:
    is_here = address.startswith(("/", "#")) and not address.startswith(("//", "/\\"))
    return is_here or address == "" or address.startswith(("http://", "https://", "mailto:"))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebIndex]:
    """An index that is full of them."""
    with web_index(tmp_path_factory.mktemp("xss")) as opened:
        fill(opened)
        yield opened


@pytest.mark.parametrize("path", PATHS)
def test_no_page_has_an_active_node(index: WebIndex, path: str) -> None:
    """The document that a page is read into holds nothing that acts but what the page itself brings."""
    shown = index.signed_in("ada").get(path)
    assert shown.status == 200
    assert "document.documentElement.id" in shown.html, "the page shows them at all"
    assert active_nodes(shown.page) == []
    assert "img-src 'self'" in shown.headers["content-security-policy"]


def test_the_texts_are_there_to_be_read(index: WebIndex) -> None:
    """They are shown as what they are, not dropped: else the pages would prove nothing."""
    browser = index.signed_in("ada")
    texts = browser.get(f"/project/{KEPT}/").page.the("main").text
    missing = [vector for vector in CHOSEN if " ".join(plain(vector).split()) not in texts]
    assert missing == []
    assert browser.get(f"/project/{PLAIN}/").page.all("pre", **{"class": "description"})
    (readme,) = browser.get(f"/project/{DESCRIBED}/").page.the("main").all("div", **{"class": "readme"})
    assert len(readme.everything()) > 300


def test_a_page_for_installers_has_anchors_only() -> None:
    """What easy_install would follow, and a browser would run, is not in the simple HTML."""
    html = simple_page().decode().replace("<body>", "<body><main>").replace("</body>", "</main></body>")
    body = read_page("<!doctype html>" + html.partition(">")[2]).the("main")
    assert {element.name for element in body.everything()} == {"h1", "a", "br"}
    assert active_nodes(body) == []


def test_any_vector_can_be_searched_for(index: WebIndex) -> None:
    """A search says what it was asked, in its title, its heading and its field."""
    browser = index.browser()
    for vector in VECTORS[::60]:
        assert active_nodes(browser.get(f"/search/?{urlencode({'q': vector})}").page) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(VECTORS) | st.text(max_size=8), max_size=6).map("".join),
    st.sampled_from(["text/markdown", "text/markdown; variant=CommonMark", "text/x-rst", "text/plain"]),
)
def test_a_page_with_any_description_is_well_formed(index: WebIndex, text: str, kind: str) -> None:
    """Whatever is described, the page around it is whole: every element closed, no id twice, nothing active."""
    with index.world.store.write() as tx:
        project = tx.projects.find(SMALL)
        assert project is not None
        tx.releases.set_description(project.id, "1.0", render_description(text, kind).html)
    page = index.browser().get(f"/project/{SMALL}/").page
    assert active_nodes(page) == []
    assert page.the("footer").text
