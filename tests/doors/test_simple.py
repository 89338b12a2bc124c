"""``/simple/`` over the hot path: URLs, representations, validators (standards F.1, F.2, F.7)."""

import gzip

import pytest
from backports import zstd
from tests.support.asgi import Reply, call
from tests.support.hot_reads import BytesList, DictReads, hot_app

from homeport.domain.index_page import RENDERING
from homeport.formats.accept import Form

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
        reads.add_list(LIST_JSON, LIST_HTML, serial=99)
        reads.add_project("foo-bar-baz", PAGE_JSON, PAGE_HTML, serial=12)
    return call(hot_app(reads), target, headers, method=method)


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
        for target in TARGETS:
            reply = ask(target, {"Accept": accept})
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


@pytest.mark.parametrize("name", ["", "/foo-bar-baz", "/Foo.Bar_Baz", "/unknown"])
def test_r04_r06_one_url_for_each_page(name: str) -> None:
    """Without its slash no page is 200, and a redirect ends at its first step."""
    first = ask(f"/simple{name}")
    assert first.status == 301
    assert ask(first.headers["location"]).status == (404 if "unknown" in name else 200)


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
        ("/simple/", {"Accept": V1_JSON, "Accept-Encoding": "gzip"}),
        ("/simple/", {"If-None-Match": "*"}),
        ("/simple/", {"Accept": "image/png"}),
        ("/simple/foo-bar-baz/", {"Accept": PIP, "Accept-Encoding": "gzip"}),
        ("/simple/foo-bar-baz/", {"Accept": PIP, "Accept-Encoding": "zstd"}),
        ("/simple/foo-bar-baz/", {"If-None-Match": "*"}),
        ("/simple/foo-bar-baz", {}),
        ("/simple/unknown/", {}),
        ("/simple/foo-bar-baz/", {"Accept": "image/png"}),
    ],
)
def test_r10_head_is_get_without_the_body(target: str, headers: dict[str, str]) -> None:
    """HEAD has the status and the fields of GET, and nothing after them."""
    got, head = ask(target, headers), ask(target, headers, method="HEAD")
    assert (head.status, head.headers, head.body) == (got.status, got.headers, b"")


def test_the_list_is_streamed() -> None:
    """The list comes in chunks, and ends with an empty one."""
    chunks = ask("/simple/", {"Accept": V1_JSON}).chunks
    assert chunks == [LIST_JSON[:10], LIST_JSON[10:], b""]


UV, OLD = "gzip, deflate, zstd", "gzip, deflate"


@pytest.mark.parametrize(
    ("target", "asked", "coding"),
    [
        ("/simple/foo-bar-baz/", OLD, "gzip"),
        ("/simple/foo-bar-baz/", UV, "zstd"),
        ("/simple/foo-bar-baz/", "zstd", "zstd"),
        ("/simple/foo-bar-baz/", "zstd, identity;q=0, gzip;q=0", "zstd"),
        ("/simple/foo-bar-baz/", "", None),
        ("/simple/foo-bar-baz/", "identity", None),
        ("/simple/foo-bar-baz/", "br", None),
        ("/simple/foo-bar-baz/", "gzip;q=0", None),
        ("/simple/", OLD, "gzip"),
        ("/simple/", UV, "gzip"),
        ("/simple/", "zstd", None),
        ("/simple/", "identity", None),
        ("/simple/", "gzip;q=0, *", None),
    ],
)
def test_n19_the_coding_that_is_welcome(target: str, asked: str, coding: str | None) -> None:
    """A page is sent in the best coding its client takes, the list in gzip or none, and both say that it depends."""
    for accept, page, listed in (
        (V1_JSON, PAGE_JSON, LIST_JSON),
        (V1_HTML, PAGE_HTML, LIST_HTML),
        ("text/html", PAGE_HTML, LIST_HTML),
    ):
        reply = ask(target, {"Accept": accept, "Accept-Encoding": asked})
        assert reply.headers.get("content-encoding") == coding
        assert reply.headers["content-length"] == str(len(reply.body))
        assert reply.headers["vary"] == VARY
        assert decoded(reply) == (listed if target == "/simple/" else page)


def decoded(reply: Reply) -> bytes:
    """The body without its coding."""
    coding = reply.headers.get("content-encoding")
    if coding == "zstd":
        return zstd.decompress(reply.body)
    return gzip.decompress(reply.body) if coding == "gzip" else reply.body


def representations(target: str) -> list[dict[str, str]]:
    """Request fields for each representation there is."""
    return [
        {"Accept": accept, "Accept-Encoding": coding}
        for accept in (V1_JSON, V1_HTML, "text/html")
        for coding in ("identity", "gzip", "zstd")
        if (target, coding) != ("/simple/", "zstd")
    ]


TARGETS = ["/simple/", "/simple/foo-bar-baz/"]


