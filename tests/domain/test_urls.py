"""One grammar for URLs: what is read, what is refused, and that other parsers see the same host."""

from urllib.parse import urljoin, urlsplit

import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from homeport.domain.errors import Invalid
from homeport.domain.urls import MAX_URL, Url


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("http://example.org", "http://example.org/"),
        ("HTTPS://EXAMPLE.org:443/A?B#C", "https://example.org/A?B#C"),
        ("http://example.org:80/", "http://example.org/"),
        ("https://example.org:80/", "https://example.org:80/"),
        ("http://example.org./x", "http://example.org/x"),
        ("http://my_host.example.org/", "http://my_host.example.org/"),
        ("http://r3---sn-x.example.org/", "http://r3---sn-x.example.org/"),
        ("http://localhost/", "http://localhost/"),
        ("http://1.example.org/", "http://1.example.org/"),
        ("http://example.org?q", "http://example.org/?q"),
        ("http://example.org/?", "http://example.org/?"),
        ("http://example.org/#", "http://example.org/"),
        ("http://example.org/a/./b/../c//d/..", "http://example.org/a/c//"),
        ("http://example.org/../../x/.", "http://example.org/x/"),
        ("http://example.org/pkg-1.0+local.tar.gz", "http://example.org/pkg-1.0+local.tar.gz"),
        ("http://example.org/a%20b%2fc", "http://example.org/a%20b%2fc"),
        ("http://example.org/é?ü#ö", "http://example.org/%C3%A9?%C3%BC#%C3%B6"),
        ('http://example.org/<">^`{}|[]', "http://example.org/%3C%22%3E%5E%60%7B%7D|[]"),
        ("http://example.org/?a='<\">^`{}|", "http://example.org/?a=%27%3C%22%3E^`{}|"),
        ("http://example.org/?next=http://user@127.1/", "http://example.org/?next=http://user@127.1/"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://BÜCHER。example/", "http://xn--bcher-kva.example/"),
        ("http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"),
        ("http://faß.example/", "http://xn--fa-hia.example/"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/"),
        ("http://[::1]:8000/", "http://[::1]:8000/"),
        ("http://[2001:DB8:0:0::1]/", "http://[2001:db8::1]/"),
    ],
)  # fmt: skip
def test_canonical_form(text: str, canonical: str) -> None:
    """A URL is read into one form, which reads as itself."""
    url = Url.parse(text)
    assert str(url) == canonical
    assert Url.parse(str(url)) == url


def test_an_address_within_an_address() -> None:
    """The text of a mapped address differs between Python versions; that it reads as itself does not."""
    url = Url.parse("http://[::ffff:127.0.0.1]/")
    assert Url.parse(str(url)) == url == Url.parse("http://[::FFFF:7f00:1]/")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "url-invalid"),
        ("example.org/x", "url-invalid"),
        ("//example.org/", "url-invalid"),
        ("http:/example.org", "url-invalid"),
        ("http:example.org", "url-invalid"),
        ("file:///etc/passwd", "url-scheme"),
        ("javascript:alert(1)", "url-scheme"),
        ("http://u@example.org/", "url-userinfo"),
        ("http://u:p@example.org/", "url-userinfo"),
        ("http://@example.org/", "url-userinfo"),
        ("http://example.org/a b", "url-characters"),
        ("http://example.org/\\", "url-characters"),
        ("http://example.org\t/", "url-characters"),
        ("http://example.org/\x7f", "url-characters"),
        ("http://example.org/\u202e", "url-characters"),
        ("http://example.org/\ud800", "url-characters"),
        ("http://example.org/100%", "url-characters"),
        ("http://example.org/%0", "url-characters"),
        ("http://", "url-host"),
        ("http:///x", "url-host"),
        ("http://:80/", "url-host"),
        ("http://./", "url-host"),
        ("http://example..org/", "url-host"),
        ("http://example.org../", "url-host"),
        ("http://-example.org/", "url-host"),
        ("http://example-.org/", "url-host"),
        ("http://exa%6dple.org/", "url-host"),
        ("http://exa$mple.org/", "url-host"),
        ("http://" + "a" * 64 + ".org/", "url-host"),
        ("http://" + "a." * 126 + "ab/", "url-host"),
        ("http://example.org:/", "url-port"),
        ("http://example.org:0/", "url-port"),
        ("http://example.org:080/", "url-port"),
        ("http://example.org:65536/", "url-port"),
        ("http://example.org:+80/", "url-host"),
        ("http://127.1/", "url-host"),
        ("http://2130706433/", "url-host"),
        ("http://0x7f000001/", "url-host"),
        ("http://0x/", "url-host"),
        ("http://0177.0.0.1/", "url-host"),
        ("http://127.0.0.256/", "url-host"),
        ("http://example.123/", "url-host"),
        ("http://[::1%25lo]/", "url-host"),
        ("http://[::g]/", "url-host"),
        ("http://[1:2]/", "url-host"),
        ("http://[]/", "url-host"),
        ("http://[::1]x/", "url-host"),
        ("http://a[::1]/", "url-host"),
        ("http://ａ／b.example/", "url-host"),  # noqa: RUF001
        ("http://１２７.0.0.1/", "url-host"),  # noqa: RUF001
        ("http://xn--a.example/", "url-host"),
        ("http://xn--.example/", "url-host"),
        ("http://😀.example/", "url-host"),
        ("http://example.org/" + "a" * MAX_URL, "url-too-long"),
        ("http://example.org/" + "é" * 400, "url-too-long"),
    ],
)  # fmt: skip
def test_refused(text: str, code: str) -> None:
    """What is not in the grammar is refused with a stable code and a sentence that quotes it."""
    with pytest.raises(Invalid) as refusal:
        Url.parse(text)
    assert refusal.value.code == code
    quoted = text if len(text) <= 100 else f"{text[:100]}…"
    assert refusal.value.sentence.startswith(f"The URL {quoted!r} is refused: ")
    assert len(refusal.value.sentence) < 400


