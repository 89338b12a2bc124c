"""``/simple/`` over the hot path: URLs, representations, validators (standards F.1, F.2, F.7)."""

import gzip

import pytest
from tests.support.asgi import Reply, call, teapot
from tests.support.hot_reads import DictReads

from homeport.api.hot import hot_paths

V1_JSON = "application/vnd.pypi.simple.v1+json"
V1_HTML = "application/vnd.pypi.simple.v1+html"
PIP = f"{V1_JSON}, {V1_HTML}; q=0.1, text/html; q=0.01"
VARY = "Accept, Accept-Encoding"

LIST_JSON, LIST_HTML = b'{"projects": []}', b"<!DOCTYPE html><title>Simple index</title>"
PAGE_JSON, PAGE_HTML = b'{"name": "foo-bar-baz"}', b"<!DOCTYPE html><title>foo-bar-baz</title>"


def ask(
    target: str,
    headers: dict[str, str] | list[tuple[str, str]] | None = None,
    *,
    method: str = "GET",
    reads: DictReads | None = None,
) -> Reply:
    """The hot path's answer over a list and one project, ``foo-bar-baz``."""
    if reads is None:
        reads = DictReads()
        reads.add_project("", LIST_JSON, LIST_HTML, serial=99)
        reads.add_project("foo-bar-baz", PAGE_JSON, PAGE_HTML, serial=12)
    return call(hot_paths(reads, teapot, nothing_is_missing), target, headers, method=method)


def nothing_is_missing(sha256: str, filename: str) -> None:
    """No page has bytes on disk."""
    raise AssertionError(f"{sha256} {filename} was not asked for")


@pytest.mark.parametrize(
    ("target", "json", "html", "serial"),
    [("/simple/", LIST_JSON, LIST_HTML, "99"), ("/simple/foo-bar-baz/", PAGE_JSON, PAGE_HTML, "12")],
)
def test_r01_r02_s06_list_and_page_in_both_formats(
    target: str, json: bytes, html: bytes, serial: str
) -> None:
    """Every page is had in both formats, with its own serial and its own length."""
    for accept, body in ((V1_JSON, json), (V1_HTML, html), ("text/html", html)):
        reply = ask(target, {"Accept": accept})
        assert (reply.status, reply.body) == (200, body)
        assert reply.headers["content-type"] == accept, "N01"
        assert reply.headers["content-length"] == str(len(body))
        assert reply.headers["x-pypi-last-serial"] == serial
        assert reply.headers["vary"] == VARY, "N19"
        assert reply.headers["cache-control"] == "no-cache", "S04"
        assert reply.headers["access-control-allow-origin"] == "*", "S09"


def test_n05_n06_no_accept_gives_html() -> None:
    """A client that says nothing is given HTML under the old name."""
    assert ask("/simple/foo-bar-baz/").headers["content-type"] == "text/html"


def test_n07_pip_is_given_json() -> None:
    """What pip sends leads to JSON."""
    assert ask("/simple/foo-bar-baz/", {"Accept": PIP}).body == PAGE_JSON


def test_accept_may_be_sent_in_two_fields() -> None:
    """Two fields of one name are one list (RFC 9110 §5.3)."""
    headers = [("Accept", "image/png"), ("X-Other", "x"), ("Accept", V1_JSON)]
    assert ask("/simple/foo-bar-baz/", headers).headers["content-type"] == V1_JSON


def test_n15_n17_n18_n19_nothing_acceptable_is_406() -> None:
    """406 says what there is, in plain text, and that it depends on ``Accept``."""
    for accept in ("image/png", "application/json", "application/vnd.pypi.simple.v2+json", "*/*;q=0"):
        reply = ask("/simple/foo-bar-baz/", {"Accept": accept})
        assert reply.status == 406
        assert reply.headers["vary"] == VARY
        assert reply.headers["content-type"].startswith("text/plain")
        assert V1_JSON.encode() in reply.body


def test_r07_unknown_is_404_whatever_is_asked_for() -> None:
    """An unknown project is 404 in plain text, even for a client that nothing would satisfy (R08)."""
    for accept in (PIP, "*/*", "image/png"):
        reply = ask("/simple/unknown/", {"Accept": accept})
        assert reply.status == 404
        assert reply.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/simple", "/simple/"),
        ("/simple?format=text/html", "/simple/?format=text/html"),
        ("/simple/foo-bar-baz", "/simple/foo-bar-baz/"),
        ("/simple/foo-bar-baz?a=b&c=%20", "/simple/foo-bar-baz/?a=b&c=%20"),
        ("/simple/Foo.Bar_Baz/", "/simple/foo-bar-baz/"),
        ("/simple/Foo.Bar_Baz", "/simple/foo-bar-baz/"),
        ("/simple/foo--bar..baz/?x=1", "/simple/foo-bar-baz/?x=1"),
        ("/simple/FOO_BAR-BAZ/", "/simple/foo-bar-baz/"),
        ("/simple/Unknown/", "/simple/unknown/"),
        ("/simple/foo%2Ebar/", "/simple/foo-bar/"),
    ],
)
def test_r03_r05_other_spellings_are_sent_to_the_page(target: str, location: str) -> None:
    """One step leads from any spelling to the page's URL, with its query."""
    reply = ask(target)
    assert (reply.status, reply.headers["location"]) == (301, location)


