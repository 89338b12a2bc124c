"""Standards F.4: the HTML serialization of every page of the fixture set."""

import hashlib
import re
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from packaging.utils import canonicalize_name
from tests.journeys.checks.pages import TEXT_HTML, VENDOR_HTML, Anchor, Document, read_html
from tests.journeys.checks.stock import (
    ARCHIVED,
    CACHE,
    DEPRECATED,
    EXT,
    EXT_KNOWN,
    EXT_ODD,
    EXT_ODD_URL,
    EXT_UNKNOWN,
    FULL,
    HOSTILE_HOME,
    LISTED,
    ODD_QUERY,
    ONLY,
    PYTHON,
    QUARANTINED,
    READABLE,
    REASON,
    SDIST,
    WHEEL,
    YANKED,
    Stock,
)
from tests.support.index import Index

pytestmark = pytest.mark.journey

Documents = dict[str, Document]

STATUS = {ARCHIVED: "archived", DEPRECATED: "deprecated", QUARANTINED: "quarantined"}
ELEMENTS = {"html", "head", "meta", "title", "body", "h1", "a", "br"}
# All that the frozen specification knows, and what PEP 438 adds (standards A.6).
ATTRIBUTES = {
    "href",
    "rel",
    "data-requires-python",
    "data-core-metadata",
    "data-dist-info-metadata",
    "data-gpg-sig",
    "data-yanked",
    "data-provenance",
}
METAS = {"pypi:repository-version", "pypi:project-status", "pypi:project-status-reason", "api-version"}
UV_READS = re.compile(r"(md5|sha256|sha384|sha512|blake2b)=[0-9a-f]+")


def anchors_of(documents: Documents) -> Iterator[Anchor]:
    """Every file anchor of every page."""
    return (anchor for document in documents.values() for anchor in document.files)


def hosted_of(documents: Documents) -> list[Anchor]:
    """The anchors of the index's own files."""
    return [anchor for anchor in anchors_of(documents) if anchor.is_hosted]


def by_text(document: Document) -> dict[str, Anchor]:
    """The anchors of a page by their text."""
    return {anchor.text: anchor for anchor in document.anchors}


def served(stock: Stock, anchor: Anchor, suffix: str = "") -> bytes:
    """The bytes that a hosted file's anchor leads to."""
    reply = stock.get(urljoin("/simple/x/", anchor.href).partition("#")[0] + suffix)
    assert reply.status == 200, anchor.tag
    return reply.body


def test_the_set_is_there(html_pages: Documents, stock: Stock) -> None:
    """The pages that these checks read hold what was put there, and so prove something."""
    hosted = {
        name: {anchor.text for anchor in page.files if anchor.is_hosted} for name, page in html_pages.items()
    }
    assert hosted == {name: set(files) for name, files in stock.files.items()} | {QUARANTINED: set()}
    external = [anchor.text for anchor in anchors_of(html_pages) if not anchor.is_hosted]
    assert sorted(external) == sorted([EXT_ODD, EXT_ODD_URL, EXT_UNKNOWN, EXT_KNOWN])


@pytest.mark.parametrize("accept", [TEXT_HTML, VENDOR_HTML, "*/*"])
def test_h01_documents_are_html5(stock: Stock, accept: str) -> None:
    """Every document begins with the doctype, nests, and has every anchor where a search for its text finds it."""
    for path in ("/simple/", *(f"/simple/{name}/" for name in READABLE)):
        body = stock.get(path, accept).body
        assert body.startswith(b"<!DOCTYPE html>"), path
        assert read_html(path, body).elements <= ELEMENTS, path


def test_h02_the_version_is_1_4_for_ever(html_list: Document, html_pages: Documents) -> None:
    """Each document says ``1.4`` once, and a charset."""
    for document in (html_list, *html_pages.values()):
        assert document.meta("pypi:repository-version") == ["1.4"]
        assert {"charset": "utf-8"} in document.metas


def test_h03_the_list_links_to_each_page(html_list: Document, stock: Stock) -> None:
    """The list has one anchor for each project: its name, and the way to its page."""
    names = [str(canonicalize_name(anchor.text)) for anchor in html_list.anchors]
    assert len(set(names)) == len(names)
    assert set(names) >= set(LISTED)
    assert html_list.links() == [f"/simple/{name}/" for name in names]
    assert {stock.page(name, TEXT_HTML).status for name in names} == {200}


def test_h04_an_anchor_is_called_as_its_file(html_pages: Documents) -> None:
    """Each file has one anchor, and its text is the last segment of its URL's path."""
    for name, document in html_pages.items():
        texts = [anchor.text for anchor in document.files]
        assert len(set(texts)) == len(texts), name
        assert texts == [anchor.last_segment for anchor in document.files], name


def test_h05_hosted_links_end_in_their_sha256(html_pages: Documents, stock: Stock) -> None:
    """The fragment of a hosted file is its sha256; that of an external one too, when it is known."""
    for anchor in hosted_of(html_pages):
        assert anchor.fragment == f"sha256={hashlib.sha256(served(stock, anchor)).hexdigest()}"
    known = by_text(html_pages[EXT])[EXT_KNOWN]
    assert known.fragment == f"sha256={hashlib.sha256(stock.outside[EXT_KNOWN]).hexdigest()}"


def test_h06_requires_python_is_escaped(html_pages: Documents) -> None:
    """``data-requires-python`` is escaped as it is written, and unescaped the specifier of the metadata."""
    anchors = by_text(html_pages[FULL])
    for name in (WHEEL, SDIST):
        assert 'data-requires-python="&gt;=3.8,&lt;5,!=3.9.*"' in anchors[name].tag
        assert anchors[name].attributes["data-requires-python"] == PYTHON
    with_it = {name for name, anchor in anchors.items() if "data-requires-python" in anchor.attributes}
    assert with_it == {WHEEL, SDIST}


