"""Pages of the simple API, read strictly: what a lax reader would mend is refused."""

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, NoReturn
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import parse_sdist_filename, parse_wheel_filename

JSON = "application/vnd.pypi.simple.v1+json"
VENDOR_HTML = "application/vnd.pypi.simple.v1+html"
TEXT_HTML = "text/html"
TYPES = (JSON, VENDOR_HTML, TEXT_HTML)
# What clients send (standards A.3, A.4).
PIP = f"{JSON}, {VENDOR_HTML}; q=0.1, text/html; q=0.01"
UV = f"{JSON}, {VENDOR_HTML};q=0.2, text/html;q=0.01"
POETRY = f"{JSON}, */*;q=0.1"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

_VOID = {"meta", "br"}
_ANCHOR = re.compile(r"<a(?: [a-z-]+=\"[^\"<>]*\")+>")


def media_type(content_type: str) -> str:
    """A ``Content-Type`` without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def read_json(body: bytes) -> Any:
    """The value; a key twice, NaN, and what is not UTF-8 are errors."""
    return json.loads(body.decode(), object_pairs_hook=_each_key_once, parse_constant=_no_constant)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), f"a key stands twice among {[key for key, _ in pairs]}"
    return dict(pairs)


def _no_constant(name: str) -> NoReturn:
    raise AssertionError(f"{name} is no JSON")


@dataclass
class Anchor:
    """An anchor, unescaped; ``tag`` is its start tag as it was written."""

    attributes: dict[str, str | None]
    tag: str
    text: str = ""

    @property
    def href(self) -> str:
        """Where it leads."""
        return self.attributes["href"] or ""

    @property
    def fragment(self) -> str:
        """What stands behind the ``#``."""
        return urlsplit(self.href).fragment

    @property
    def is_file(self) -> bool:
        """False for the homepage and download anchors of PEP 438."""
        return self.attributes.get("rel") not in {"homepage", "download"}

    @property
    def is_hosted(self) -> bool:
        """True for a file of the index itself."""
        return self.attributes.get("rel") == "internal"

    @property
    def last_segment(self) -> str:
        """The file name that the URL ends in."""
        return unquote(urlsplit(self.href).path.rpartition("/")[2])


@dataclass
class Document:
    """An HTML page; ``url`` is its path."""

    url: str
    text: str
    metas: list[dict[str, str | None]] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    elements: set[str] = field(default_factory=set)

    def meta(self, name: str) -> list[str | None]:
        """The contents of every meta element of this name."""
        return [meta.get("content") for meta in self.metas if meta.get("name") == name]

    @property
    def files(self) -> list[Anchor]:
        """The anchors of files, hosted or not."""
        return [anchor for anchor in self.anchors if anchor.is_file]

    def links(self) -> list[str]:
        """Every link, as a client resolves it against the page's URL."""
        return [urljoin(self.url, anchor.href) for anchor in self.anchors]


def read_html(url: str, body: bytes) -> Document:
    """The document; elements that do not nest, and attributes that stand twice or unquoted, are errors."""
    document = Document(url, body.decode())
    reader = _Reader(document)
    reader.feed(document.text)
    reader.close()
    assert reader.open == [], f"{reader.open} of {url} were not closed"
    # What a search for the raw text finds is what a parser finds: no anchor lies in a comment or an attribute.
    assert document.text.lower().count("<a") == len(document.anchors), url
    return document


class _Reader(HTMLParser):
    def __init__(self, document: Document) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self._document = document

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element."""
        assert len(dict(attrs)) == len(attrs), self.get_starttag_text()
        self._document.elements.add(tag)
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "meta":
            self._document.metas.append(dict(attrs))
        if tag == "a":
            written = self.get_starttag_text() or ""
            assert _ANCHOR.fullmatch(written), written
            self._document.anchors.append(Anchor(dict(attrs), written))

    def handle_endtag(self, tag: str) -> None:
        """Elements end in the order of their beginning."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """The text of an anchor is its own."""
        if self.open[-1:] == ["a"]:
            self._document.anchors[-1].text += data


def version_in(filename: str) -> str:
    """The normalized version that a file name names."""
    if filename.endswith(".whl"):
        return str(parse_wheel_filename(filename)[1])
    return str(parse_sdist_filename(filename)[1])