def test_the_longest_url_is_read() -> None:
    """The bound is met exactly."""
    text = "http://example.org/" + "a" * (MAX_URL - 19)
    assert len(str(Url.parse(text))) == MAX_URL


def test_parts() -> None:
    """A URL knows what is sent, what is looked up, and what stays here."""
    url = Url.parse("https://Example.org:8443/a/b?c=d#sha256=00")
    assert url == Url("https", "example.org", 8443, "/a/b?c=d", "sha256=00")
    assert (url.authority, url.origin) == ("example.org:8443", "https://example.org:8443")
    assert (url.is_tls, url.address) == (True, None)
    assert str(url.without_fragment()) == "https://example.org:8443/a/b?c=d"
    assert Url.parse("http://127.0.0.1/").address == "127.0.0.1"
    bracketed = Url.parse("http://[::1]/")
    assert (bracketed.address, bracketed.authority, bracketed.is_tls) == ("::1", "[::1]", False)


BASE = "http://example.org:8000/a/b/c?q=1#f"


@pytest.mark.parametrize(
    "reference",
    [
        "", "#x", "?", "?y", "d", "./d", "../d", "../../../d", "/d", "/d/", "//other.example/d", "https://other.example/d",
        "d?x=/../y", "d#/../x", ".", "..", "./", "../", "d/./e/../f", "d;p", "HTTP://OTHER.example/",
    ],
)  # fmt: skip
def test_join_agrees_with_the_standard_library(reference: str) -> None:
    """References are resolved as RFC 3986 says."""
    expected = "http://example.org:8000/a/b/c?" if reference == "?" else urljoin(BASE, reference)
    if reference == "":
        expected = BASE.partition("#")[0]
    assert Url.parse(BASE).join(reference) == Url.parse(expected)


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("http:d", "url-invalid"),
        ("mailto:a@example.org", "url-scheme"),
        ("//u@example.org/", "url-userinfo"),
        ("/\\example.org", "url-characters"),
        (" //other.example/", "url-characters"),
        ("/\t/other.example/", "url-characters"),
        ("///x", "url-host"),
        ("//127.1/", "url-host"),
    ],
)
def test_join_refuses_like_parse(reference: str, code: str) -> None:
    """A reference is as strict as a URL."""
    with pytest.raises(Invalid) as refusal:
        Url.parse(BASE).join(reference)
    assert refusal.value.code == code


LOOKALIKES = "\u3002\uff0e\uff0f\uff20\uff10\uff11\uff17\u2100\u00e9\u00df\u200d\u202e"
ODD = st.sampled_from([*"\\/@:#?%[]. \t\r\n\x00", *LOOKALIKES, "127", "0x7f", "xn--", "::1", "..", "a.b"])
TEXT = st.lists(ODD | st.text(max_size=3), max_size=12).map("".join)
URLS = st.builds("".join, st.tuples(st.sampled_from(["http://", "https://", "HTTP:", "//", ""]), TEXT))


def other_host(text: str) -> str:
    """The host as ``urllib.parse`` sees it, written as ours are."""
    host = (urlsplit(text).hostname or "").removesuffix(".")
    return host if host.isascii() else idna.encode(host, uts46=True).decode().removesuffix(".")


@given(URLS)
@example("http://127.0.0.1\\@example.org/")
@example("http://example.org/\\@127.0.0.1")
@example("http://[::1]@example.org/")
@example("http://a。b./")
def test_another_parser_sees_the_same_host(text: str) -> None:
    """Any text is refused with ``Invalid``, or names the same host, port and scheme to another parser."""
    try:
        url = Url.parse(text)
    except Invalid:
        return
    other = urlsplit(text)
    assert url.scheme == other.scheme
    assert url.port == (other.port or {"http": 80, "https": 443}[other.scheme])
    assert url.host == other_host(text) or url.address is not None
    assert url.host == other_host(str(url))
    assert Url.parse(str(url)) == url


@given(URLS, TEXT)
def test_a_join_is_a_url_or_refused(text: str, reference: str) -> None:
    """Whatever a page says, a reference becomes a URL that reads as itself, or is refused."""
    try:
        url = Url.parse(text).join(reference)
    except Invalid:
        return
    assert Url.parse(str(url)) == url


NAMES = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,4})?(\.[a-z]{2,6}){1,2}", fullmatch=True)
PATHS = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S"], exclude_characters="\\%?#"), max_size=30
)


@given(st.sampled_from(["http", "https"]), NAMES, st.none() | st.integers(1, 65535), PATHS)
def test_ordinary_urls_are_read(scheme: str, host: str, port: int | None, path: str) -> None:
    """A URL as people write it is accepted, and is sent as visible ASCII."""
    url = Url.parse(f"{scheme}://{host}{'' if port is None else f':{port}'}/{path}")
    assert (url.scheme, url.host) == (scheme, host)
    assert all("!" <= character <= "~" for character in url.target)
    assert Url.parse(str(url)) == url