@pytest.mark.parametrize(
    "target",
    [
        "/simple/-x/",
        "/simple/x-/",
        "/simple/x-",
        "/simple/%C3%A9/",
        "/simple/a%0A/",
        "/simple/a%00/",
        "/simple/a%FF/",
        "/simple//",
        "/simple//foo/",
        "/simple/foo//",
        "/simple/../etc/passwd",
        "/simple/..%2f..%2fetc/",
        "/simple/foo/bar/",
        "/simple/a b/",
        "/simple/" + "a" * 129 + "/",
        "/simple/" + "A" * 129 + "/",
        "/simple/foo%0d%0aset-cookie:x/",
    ],
)
def test_r09_what_is_no_name_is_404(target: str) -> None:
    """A path that holds no project name leads nowhere, and is no redirect either."""
    assert ask(target).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("target", ["/simple", "/simple/", "/simple/foo-bar-baz/", "/simple/unknown/"])
def test_r11_only_reading_is_answered(method: str, target: str) -> None:
    """Other methods are refused with the list of those there are."""
    reply = ask(target, method=method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/simple/", {}),
        ("/simple/foo-bar-baz/", {"Accept": PIP, "Accept-Encoding": "gzip"}),
        ("/simple/foo-bar-baz", {}),
        ("/simple/unknown/", {}),
        ("/simple/foo-bar-baz/", {"Accept": "image/png"}),
    ],
)
def test_r10_head_is_get_without_the_body(target: str, headers: dict[str, str]) -> None:
    """HEAD has the status and the fields of GET, and nothing after them."""
    got, head = ask(target, headers), ask(target, headers, method="HEAD")
    assert (head.status, head.headers, head.body) == (got.status, got.headers, b"")


def test_gzip_when_asked() -> None:
    """The stored compressed bytes are sent to a client that takes them, and are the page."""
    reply = ask("/simple/foo-bar-baz/", {"Accept": V1_JSON, "Accept-Encoding": "gzip, deflate"})
    assert reply.headers["content-encoding"] == "gzip"
    assert reply.headers["content-length"] == str(len(reply.body))
    assert gzip.decompress(reply.body) == PAGE_JSON


@pytest.mark.parametrize("coding", ["", "identity", "br", "gzip;q=0"])
def test_no_gzip_unless_welcome(coding: str) -> None:
    """A client that did not ask for gzip, or refuses it, is given the plain bytes."""
    reply = ask("/simple/foo-bar-baz/", {"Accept": V1_JSON, "Accept-Encoding": coding})
    assert reply.body == PAGE_JSON
    assert "content-encoding" not in reply.headers


def representations() -> list[dict[str, str]]:
    """Request fields for each of the six representations of a page."""
    return [
        {"Accept": accept, "Accept-Encoding": coding}
        for accept in (V1_JSON, V1_HTML, "text/html")
        for coding in ("identity", "gzip")
    ]


def test_s01_each_representation_has_a_strong_tag_of_its_own() -> None:
    """Type and coding both make another tag."""
    tags = [ask("/simple/foo-bar-baz/", headers).headers["etag"] for headers in representations()]
    assert len(set(tags)) == 6
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags)


@pytest.mark.parametrize("shape", ["{}", "W/{}", '"other", {}', '"other",W/{} , "more"', "*", " * "])
def test_s02_a_page_already_known_is_304(shape: str) -> None:
    """A matching tag, alone, weak or in a list, saves the body and repeats tag, Vary and cache rule."""
    for headers in representations():
        first = ask("/simple/foo-bar-baz/", headers)
        again = ask("/simple/foo-bar-baz/", headers | {"If-None-Match": shape.format(first.headers["etag"])})
        assert (again.status, again.body) == (304, b"")
        assert again.headers == {
            name: first.headers[name]
            for name in ("etag", "vary", "cache-control", "access-control-allow-origin", "x-pypi-last-serial")
        }


@pytest.mark.parametrize("tag", ['"other"', "", "etag", '"*"', 'W/"other", "another"', '"a,*,b"'])
def test_another_tag_gets_the_page(tag: str) -> None:
    """A tag that is not this page's changes nothing."""
    assert ask("/simple/foo-bar-baz/", {"If-None-Match": tag}).status == 200


def test_s03_a_changed_page_is_seen_at_once() -> None:
    """After a change the old tag gets the new bytes."""
    reads = DictReads()
    reads.add_project("demo", b"1", b"1", serial=1)
    tag = ask("/simple/demo/", reads=reads).headers["etag"]
    reads.add_project("demo", b"2", b"2", serial=2)
    reply = ask("/simple/demo/", {"If-None-Match": tag}, reads=reads)
    assert (reply.status, reply.body, reply.headers["x-pypi-last-serial"]) == (200, b"2", "2")


def test_n20_n21_format_parameter() -> None:
    """``?format=`` wins over ``Accept``; what it does not know is left to ``Accept``."""
    target = "/simple/foo-bar-baz/?format="
    assert (
        ask(target + V1_JSON.replace("+", "%2B"), {"Accept": "text/html"}).headers["content-type"] == V1_JSON
    )
    assert ask(target + V1_HTML, {"Accept": V1_JSON}).headers["content-type"] == V1_HTML
    assert ask(target + "bogus", {"Accept": V1_JSON}).headers["content-type"] == V1_JSON
    assert ask(target + "bogus", {"Accept": "image/png"}).status == 406


def test_t21_a_page_runs_nothing_in_a_browser() -> None:
    """HTML comes with a policy that loads nothing, JSON is taken for nothing else."""
    assert ask("/simple/").headers["content-security-policy"] == "default-src 'none'"
    assert ask("/simple/", {"Accept": V1_JSON}).headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "target", ["/", "/simpler/", "/simple.html", "/project/simple/", "/api/v1/simple/", "/file"]
)
def test_other_paths_are_handed_on(target: str) -> None:
    """Only ``/simple`` and what lies below it is answered here."""
    assert ask(target).status == 418
