"""The HTML index: golden files, the checks of standards F.4 and F.12, and hostile text."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.test_simple_json import read as read_json
from tests.support.index_pages import (
    PROJECT_PAGES,
    external_link,
    full_page,
    hosted_file,
    project_page,
    quarantined_page,
)

from homeport.domain.index_page import MetadataLink, ProjectPage
from homeport.domain.project import ProjectStatus
from homeport.formats.simple_html import project_page_html
from homeport.formats.simple_json import project_page_json

GOLDEN = Path(__file__).parent / "golden"
# A page holds these elements and no others, whatever its text says.
ELEMENTS = {"html", "head", "meta", "title", "body", "h1", "a", "br"}
ANCHOR_ATTRIBUTES = {
    "href",
    "rel",
    "data-requires-python",
    "data-core-metadata",
    "data-dist-info-metadata",
    "data-yanked",
}
UV_READS = re.compile(r"(md5|sha256|sha384|sha512|blake2b)=[0-9a-f]+")


@dataclass
class Anchor:
    """One anchor of a page, its text and attributes unescaped."""

    attributes: dict[str, str | None]
    text: str = ""


@dataclass
class Document:
    """What a reader finds in a page."""

    metas: dict[str, str | None] = field(default_factory=dict)
    anchors: list[Anchor] = field(default_factory=list)
    elements: set[str] = field(default_factory=set)
    comments: list[str] = field(default_factory=list)
    title: str = ""


class Reader(HTMLParser):
    """Reads with the standard library's parser, the one pip uses."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.document = Document()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element; void elements are not opened."""
        self.document.elements.add(tag)
        assert len(dict(attrs)) == len(attrs), "no attribute is written twice"
        attributes = dict(attrs)
        if tag == "a":
            self.document.anchors.append(Anchor(attributes))
        if tag == "meta" and "name" in attributes:
            self.document.metas[attributes["name"] or ""] = attributes.get("content", attributes.get("value"))
        if tag not in {"meta", "br"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Elements close in the order they were opened."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text belongs to the innermost element."""
        if self._open[-1:] == ["a"]:
            self.document.anchors[-1].text += data
        elif self._open[-1:] == ["title"]:
            self.document.title += data

    def handle_comment(self, data: str) -> None:
        """Only the serial is a comment."""
        self.document.comments.append(data)


def read(body: bytes) -> Document:
    """The document of a page, which must be ASCII and begin with the doctype (H01)."""
    assert body.startswith(b"<!DOCTYPE html>"), "H01"
    reader = Reader()
    reader.feed(body.decode("ascii"))
    reader.close()
    return reader.document


def only_anchor(page: ProjectPage) -> Anchor:
    """The one anchor of a page."""
    (anchor,) = read(project_page_html(page)).anchors
    return anchor


def seen(text: str) -> str:
    """``text`` as an HTML reader can see it: what HTML cannot carry is U+FFFD."""
    return "".join("\ufffd" if _is_not_for_html(ord(character)) else character for character in text)


def _is_not_for_html(code: int) -> bool:
    is_control = (code < 0x20 and code not in {0x09, 0x0A, 0x0C, 0x0D}) or 0x7F <= code <= 0x9F
    is_noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return is_control or is_noncharacter or 0xD800 <= code <= 0xDFFF


@pytest.mark.parametrize(
    ("golden", "written"),
    [
        ("page.html", lambda: project_page_html(full_page())),
        ("quarantined.html", lambda: project_page_html(quarantined_page())),
    ],
)
def test_golden(golden: str, written: Callable[[], bytes]) -> None:
    """The bytes of a page are those kept beside this test."""
    assert written() == (GOLDEN / golden).read_bytes()


def test_h02_and_l01_versions_in_the_head() -> None:
    """HTML says 1.4 for ever, and 2 to the clients of PEP 438."""
    metas = read(project_page_html(project_page())).metas
    assert metas == {"pypi:repository-version": "1.4", "api-version": "2"}


def test_l02_and_l03_only_hosted_files_are_internal() -> None:
    """Every hosted file's anchor is internal, no other one is."""
    anchors = read(project_page_html(full_page())).anchors
    internal = {anchor.text for anchor in anchors if anchor.attributes.get("rel") == "internal"}
    assert internal == {file.filename for file in full_page().files}


def test_h06_to_h09_attributes_of_a_hosted_file() -> None:
    """Requirement, metadata digest and yank stand in attributes, the digest under both names."""
    file = hosted_file(requires_python=">=3.9", metadata=b"m", yanked="")
    digest = f"sha256={file.metadata_sha256}"
    assert only_anchor(project_page(file)).attributes == {
        "href": f"/files/{file.digests.sha256}/{file.filename}#sha256={file.digests.sha256}",
        "rel": "internal",
        "data-requires-python": ">=3.9",
        "data-core-metadata": digest,
        "data-dist-info-metadata": digest,
        "data-yanked": "",
    }
    assert only_anchor(project_page(hosted_file())).attributes.keys() == {"href", "rel"}


def test_q03_a_yank_without_reason_has_an_empty_value() -> None:
    """The attribute is never bare: pip and unearth would see no yank."""
    assert b' data-yanked=""' in project_page_html(project_page(hosted_file(yanked="")))


def test_a_reason_of_many_lines_stays_on_its_line() -> None:
    """Line breaks in a text are written as references: one anchor a line, and no parser folds them (H18)."""
    body = project_page_html(project_page(hosted_file(yanked="one\r\ntwo\tthree\ffour")))
    (line,) = (line for line in body.splitlines() if b"<a " in line)
    assert b'data-yanked="one&#13;&#10;two&#9;three&#12;four"' in line


@pytest.mark.parametrize(
    ("url", "content", "href"),
    [
        ("https://x.example/a.zip#egg=a-1", None, "https://x.example/a.zip"),
        ("https://x.example/a.zip#sha1=" + "0" * 40, None, "https://x.example/a.zip"),
        ("https://x.example/a.zip#md5=" + "0" * 32, None, "https://x.example/a.zip#md5=" + "0" * 32),
        (
            "https://x.example/a.zip#md5=" + "0" * 32,
            b"far",
            "https://x.example/a.zip#sha256=" + hosted_file(content=b"far").digests.sha256.hex,
        ),
    ],
)
def test_h17_a_fragment_is_a_hash_or_nothing(url: str, content: bytes | None, href: str) -> None:
    """A known sha256 is the fragment; else a hash that uv can read; else there is none."""
    link = external_link(url=url, content=content, requires_python="<3")
    anchor = only_anchor(replace(project_page(), external=(link,)))
    assert anchor.attributes == {"href": href, "data-requires-python": "<3"}
    assert anchor.text == link.filename


def test_l04_home_page_and_download_url_of_each_release() -> None:
    """Crawling clients get their anchors, named as the old index named them."""
    links = (
        MetadataLink("download", "1.0", "https://example.org/d#egg=demo"),
        MetadataLink("homepage", "1.0", "https://example.org/"),
    )
    anchors = read(project_page_html(replace(project_page(), links=links))).anchors
    assert [(anchor.attributes["rel"], anchor.attributes["href"], anchor.text) for anchor in anchors] == [
        ("download", "https://example.org/d", "1.0 download_url"),
        ("homepage", "https://example.org/", "1.0 home_page"),
    ]


def test_l07_a_page_of_hosted_files_leads_nowhere_else() -> None:
    """Without external links in the value, every anchor leads to this index."""
    anchors = read(project_page_html(project_page(hosted_file(), hosted_file("demo-1.0.tar.gz")))).anchors
    assert {urlsplit(anchor.attributes["href"] or "").netloc for anchor in anchors} == {""}


def test_q06_quarantine_offers_nothing() -> None:
    """A quarantined project has no anchor of any kind, whatever the value holds."""
    document = read(project_page_html(quarantined_page()))
    assert document.anchors == []
    assert document.metas["pypi:project-status"] == "quarantined"


def test_h12_status_and_reason_are_metas() -> None:
    """The status is named when it is not active, the reason when there is one."""
    archived = replace(project_page(), status=ProjectStatus.ARCHIVED)
    assert read(project_page_html(archived)).metas["pypi:project-status"] == "archived"
    assert "pypi:project-status-reason" not in read(project_page_html(archived)).metas
    explained = read(project_page_html(replace(archived, status_reason='a "b" <c>')))
    assert explained.metas["pypi:project-status-reason"] == 'a "b" <c>'


def test_f17_plus_and_epoch_stay_readable_in_the_url() -> None:
    """The last segment of a URL with a local version or an epoch equals the anchor's text as it stands."""
    anchor = only_anchor(project_page(hosted_file("demo-1!2.0+local.7.tar.gz", version="1!2.0+local.7")))
    assert (anchor.attributes["href"] or "").partition("#")[0].endswith("/" + anchor.text)


@settings(max_examples=80)
@given(PROJECT_PAGES)
def test_h15_hostile_text_stays_text(page: ProjectPage) -> None:
    """Whatever a field says, a reader finds the model: no other element, attribute or anchor."""
    document = read(project_page_html(page))
    assert document.elements <= ELEMENTS, "R13, H13"
    assert document.comments == [f"SERIAL {page.serial}"]
    assert document.title == seen(f"Links for {page.name}")

    shown = () if page.status is ProjectStatus.QUARANTINED else page.files
    internal = [anchor for anchor in document.anchors if anchor.attributes.get("rel") == "internal"]
    assert len(internal) == len(shown)
    by_text = {anchor.text: anchor.attributes for anchor in internal}
    for file in shown:
        attributes = by_text[seen(file.filename)]
        url, _, fragment = (attributes["href"] or "").partition("#")
        assert unquote(url.split("/")[-1]) == file.filename, "H04"
        assert fragment == f"sha256={file.digests.sha256}", "H05"
        assert attributes.get("data-requires-python", "") == seen(file.requires_python), "H06"
        assert attributes.get("data-core-metadata") == attributes.get("data-dist-info-metadata"), "H08"
        assert attributes.get("data-yanked", None) == (None if file.yanked is None else seen(file.yanked)), (
            "H09"
        )
    for anchor in document.anchors:
        assert anchor.attributes.keys() <= ANCHOR_ATTRIBUTES, "H14"
        assert (anchor.attributes["href"] or "").lower().startswith(("/files/", "http://", "https://"))
        _, hash_sign, fragment = (anchor.attributes["href"] or "").partition("#")
        assert not hash_sign or UV_READS.fullmatch(fragment), "H17"


@settings(max_examples=50)
@given(PROJECT_PAGES)
def test_j24_both_formats_list_the_same_files(page: ProjectPage) -> None:
    """JSON and HTML name the same files, but for external ones of unknown size or hash."""
    anchors = read(project_page_html(page)).anchors
    in_html = [a.text for a in anchors if a.attributes.get("rel") not in {"homepage", "download"}]
    unknown = [
        link.filename for link in page.shown_external if link.size_bytes is None or link.sha256 is None
    ]
    in_json = [entry["filename"] for entry in read_json(project_page_json(page))["files"]]
    assert sorted(in_html) == sorted(map(seen, in_json + unknown))


@pytest.mark.parametrize("page", [full_page(), quarantined_page(), project_page(hosted_file())])
def test_h10_h11_h13_h14_nothing_else_is_told(page: ProjectPage) -> None:
    """HTML has no signatures, provenance, sizes, times, versions, nor what was proposed and rejected."""
    document = read(project_page_html(page))
    told = {"pypi:project-status", "pypi:project-status-reason"}
    assert document.metas.keys() - told == {"pypi:repository-version", "api-version"}
    for anchor in document.anchors:
        assert anchor.attributes.keys() <= ANCHOR_ATTRIBUTES


def test_h16_every_attribute_is_quoted() -> None:
    """Readers made of regular expressions find every anchor, and on a hosted file's more than its URL."""
    body = project_page_html(full_page()).decode("ascii")
    anchors = re.findall(r'<a href="[^"<>]*"((?: [a-z-]+="[^"<>]*")*)>[^<>]+</a><br>\n', body)
    assert len(anchors) == body.count("<a ") == body.count("</a>")
    assert all(' rel="internal"' in attributes for attributes in anchors[: len(full_page().files)])


@given(st.text(st.characters(exclude_categories=()), max_size=20))
def test_h15_what_html_cannot_carry_is_replaced(text: str) -> None:
    """Any text that Python can hold, lone surrogates too, is written, and read as text."""
    document = read(project_page_html(replace(project_page(hosted_file(yanked=text)), name=text)))
    assert document.title == seen(f"Links for {text}")
    assert document.anchors[0].attributes["data-yanked"] == seen(text)


@settings(max_examples=40)
@given(PROJECT_PAGES)
def test_h18_equal_pages_are_equal_bytes(page: ProjectPage) -> None:
    """Whatever order the rows came in, the bytes are the same, in both formats: their tag names them."""
    turned = replace(
        page,
        files=page.files[::-1],
        external=page.external[::-1],
        links=page.links[::-1],
        versions=page.versions[::-1],
    )
    assert project_page_html(turned) == project_page_html(page)
    assert project_page_json(turned) == project_page_json(page)
