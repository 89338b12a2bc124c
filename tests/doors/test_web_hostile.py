"""Text from outside stays text: whatever it holds, a page has the same elements, and nothing it shows deceives (T-21, T-44)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.browser import Element
from tests.support.builders import TLS, item
from tests.support.index_pages import hosted_file
from tests.support.web_index import WebIndex, web_index

from homeport.domain.claim import Claim, ClaimKind
from homeport.domain.evidence import Evidence, Level
from homeport.domain.hosting import HostingMode
from homeport.domain.inspection import Finding, Severity
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion
from homeport.domain.neighbour import NeighbourKind
from homeport.domain.project import ProjectStatus
from homeport.domain.rehost import Bytes, NotTaken, State, Visit
from homeport.domain.release import ExternalLink
from homeport.domain.signature import Outcome, Signature, Signer
from homeport.formats.shown_text import outside_link, plain
from homeport.ports.catalogue import Provenance
from homeport.ports.notices import Notice

HARMLESS = "harmless"
HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "` onload=alert(1) `",
    'x" style="position:fixed;inset:0',
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<form action=https://evil.example><button>",
    "<input name=do value=accept>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<a href=javascript:alert(1)>click</a>",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "//evil.example/",
    "http://evil.example\\@index.test/",
    "http://user:password@evil.example/",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</pre></details></article></form></main>",
    "<!-- ",
    "--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "{{ 7 * 7 }}",
    "{% include 'base.html' %}",
    "{{ form_token }}",
    "${7*7}",
    "\u202egpj.exe",
    "abc\u2066def\u2069",
    "a\u200bb\u200eb\u200fb\ufeffb",
    "\x1b[31mred\x1b[0m",
    "line\rover\x08\x7f\x00",
    "two\u2028lines\u2029",
    "\U000e0041\U000e0042",
    "\uff1cscript\uff1e",
    "<\u017fcript>alert(1)</\u017fcript>",
]
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)


def skeleton(element: Element) -> list[object]:
    """The elements of a page with the names of their attributes, without any text or value."""
    inside = [skeleton(part) for part in element.parts if isinstance(part, Element)]
    return [element.name, sorted(element.attributes), inside]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebIndex]:
    """An index of ada's."""
    with web_index(tmp_path_factory.mktemp("hostile")) as opened:
        opened.signed_in("ada")
        yield opened


def review_pages(index: WebIndex, text: str, name: str) -> list[Element]:
    """A plan whose every field is ``text``, waiting and running."""
    project = index.project(name, "ada")
    finding = Finding(text, Severity.HOLD, text)
    hops = ((text, text, 302), (text, text, 200))
    signer = Signer(text, text, text, text)
    signed = Signature(NeighbourKind.SIGSTORE, text, Outcome.GOOD, text, signer, document_sha256=text)
    shared: dict[str, Any] = {"filename": text, "url": text, "found_on": text, "source": text, "kind": text}
    items = [
        item(
            0,
            claims=(Claim(ClaimKind.LINK, text, text, text),),
            signatures=(signed,),
            findings=(finding,),
            hops=hops,
            change=text,
            **shared,
        ),
        item(0, evidence=Evidence(Level.PLAIN, text), declared_sha256=text, **shared),
        item(0, bytes=Bytes.UNREACHABLE, problem=text, **shared),
        item(0, bytes=Bytes.REFUSED, problem=text, **shared),
    ]
    more = {
        "not_taken": [NotTaken(text, text, text, text)],
        "visits": [Visit(text, text, 200, 1, text)],
        "problem": text,
        "version": text,
        "asked_by": text,
    }
    browser = index.signed_in("ada")
    waiting = index.plan(project, items, **more)
    running = index.plan(project, items, state=State.PUBLISHING, **more)
    return [browser.get(f"/manage/rehosts/{rehost.id}").page for rehost in (waiting, running)]


def project_pages(index: WebIndex, text: str, name: str) -> list[Element]:
    """A project whose metadata and links are ``text``: its page, the lists it is in, its hosting."""
    project = index.project(name, "ada")
    now, version = index.world.clock.now(), ReleaseVersion.parse("1.0")
    metadata = CoreMetadata(
        "2.1",
        name,
        "1.0",
        summary=text,
        description=text,
        home_page=text,
        download_url=f"{text}2",
        project_urls=((text, f"{text}3"),),
        license=text,
        requires_python=text,
        requires_dist=(text,),
    )
    link = ExternalLink(name, version, text, text, text)
    with index.world.store.write() as tx:
        tx.releases.put(project.id, version, metadata, replace=True, at=now)
        tx.projects.set_mode(project.id, HostingMode.EXT)
        tx.outside.put_links(project.id, [link])
    browser = index.signed_in("ada")
    paths = (f"/project/{name}/", f"/search/?q={name}", f"/manage/projects/{name}/")
    return [browser.get(path).page for path in paths]


def keeping_pages(index: WebIndex, text: str, name: str) -> list[Element]:
    """A project whose status, yanks and files say ``text``: its page, and those who keep it look at."""
    project = index.project(name, "ada")
    now, version = index.world.clock.now(), ReleaseVersion.parse("1.0")
    file = replace(hosted_file(content=text.encode("utf-8", "replace")), filename=text, yanked=text)
    with index.world.store.write() as tx:
        tx.releases.put(project.id, version, CoreMetadata("2.1", name, "1.0"), replace=True, at=now)
        tx.releases.set_yanked(project.id, version.key, f"{text}2")
        tx.files.add(project.id, file, Provenance("ada"), None)
        tx.projects.set_status(project.id, ProjectStatus.DEPRECATED, text)
    browser, manage = index.signed_in("ada"), f"/manage/projects/{name}/"
    shown = [browser.get(path) for path in (f"/project/{name}/", manage, f"{manage}releases/")]
    fields: dict[str, str | list[str]] = {
        "version": "1.0",
        "file": text,
        "reason": text,
        "status": text,
        "user": text,
        "do": "set-status",
    }
    token = shown[-1].page.all("input", name="form_token")[0].attributes["value"]
    refused = browser.post(f"{manage}releases/", fields | {"form_token": token})
    assert refused.status == 400
    return [page.page for page in (*shown, refused)]