def test_what_is_kept_is_that_very_answer() -> None:
    """One process that is asked for everything in turn, again and again, answers as one that was just started."""
    reads = DictReads()
    reads.add_list(LIST_JSON, LIST_HTML)
    reads.add_project("demo", PAGE_JSON, PAGE_HTML)
    reads.add_project("other", PAGE_HTML, PAGE_JSON, is_private=True)
    app = hot_app(reads)
    asked = [
        (f"{target}{query}", headers | more, method)
        for target in ("/simple/demo/", "/simple/other/", "/simple/demo", "/simple/none/", "/simple/")
        for query in ("", "?format=text/html")
        for headers in [*representations(target), {}, {"Accept": "image/png"}]
        for more in ({}, {"If-None-Match": "*"})
        for method in ("GET", "HEAD")
    ]
    for target, headers, method in asked * 2:
        kept, fresh = (
            call(app, target, headers, method=method),
            call(hot_app(reads), target, headers, method=method),
        )
        assert (kept.status, kept.headers, kept.body) == (fresh.status, fresh.headers, fresh.body)


def test_s03_what_is_kept_ends_with_the_next_commit() -> None:
    """A page that changed, became private, or came to be is answered as it is now, by the process that had it."""
    reads = DictReads()
    app = hot_app(reads)
    assert call(app, "/simple/demo/").status == 404
    for serial, is_private, status in ((1, False, 200), (2, False, 200), (3, True, 401), (4, False, 200)):
        body = b"<!DOCTYPE html>%d" % serial
        reads.add_project("demo", body, body, serial, is_private=is_private)
        for _ in range(2):
            reply = call(app, "/simple/demo/")
            assert (reply.status, reply.body == body) == (status, not is_private)


@pytest.mark.parametrize("target", TARGETS)
def test_s01_each_representation_has_a_strong_tag_of_its_own(target: str) -> None:
    """Type and coding both make another tag."""
    asked = representations(target)
    tags = [ask(target, headers).headers["etag"] for headers in asked]
    assert len(set(tags)) == len(asked) in {6, 9}
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags)


def test_the_tag_of_the_list_names_serial_and_rendering() -> None:
    """The list tells the index's serial, so that and the way it is written are all its tag needs."""
    assert ask("/simple/", {"Accept": V1_JSON}).headers["etag"] == f'"list-{RENDERING}.99"'


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("shape", ["{}", "W/{}", '"other", {}', '"other",W/{} , "more"', "*", " * "])
def test_s02_a_page_already_known_is_304(shape: str, target: str) -> None:
    """A matching tag, alone, weak or in a list, saves the body and repeats tag, Vary and cache rule."""
    for headers in representations(target):
        first = ask(target, headers)
        again = ask(target, headers | {"If-None-Match": shape.format(first.headers["etag"])})
        assert (again.status, again.body) == (304, b"")
        assert again.headers == {
            name: first.headers[name]
            for name in ("etag", "vary", "cache-control", "access-control-allow-origin", "x-pypi-last-serial")
        }


def test_a_list_that_is_known_is_not_put_together() -> None:
    """Whoever has the list of this serial costs one look-up."""

    class NoList(DictReads):
        def project_list(self, form: Form) -> BytesList:
            raise AssertionError(f"the list was put together as {form}")

    reads = NoList()
    reads.add_list(LIST_JSON, LIST_HTML, serial=7)
    tag = f'"list-{RENDERING}.7-text"'
    assert ask("/simple/", {"If-None-Match": tag}, reads=reads).status == 304


def test_a_list_that_grew_meanwhile_is_told_as_what_it_is() -> None:
    """The serial and the tag are those of the list that is sent, not of the moment before it was put together."""

    class Growing(DictReads):
        def serial(self) -> int:
            return 6

    reads = Growing()
    reads.add_list(LIST_JSON, LIST_HTML, serial=7)
    reply = ask("/simple/", {"Accept": V1_JSON}, reads=reads)
    assert reply.headers["x-pypi-last-serial"] == "7"
    assert reply.headers["etag"] == f'"list-{RENDERING}.7"'


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("tag", ['"other"', "", "etag", '"*"', 'W/"other", "another"', '"a,*,b"'])
def test_another_tag_gets_the_page(tag: str, target: str) -> None:
    """A tag that is not this page's changes nothing."""
    assert ask(target, {"If-None-Match": tag}).status == 200


def test_s03_a_changed_list_is_seen_at_once() -> None:
    """After any change of the index the old tag gets the new list."""
    reads = DictReads()
    reads.add_list(b"1", b"1", serial=1)
    tag = ask("/simple/", reads=reads).headers["etag"]
    reads.add_list(b"2", b"2", serial=2)
    reply = ask("/simple/", {"If-None-Match": tag}, reads=reads)
    assert (reply.status, reply.body, reply.headers["x-pypi-last-serial"]) == (200, b"2", "2")


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