def test_h07_h08_core_metadata_is_that_of_the_file(html_pages: Documents, stock: Stock) -> None:
    """``data-core-metadata`` is the hash of what lies beside the file; its old name says the same."""
    told = [anchor for anchor in anchors_of(html_pages) if "data-core-metadata" in anchor.attributes]
    assert {anchor.text for anchor in told} >= {WHEEL, SDIST}
    for anchor in told:
        digest = hashlib.sha256(served(stock, anchor, ".metadata")).hexdigest()
        assert anchor.attributes["data-core-metadata"] == f"sha256={digest}"
    for anchor in anchors_of(html_pages):
        old = anchor.attributes.get("data-dist-info-metadata", anchor.attributes.get("data-core-metadata"))
        assert old == anchor.attributes.get("data-core-metadata")


def test_h09_yanked_files_alone_are_marked(html_pages: Documents) -> None:
    """``data-yanked`` stands at yanked files and no others, always with a value; the reason is escaped."""
    marked = {
        anchor.text: anchor.attributes["data-yanked"]
        for anchor in anchors_of(html_pages)
        if "data-yanked" in anchor.attributes
    }
    assert marked == {name: "" if reason is True else reason for name, reason in YANKED.items()}
    assert all("data-yanked=" in anchor.tag for anchor in anchors_of(html_pages) if anchor.text in marked)


def test_h10_signatures_on_all_or_none(html_pages: Documents) -> None:
    """This index keeps no signatures, and so says so of no file."""
    assert [anchor.tag for anchor in anchors_of(html_pages) if "gpg-sig" in anchor.tag] == []


def test_h11_provenance_is_absolute_and_secure(html_pages: Documents) -> None:
    """Where a file has ``data-provenance``, it is an address on a secure origin."""
    told = [
        anchor.attributes.get("data-provenance", "https://none") or "" for anchor in anchors_of(html_pages)
    ]
    assert [url for url in told if not url.startswith(("https://", "http://127.0.0.1"))] == []


def test_h12_the_status_marker(html_list: Document, html_pages: Documents) -> None:
    """Status and reason stand on the pages of projects that have one, character for character, and nowhere else."""
    for name, document in html_pages.items():
        marker, reason = ([STATUS[name]], [REASON]) if name in STATUS else ([], [])
        assert document.meta("pypi:project-status") == marker
        assert document.meta("pypi:project-status-reason") == reason
    assert html_list.meta("pypi:project-status") == html_list.meta("pypi:project-status-reason") == []


def test_h13_nothing_of_pep_708(html_list: Document, html_pages: Documents) -> None:
    """Neither of the rejected metas stands on any page, in either spelling."""
    for document in (html_list, *html_pages.values()):
        assert "tracks" not in document.text
        assert "alternate-locations" not in document.text


def test_h14_nothing_later_than_1_4(html_list: Document, html_pages: Documents) -> None:
    """Pages hold the attributes and metas of version 1.4 and of PEP 438, and none that came after."""
    for document in (html_list, *html_pages.values()):
        assert {name for anchor in document.anchors for name in anchor.attributes} <= ATTRIBUTES
        assert {meta["name"] for meta in document.metas if "name" in meta} <= METAS


def test_h15_no_text_breaks_out(html_pages: Documents, stock: Stock) -> None:
    """File names, URLs and reasons full of markup stay what they are: one text in one place."""
    for name, document in html_pages.items():
        assert document.elements <= ELEMENTS, name
        assert not any("evil" in anchor.href and anchor.href != HOSTILE_HOME for anchor in document.anchors)
    page = by_text(html_pages[EXT])
    assert page["0.9 home_page"].href == HOSTILE_HOME
    assert page[EXT_ODD].last_segment == EXT_ODD
    assert page[EXT_ODD_URL].href.partition("#")[0].endswith(f"/{EXT_ODD_URL}{ODD_QUERY}")
    assert len(html_pages[EXT].anchors) == len(page) == len(stock.files[EXT]) + 4 + 3
    assert "javascript:" not in html_pages[EXT].text


# The link to an external file has its address alone: ``rel`` is not for it (standards D.2), and nothing else is in HTML 1.4.
@pytest.mark.parametrize("name", [FULL, ARCHIVED, DEPRECATED, ONLY, CACHE])
def test_h16_anchors_have_more_than_an_address(html_pages: Documents, name: str) -> None:
    """Every anchor has an attribute besides ``href``, and each is quoted: some readers are expressions."""
    assert html_pages[name].anchors != []
    assert [anchor.tag for anchor in html_pages[name].anchors if set(anchor.attributes) == {"href"}] == []


def test_h17_fragments_are_hashes(html_pages: Documents) -> None:
    """No fragment is anything but a hash that uv knows, in any mode: for ``#egg=`` it would refuse the page."""
    fragments = [anchor.fragment for document in html_pages.values() for anchor in document.anchors]
    assert [fragment for fragment in fragments if fragment and not UV_READS.fullmatch(fragment)] == []
    # There was something to drop.
    assert by_text(html_pages[EXT])[EXT_UNKNOWN].fragment == ""


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
def test_h18_equal_pages_have_equal_bytes(index: Index, stock: Stock, coding: str) -> None:
    """A page that nothing changed is sent in the same bytes, under the same tag, in every coding."""
    for name in READABLE:
        first, second = (stock.page(name, TEXT_HTML, Accept_Encoding=coding) for _ in range(2))
        assert (first.body, first.headers["etag"]) == (second.body, second.headers["etag"])
        assert first.headers.get("content-encoding", "identity") == coding