def inbox_pages(index: WebIndex, text: str, name: str) -> list[Element]:
    """A person who was told ``text``."""
    browser = index.signed_in(name)
    with index.world.store.write() as tx:
        tx.notices.add(index.user(name).id, Notice("kind", text, text, "/manage/", index.world.clock.now()))
    return [browser.get("/manage/").page]


@pytest.fixture(scope="module")
def harmless(index: WebIndex) -> dict[str, list[Element]]:
    """The same pages with a harmless word in every field."""
    return {make.__name__: make(index, HARMLESS, f"plain{n}") for n, make in enumerate(MAKERS)}


MAKERS = (review_pages, project_pages, keeping_pages, inbox_pages)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_text_changes_no_element(
    index: WebIndex,
    harmless: dict[str, list[Element]],
    make: Callable[[WebIndex, str, str], list[Element]],
    number: int,
) -> None:
    """A page with the text in every field has exactly the elements and attributes of one with a plain word."""
    pages = make(index, HOSTILE[number], f"h{number}-{MAKERS.index(make)}")
    for page, model in zip(pages, harmless[make.__name__], strict=True):
        assert skeleton(page.the("main")) == skeleton(model.the("main"))
        assert skeleton(page.the("head")) == skeleton(model.the("head"))
        everything = page.everything()
        texts = [part for element in everything for part in element.parts if isinstance(part, str)]
        values = [value for element in everything for value in element.attributes.values()]
        assert not [text for text in (*texts, *values) if UNSEEN.search(text)]
        links = [element.attributes["href"] for element in everything if "href" in element.attributes]
        places = {f"#{element.attributes['id']}" for element in everything if "id" in element.attributes}
        assert all(link.startswith("/") or link in places for link in links), links


def test_the_models_show_the_word(harmless: dict[str, list[Element]]) -> None:
    """The pages compared with do show the field: else the comparison would say nothing."""
    for name, least in (
        ("review_pages", 25),
        ("project_pages", 8),
        ("keeping_pages", 12),
        ("inbox_pages", 2),
    ):
        shown = sum(page.the("main").text.count(HARMLESS) for page in harmless[name])
        assert shown >= least, f"{name}: {shown}"


def test_a_search_stays_text(index: WebIndex) -> None:
    """What is searched for is shown, in the heading and in the field, as it is."""
    for text in HOSTILE:
        page = index.browser().get(f"/search/?{urlencode({'q': text})}").page
        model = index.browser().get(f"/search/?{urlencode({'q': HARMLESS})}").page
        assert skeleton(page) == skeleton(model)
        assert page.the("input", name="q").attributes["value"] == plain(text)


@pytest.mark.parametrize(
    ("url", "leads_to"),
    [
        ("https://example.org/a?b=1&c=2#d", "https://example.org/a?b=1&c=2#d"),
        ("http://example.org", "http://example.org/"),
        ("HTTPS://EXAMPLE.ORG/", "https://example.org/"),
        ("https://example.org/<script>\"'", "https://example.org/%3Cscript%3E%22'"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("ftp://example.org/", ""),
        ("//example.org/", ""),
        ("/manage/", ""),
        ("https://user:password@example.org/", ""),
        ("https://example.org\\@evil.example/", ""),
        ("https://example.org/\u202e", ""),
        ("https://0x7f.1/", ""),
        ("", ""),
    ],
)
def test_links_lead_where_one_strict_grammar_says(url: str, leads_to: str) -> None:
    """An outside URL is a link in its one canonical form, or it is text."""
    assert outside_link(url) == leads_to


def test_outside_links_give_nothing_away(index: WebIndex) -> None:
    """A link to the outside says nothing of the page it stands on, and carries no weight."""
    project = index.project("outsider", "ada")
    rehost = index.plan(project, [item(0, evidence=TLS)])
    page = index.signed_in("ada").get(f"/manage/rehosts/{rehost.id}").page
    outside = [a for a in page.all("a") if a.attributes["href"].startswith("http")]
    assert len(outside) == 3, "the file, the page that names it, and the page that was visited"
    assert {link.attributes["rel"] for link in outside} == {"nofollow noopener noreferrer"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ümlauts, 日本語, ✓", "plain text, ümlauts, 日本語, ✓"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("windows\r\nline", "windows\nline"),
        ("a\rb", "a\ufffdb"),
        ("a\u202eb", "a\ufffdb"),
        ("👩\u200d🔬", "👩🔬"),
        ("\ud800", "\ufffd"),
        ("", ""),
    ],
)
def test_what_is_not_seen_is_shown_as_such(text: str, shown: str) -> None:
    """Whatever hides or reorders is replaced; letters of every script stay."""
    assert plain(text) == shown


@given(st.text(st.characters(codec=None), max_size=60))
def test_shown_text_can_always_be_written(text: str) -> None:
    """Any text at all can be sent afterwards, holds nothing unseen, and is shown the same the second time."""
    shown = plain(text)
    shown.encode()
    assert not UNSEEN.search(shown)
    assert plain(shown) == shown
