"""The links of a foreign page are the ones easy_install found, whatever the page is made of."""

import html
import re
from time import process_time
from urllib.parse import urljoin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.domain.urls import MAX_URL
from homeport.formats.link_page import MAX_LINKS, MAX_PAGE_BYTES, read_links

ASKED = "http://h.test/asked/page"
FINAL = "http://h.test/final/page"

# setuptools 58.0.0, package_index.py: HREF, REL, entity_sub and find_external_links, as they were.
HREF = re.compile(r"""href\s*=\s*['"]?([^'"> ]+)""", re.IGNORECASE)
REL = re.compile(r"""<([^>]*\srel\s*=\s*['"]?([^'">]+)[^>]*)>""", re.IGNORECASE)
ENTITY = re.compile(r"&(#(\d+|x[\da-fA-F]+)|[\w.:-]+);?")


def original_hrefs(text: str) -> list[str]:
    """Every link that ``process_url`` saw."""
    return [htmldecoded(FINAL, match[1]) for match in HREF.finditer(text)]


def original_rel_hrefs(text: str) -> list[str]:
    """Every link that ``find_external_links`` yielded."""
    found = []
    for tag, rel in REL.findall(text):
        if {"homepage", "download"} & set(map(str.strip, rel.lower().split(","))):
            found += [htmldecoded(ASKED, match[1]) for match in HREF.finditer(tag)]
    for heading in ("<th>Home Page", "<th>Download URL"):
        at = text.find(heading)
        if at != -1 and (match := HREF.search(text, at)):
            found.append(htmldecoded(ASKED, match[1]))
    return found


def htmldecoded(base: str, raw: str) -> str:
    """The link as it was resolved."""
    return urljoin(base, ENTITY.sub(lambda match: html.unescape(match[0]), raw))


