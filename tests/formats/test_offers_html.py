"""HTML pages: what easy_install and pip 1.5.6 saw, what anchors of the simple API say, and pages that mean harm."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.places_answers import pytorch_page, sha256_of

from homeport.domain.names import ProjectName
from homeport.domain.offer import Offer, Offers, PageKind
from homeport.domain.pip_finds import EASY_INSTALL, PIP, pip_sees, pip_stem
from homeport.formats.link_page import read_links
from homeport.formats.offers.anchors import MAX_DEPTH, read_anchors
from homeport.formats.offers.reader import read_offers

URL = "http://h.test/d/"
BOTH = (EASY_INSTALL, PIP)


def read(page: str | bytes, kind: PageKind = PageKind.HTML, content_type: str = "text/html") -> Offers:
    """What the page at ``URL`` offers."""
    return read_offers(kind, page.encode() if isinstance(page, str) else page, URL, URL, content_type)


def seen(offers: Offers) -> dict[str, tuple[str, ...]]:
    """Who saw a file behind each link, by what follows ``URL``."""
    return {offer.url.removeprefix(URL): offer.facts.seen_by for offer in offers.offers}


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<a href=foo-1.zip>", {"foo-1.zip": BOTH}),
        ("<a href=page/>", {"page/": ()}),
        ("<!-- <a href='foo-1.zip'> -->", {"foo-1.zip": (EASY_INSTALL,)}),
        ("<link href='foo-1.zip'>", {"foo-1.zip": (EASY_INSTALL,)}),
        ("<a data-href='foo-1.zip'>", {"foo-1.zip": (EASY_INSTALL,)}),
        ("<a href='foo-1.egg'>", {"foo-1.egg": (EASY_INSTALL,)}),
        ("<a href='x y/foo-1.zip'>", {"x": (), "x%20y/foo-1.zip": (PIP,)}),
        ("<a href='x?y#egg=foo-1&z=2'>", {"x?y#egg=foo-1&z=2": (PIP,)}),
        ("<a href='foo-1-py2.7.tar.gz'>", {"foo-1-py2.7.tar.gz": (PIP,)}),
        (
            "<base href=/b/><a href='foo-1.zip'>",
            {"/b/": (), "foo-1.zip": (EASY_INSTALL,), "http://h.test/b/foo-1.zip": (PIP,)},
        ),
        ("<base href='//['><a href='foo-1.zip'>", {"foo-1.zip": BOTH}),
        ("<a href='//[/foo-1.zip'>", {}),
        ("<a href='foo-1.macosx10.6.zip'>", {"foo-1.macosx10.6.zip": (EASY_INSTALL,)}),
        ("<a href='foo-1.zip/'>", {"foo-1.zip/": (PIP,)}),
    ],
)
def test_which_tool_saw_it(html: str, expected: dict[str, tuple[str, ...]]) -> None:
    """Every link says which tool of its time saw a file there (standards D.5, last part)."""
    found = seen(read(html))
    found.pop("/b/", None)
    expected.pop("/b/", None)
    assert {url: by for url, by in found.items() if url != "http://h.test/b/"} == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(
    ["<a href=", "foo-1.zip", '"', "'", ">", "<!--", "-->", "<base href=/b/>", " rel=homepage ", "<script>", "</script>", "&amp;",
     "#egg=foo-2", "<table>", "</a>", "é", "\0", "//[", "foo-1.zip.asc"]
), max_size=20))  # fmt: skip
def test_easy_install_stays_golden(pieces: list[str]) -> None:
    """Whatever else is told, easy_install's links are all there, first, and in its order."""
    page = "".join(pieces).encode()
    links, offers = read_links(page, URL, URL, None), read(page)
    assert tuple(offer.url for offer in offers.offers[: len(links.hrefs)]) == links.hrefs
    assert offers.follow == links.rel_hrefs
    assert all(offer.facts.seen_by == (PIP,) for offer in offers.offers[len(links.hrefs) :])


def test_neighbours() -> None:
    """Checksum and signature files are told as neighbours."""
    offers = read("<a href=foo-1.zip> <a href=foo-1.zip.asc> <a href=SHA256SUMS> <a href=readme.txt>")
    assert offers.neighbours == (f"{URL}foo-1.zip.asc", f"{URL}SHA256SUMS")


@pytest.mark.parametrize(
    ("page", "content_type"),
    [
        ("<a href=é/foo-1.zip>".encode(), "text/html; charset=utf-8"),
        (b"\xef\xbb\xbf" + "<a href=é/foo-1.zip>".encode(), "text/html"),
        ("<meta charset='utf-8'><a href=é/foo-1.zip>".encode(), "text/html"),
        ("<a href=é/foo-1.zip>".encode("cp1252"), "text/html"),
        ("<a href=é/foo-1.zip>".encode("cp1252"), "text/html; charset=zlib"),
    ],
)
def test_charsets_of_anchors(page: bytes, content_type: str) -> None:
    """The header's charset counts, then a mark or a meta at the beginning, then windows-1252."""
    assert [anchor.url for anchor in read_anchors(page, URL, content_type)] == [f"{URL}é/foo-1.zip"]


