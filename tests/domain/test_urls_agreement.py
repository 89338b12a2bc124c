"""The URL grammar beside two parsers that others use: both name the host that we name, or we refuse (T-06)."""

from urllib.parse import urlsplit

import idna
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from homeport.domain.errors import Invalid
from homeport.domain.urls import Url

HOSTS = (
    "example.org", "a.test", "EXAMPLE.test", "bücher.test", "xn--bcher-kva.test", "127.0.0.1", "127.1", "2130706433",
    "0x7f.1", "0177.0.0.1", "１２７．０．０．１", "①②⑦.⓪.⓪.①", "a。test", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1%25lo]",  # noqa: RUF001
    "[2606:4700::1111]", "a_b.test", "a-.test", "-a.test", "a..test", "a.test.", "localhost", "1.2.3.4.5", "256.1.1.1",
    "ﬁle.test", "ⓔxample.test", "a\u00adb.test", "a\u200db.test", "faß.test", "\u03a3\u0391\u03a3.test", "a%2eb", "1e100.test", "08.test",
)  # fmt: skip
PIECES = st.sampled_from(
    ("http:", "https:", "HTTP:", "ftp:", "//", "/", "\\", "@", ":", "#", "?", ";", ".", "..", "%", "%2f", "%40", "%00", " ",
     "\t", "\r", "\n", "\0", "\u3000", "\u2028", "\uff0f", "\uff20", "\ufe55", "80", ":80", ":0", ":65536", ":８０", "user:pw@", "[", "]",  # noqa: RUF001
     "a", "é", "&", "=", "*", "'", '"', "<", ">", "|", "^", "`", "{", "}", "$", "!", "~", "+", ",", *HOSTS)
)  # fmt: skip
ODD_URLS = st.lists(PIECES, max_size=9).map("".join)
NEAR_URLS = st.builds(
    "{}//{}{}{}{}".format,
    st.sampled_from(("http:", "https:", "hTTp:")),
    st.sampled_from(("", "", "", "u@", "u:p@", "@", "a.test\\@")),
    st.sampled_from(HOSTS) | st.text(max_size=8),
    st.sampled_from(("", ":80", ":443", ":", ":1", ":00080", ":a", ":80@b.test", "\\@b.test", "#@b.test", "?@b.test")),
    st.sampled_from(("", "/")).flatmap(lambda root: ODD_URLS.map(lambda rest: root + rest)),
)  # fmt: skip

_LETTERS = "aZ09-_\u00e9\u00df\u03c3\u03a3\u0130\u0131\u4e2d\uff41\u24d0\u0643\u05d0\u0e01\u1e9e\u017f\u212a"
LIKELY_URLS = st.builds(
    "{}//{}{}/{}".format,
    st.sampled_from(("http:", "https:")),
    st.lists(st.text("a0-_" + _LETTERS, min_size=1, max_size=4).map("a{}b".format), min_size=1, max_size=3).map(".".join)
    | st.text(_LETTERS, min_size=1, max_size=6)
    | st.sampled_from(HOSTS),
    st.sampled_from(("", "", ":80", ":8443", ".")),
    st.lists(st.sampled_from(("a", "/", ".", "..", "%2f", "%40", "?", "#", "@", ":", ";", "=", "\u00e9")), max_size=8).map("".join),
)  # fmt: skip


def same_form(host: str) -> str:
    """A host as we write it: bare, lower case, ASCII."""
    host = host.strip("[]").lower().removesuffix(".")
    return host if host.isascii() else idna.encode(host, uts46=True, std3_rules=True).decode()


def by_urllib(text: str) -> tuple[str, int | None] | None:
    """Host and port as the standard library reads them; nothing when it refuses."""
    try:
        parts = urlsplit(text)
        return (same_form(parts.hostname), parts.port) if parts.hostname else None
    except ValueError:
        return None


def by_urllib3(text: str) -> tuple[str, int | None] | None:
    """Host and port as urllib3 reads them; nothing when it refuses."""
    try:
        parts = parse_url(text)
    except LocationParseError:
        return None
    return (same_form(parts.host), parts.port) if parts.host else None


def check(text: str) -> bool:
    """Assert that whoever reads ``text`` reads the host we read; true when we take it."""
    try:
        url = Url.parse(text)
    except Invalid:
        return False
    for parser in (by_urllib, by_urllib3):
        for spelling in (text, str(url)):
            theirs = parser(spelling)
            if theirs is None:
                # Somebody stricter may refuse how it was written, but not how we write it.
                assert spelling != str(url), (parser.__name__, spelling)
                continue
            host, port = theirs
            assert same_form(host) == url.host or _is_same_address(host, url.host), (
                parser.__name__,
                spelling,
            )
            assert port in {url.port, None}, (parser.__name__, spelling)
    return True


def _is_same_address(host: str, ours: str) -> bool:
    """IPv6 is written in more than one way; we write the canonical one."""
    try:
        return ":" in host and Url.parse(f"http://[{host}]/").host == ours
    except Invalid:
        return False


@settings(max_examples=1_000, deadline=None)
@example("http://127.0.0.1\\@example.com/")
@example("http://example.com\\@127.0.0.1/")
@example("http://a.test#@b.test/")
@example("http://\u03a3\u0391\u03a3.test/")
@example("http://a.test\uff0f@b.test/")
@example("http://a.test／b.test/")  # noqa: RUF001
@given(ODD_URLS | NEAR_URLS | LIKELY_URLS)
def test_nobody_reads_another_host(text: str) -> None:
    """Whatever is written, the other parsers read the host that we read, or we refuse it."""
    check(text)


@settings(max_examples=300, deadline=None)
@given(LIKELY_URLS, ODD_URLS | LIKELY_URLS)
def test_nobody_resolves_to_another_host(base: str, reference: str) -> None:
    """A reference joined to a page is read alike once we have written it down."""
    try:
        joined = Url.parse(base).join(reference)
    except Invalid:
        return
    assert check(str(joined))


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        ("http://example.org", True), ("https://EXAMPLE.test:8443/a?b#c", True), ("http://bücher.test/", True),
        ("http://[2606:4700::1111]:80/", True), ("http://a.test./x", True), ("http://a。test/", True),
        ("http://u@a.test/", False), ("http://a.test\\@b.test/", False), ("http://①②⑦.⓪.⓪.①/", False),
        ("http://\u03a3\u0391\u03a3.test/", False), ("http://\u03c3\u03b1\u03c3.test/", True), ("http://faß.test/", True),
    ],
)  # fmt: skip
def test_the_comparison_is_not_idle(text: str, is_taken: bool) -> None:
    """Ordinary URLs are taken, so that there is something to compare."""
    assert check(text) == is_taken