def kept(urls: list[str]) -> tuple[str, ...]:
    """What we keep of them: each once, with scheme and authority."""
    return tuple(dict.fromkeys(url for url in urls if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+://", url)))


MARKUP = st.sampled_from(
    [*"<>'\"=, \n\t&;/", " rel", "rel", "REL=", " rel = ", "href", "HREF=", " href=", "homepage", "Download", "nofollow",
     "<a", "<!--", "-->", "a.zip", "/b", "../c", "?d=e", "#egg=f-1", "//g.test/h", "ftp://i.test/j", "mailto:k", "&amp;",
     "&#46;", "&#x2F;", "&#X2F;", "&lt", "&#0;", "&sup1", "&#128;", "<th>Home Page", "<th>Download URL", "\xe9", "\x85", "\x1f"],
)  # fmt: skip


@settings(max_examples=1_000)
@given(st.lists(MARKUP, max_size=40).map("".join))
def test_same_links_as_the_original_expressions(text: str) -> None:
    """On any heap of markup, file links and rel links are those of easy_install's own expressions."""
    found = read_links(text.encode("latin-1"), ASKED, FINAL, None)
    assert found.hrefs == kept(original_hrefs(text))
    assert found.rel_hrefs == kept(original_rel_hrefs(text))
    assert found.problem == ""


@given(st.binary(max_size=300), st.one_of(st.none(), st.text(max_size=20)))
def test_any_bytes_are_a_page(page: bytes, charset: str | None) -> None:
    """No page and no charset, however odd, makes the reading fail."""
    assert read_links(page, ASKED, FINAL, charset).problem == ""


@pytest.mark.parametrize(
    ("page", "hrefs"),
    [
        ("<link href=a.zip>", ("a.zip",)),
        ("<a data-href='a.zip'>", ("a.zip",)),
        ('<!-- <A HREF = "a.zip"> -->', ("a.zip",)),
        ("<base href='http://other.test/'><a href=a.zip>", ("http://other.test/", "a.zip")),
        ("<a href=a.zip?x=1&amp;y=2> <a href=a.zip?x=1&amp;y=2>", ("a.zip?x=1&y=2",)),
        ("<a href='a b.zip'>", ("a",)),
        ("<a href=''> <a href> <a href='#top'> <a href='http://[::1/'>", ("page#top",)),
        ("<a href='javascript:a()'> <a href='data:text/html,x'> <a href='mailto:x@y.z'>", ()),
        ("<a href='ftp://f.test/a.zip'> <a href='git+ssh://g.test/r#egg=a-dev'>", ("ftp://f.test/a.zip", "git+ssh://g.test/r#egg=a-dev")),
        (f"<a href='&#{'9' * 5000};'> <a href=a.zip>", ("a.zip",)),
        (f"<a href='{'a' * MAX_URL}'> <a href=a.zip>", ("a.zip",)),
    ],
)  # fmt: skip
def test_file_links(page: str, hrefs: tuple[str, ...]) -> None:
    """File links are found in any tag, resolved against the final URL, and kept when they have an authority."""
    assert read_links(page.encode(), ASKED, FINAL, None).hrefs == tuple(
        urljoin(FINAL, href) for href in hrefs
    )


@pytest.mark.parametrize(
    ("page", "is_followed"),
    [
        ("<A REL='Download' HREF=x>", True),
        ("<a rel='nofollow, HOMEPAGE ' href=x>", True),
        ("<a href=x rel=homepage>", True),
        ("<a href='x'\nrel\n=\n'download\n'>", True),
        ("<!-- <a rel='download' href=x> -->", True),
        ("<a rel='nofollow' rel='download' href=x>", True),
        ("<a rel='download' rel='' href=x>", True),
        ("<a title=' rel=download' href=x>", True),
        ("<a title='>' rel='download' href=x>", False),
        ("<a rel=download href=x>", False),
        ("<a rel='download homepage' href=x>", False),
        ("<a rel='ext-homepage' href=x>", False),
        ("<a rel='home&#112;age' href=x>", False),
        ("<a rel='download' rel='nofollow' href=x>", False),
        ("<a data-rel='download' href=x>", False),
        ("<a rel='download' href=x", False),
        ("<th>Home Page</th><td><a href=x></td>", True),
        ("<th>Download URL</th><b>-</b> href=x", True),
        ("<th>home page</th><td><a href=x></td>", False),
        ("<a href=x><th>Home Page</th>", False),
    ],
)
def test_rel_links(page: str, is_followed: bool) -> None:
    """Rel links are those the two old rules follow, resolved against the URL that was asked for."""
    rel_hrefs = read_links(page.encode(), ASKED, FINAL, None).rel_hrefs
    assert rel_hrefs == (("http://h.test/asked/x",) if is_followed else ())


@pytest.mark.parametrize(
    ("page", "charset", "name"),
    [
        (b"href=\xe9.zip", None, "\xe9.zip"),
        (b"href=\xc3\xa9.zip", "UTF-8", "\xe9.zip"),
        (b"href=\xc3\xa9.zip", "", "\xc3\xa9.zip"),
        (b"href=a\xff.zip", "utf-8", "a.zip"),
        ("href=日.zip".encode("euc-jp"), "EUC-JP", "日.zip"),
        ("href=日.zip".encode("utf-16"), "utf-16", "日.zip"),
        (b"href=\xe9.zip", "no-such-charset", "\xe9.zip"),
        (b"href=\xe9.zip", "utf-8\0", "\xe9.zip"),
        (b"href=\xe9.zip", "zlib", "\xe9.zip"),
        (b"href=a\\x2ezip", "unicode_escape", "a\\x2ezip"),
        (b"href=a+2AA-.zip", "utf7", "a+2AA-.zip"),
        (b"href=a.zip", "idna", "a.zip"),
        (b"href=a.zip", "undefined", "a.zip"),
    ],
)
def test_charsets(page: bytes, charset: str | None, name: str) -> None:
    """The header's charset is used when pages are written in it, else Latin-1; bad bytes are dropped."""
    assert read_links(page, ASKED, FINAL, charset).hrefs == (f"http://h.test/final/{name}",)


def test_page_too_large() -> None:
    """A page over the bound gives no links at all, and says so; one at the bound is read."""
    page = b"href=a.zip ".ljust(MAX_PAGE_BYTES)
    assert read_links(page, ASKED, FINAL, None).hrefs == ("http://h.test/final/a.zip",)
    too_large = read_links(page + b" ", ASKED, FINAL, None)
    assert too_large.hrefs == ()
    assert str(MAX_PAGE_BYTES) in too_large.problem


def test_too_many_links() -> None:
    """Of too many links the first are read, and the page says so; repeating one is no more links."""
    links = b"".join(b"<a href=%d rel='homepage'>" % number for number in range(MAX_LINKS))
    whole = read_links(links + links, ASKED, FINAL, None)
    assert len(whole.hrefs) == len(whole.rel_hrefs) == MAX_LINKS
    assert whole.problem == ""
    more = read_links(links + b"<a href=more>", ASKED, FINAL, None)
    assert more.hrefs == whole.hrefs
    assert str(MAX_LINKS) in more.problem
    more_rel = read_links(links + b"<a rel='homepage' href=more>", ASKED, FINAL, None)
    assert more_rel.rel_hrefs == whole.rel_hrefs
    assert str(MAX_LINKS) in more_rel.problem


def filled(start: bytes, piece: bytes, end: bytes = b"") -> bytes:
    """A page of the largest size: ``start``, ``piece`` again and again, ``end``."""
    room = MAX_PAGE_BYTES - len(start) - len(end)
    return start + (piece * (room // len(piece) + 1))[:room] + end


@pytest.mark.parametrize(
    "page",
    [
        filled(b"", b"<"),
        filled(b"", b"<>"),
        filled(b"", b"<a rel="),
        filled(b"<", b" rel=", b">"),
        filled(b"<", b' rel=""', b">"),
        filled(b"", b"<a rel=homepage href=a>"),
        filled(b"", b"<a rel='homepage' href=a>"),
        filled(b"<a rel", b" ", b">"),
        filled(b"<a rel=", b",", b">"),
        filled(b"href", b" "),
        filled(b"href=", b" "),
        filled(b"href=", b"\n", b">"),
        filled(b"href=", b"&a"),
        filled(b"href=", b"../"),
        filled(b"", b"<th>Home Page"),
    ],
    ids=lambda page: repr(page[:20]),
)
def test_hostile_pages_cost_little(page: bytes) -> None:
    """The largest page, made to run the old expressions for hours, is read in seconds of one core."""
    started = process_time()
    assert read_links(page, ASKED, FINAL, None).problem == ""
    assert process_time() - started < 10