def test_pytorch_page_of_3000_wheels() -> None:
    """Relative links upwards, local versions, hashes and python versions of thousands of wheels are read quickly."""
    page = pytorch_page("torch", 3_000)
    assert len(page) > 700_000
    url = "https://download.example.org/whl/torch/"
    started = time.process_time()
    offers = read_offers(PageKind.SIMPLE_HTML, page.encode(), url, url, "text/html")
    assert time.process_time() - started < 4
    assert (len(offers.offers), offers.problem) == (3_000, "")
    first = offers.offers[0]
    name = "torch-2.0.0+cpu-cp38-cp38-manylinux_2_28_x86_64.whl"
    assert (
        first.url
        == f"https://download.example.org/whl/cpu/{name.replace('+', '%2B')}#sha256={sha256_of(name)}"
    )
    assert (first.facts.requires_python, first.facts.yanked, first.facts.seen_by) == (">=3.9", None, BOTH)


def test_attributes_of_the_simple_api() -> None:
    """Yanks with and without a reason, and a provenance, are said of their file and of no other."""
    offers = read(
        "<a href=foo-1.zip data-yanked>1</a><a href=foo-2.zip data-yanked='bad &lt;b&gt;' data-provenance=/p/2>2</a>"
        "<a href=foo-3.zip>3</a><a href=foo-4.zip data-requires-python='&gt;=3'>4</a>",
        PageKind.SIMPLE_HTML,
    )
    assert [offer.facts.yanked for offer in offers.offers] == ["", "bad <b>", None, None]
    assert [offer.facts.requires_python for offer in offers.offers] == ["", "", "", ">=3"]
    assert offers.neighbours == ("http://h.test/p/2",)


def test_bounds() -> None:
    """People's pages are read to 2 MiB, pages of files to 8; what is past that gives nothing, and says so."""
    page = b"<a href=foo-1.zip>" + b" " * (2 << 20)
    assert read(page) == Offers(problem=read(page).problem)
    assert read(page).problem
    assert len(read(page, PageKind.SIMPLE_HTML).offers) == 1
    assert read(b" " * ((8 << 20) + 1), PageKind.SIMPLE_HTML).problem
    many = "".join(f"<a href=foo-{number}.zip>" for number in range(5_001))
    assert (len(read(many).offers), read(many).problem != "") == (5_000, True)


@pytest.mark.parametrize("opening", ["<div>", "<ul><li>", "<a><table>", "<x-y>", "<b>", "<div></x>"])
def test_deep_pages_cost_little(opening: str) -> None:
    """What would keep a parser busy for minutes is seen beforehand: easy_install's links are read all the same (T-20)."""
    page = "<a href=foo-1.zip>" + opening * 60_000
    started = time.process_time()
    offers = read(page)
    assert time.process_time() - started < 4
    assert offers.offers[0].url == f"{URL}foo-1.zip"


def test_nesting_that_is_allowed() -> None:
    """So deep and no deeper; what closes itself does not nest."""
    deep = "<div>" * (MAX_DEPTH + 1)
    assert len(read_anchors(f"{deep}<a href=x>".encode(), URL, "")) == 0
    assert len(read_anchors(f"{deep[5:]}<a href=x>".encode(), URL, "")) == 1
    assert (
        len(read_anchors(("<li><br></b>" * 3_000 + "<div></div>" * 3_000 + "<a href=x>").encode(), URL, ""))
        == 1
    )


def test_text() -> None:
    """URLs are read out of any markup, without what ends a sentence, each once, and so many."""
    text = (
        "See `it <https://a.test/foo-1.zip>`_, (https://b.test/x_(y)), **https://c.test/z**! [d](https://d.test/?a&amp;b) "
        '<a href="https://e.test/q">e</a> https://a.test/foo-1.zip. ftp://f.test/ ' + "https://" + "x" * 3_000
    )
    found = read_offers(PageKind.TEXT, text.encode(), "", "", "")
    assert found == Offers(
        tuple(
            Offer(url)
            for url in (
                "https://a.test/foo-1.zip", "https://b.test/x_(y)", "https://c.test/z", "https://d.test/?a&b",
                "https://e.test/q",
            )
        )
    )  # fmt: skip
    many = read_offers(PageKind.TEXT, b" ".join(b"http://h.test/%d" % n for n in range(5_002)), "", "", "")
    assert (len(many.offers), many.problem) == (
        5_000,
        "The text has more than 5,000 URLs: the first were read.",
    )


def test_checksums_are_read_by_their_own_reader() -> None:
    """A list that is named after its file may hold a digest alone."""
    url = f"{URL}foo-1.zip.sha256"
    offers = read_offers(PageKind.CHECKSUMS, b"a" * 64, url, url, "text/plain")
    assert offers.offers == (Offer("", (("sha256", "a" * 64),), "foo-1.zip"),)
    assert read_offers(PageKind.CHECKSUMS, b"a" * 64, f"{URL}other.txt", URL, "").offers == ()


@pytest.mark.parametrize(
    ("url", "stem"),
    [
        ("http://h.test/Foo_Bar-1.0.tar.bz2", "Foo_Bar-1.0"),
        ("http://h.test/x#egg=foo-1", "foo-1"),
        ("http://h.test/x#egg=!", ""),
        ("http://h.test/foo-1.exe", ""),
        ("http://[h.test/foo-1.zip", ""),
        (f"http://h.test/{'x' * 300}-1.zip", ""),
    ],
)
def test_what_pip_took_for_a_file(url: str, stem: str) -> None:
    """Pip's own rules of names, also where no address can be read."""
    assert pip_stem(url) == stem


def test_whose_file_pip_saw() -> None:
    """Underscores are hyphens, and case does not count; the name must be followed by a hyphen."""
    foo_bar = ProjectName.parse("Foo.Bar")
    assert pip_sees("foo.bar-1.0", foo_bar)
    assert pip_sees("Foo_Bar-1.0", foo_bar)
    assert not pip_sees("foo-bar", foo_bar)
    assert not pip_sees("foo-barn-1.0", foo_bar)
