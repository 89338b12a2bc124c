"""What a discovery makes of places, redirects, types, errors and pages without end."""

import pytest
from tests.support.outside import Answer, Mood, redirect
from tests.support.site_world import SITE, A, World, codes, only, urls

from homeport.domain.source import SourceKind
from homeport.flows.crawl.visitor import CrawlLimits
from homeport.ports.fetch import Outcome


def test_place_that_is_a_file() -> None:
    """A source that names a distribution is a file, and is not fetched as a page (C06)."""
    world = World()
    discovery = world.discover(
        (SourceKind.DOWNLOAD, f"/foo-1.0.zip#sha256={A}"), (SourceKind.HOMEPAGE, "/other-1.0.zip")
    )
    found = only(discovery)
    assert found.taken.candidate.filename == "foo-1.0.zip"
    (mention,) = found.mentions
    assert (mention.page, mention.found_on, mention.claimed) == (None, "", (("sha256", A),))
    assert codes(discovery) == {"/other-1.0.zip": "other-project"}
    assert world.asked() == []


def test_nothing_is_asked_twice() -> None:
    """However a page is written, and also when a redirect led to it, it is asked for once."""
    world = World()
    world.outside.put(f"{SITE}/old", redirect("/new"))
    world.put("/new", "<a href=foo-1.0.zip>")
    visits = ["/new", "/new#top", "HTTP://SITE.test:80/x/../new", "/old", "/old"]
    discovery = world.discover(*((SourceKind.HOMEPAGE, url) for url in visits))
    assert world.asked() == ["/new", "/old", "/new"]
    world.outside.asked.clear()
    assert world.discover((SourceKind.HOMEPAGE, "/old"), (SourceKind.DOWNLOAD, "/new")).visited[1:] == ()
    assert [visit.place.url.removeprefix(SITE) for visit in discovery.visited] == ["/new", "/old"]
    assert len(only(discovery).mentions) == 2


def test_redirects_and_base() -> None:
    """File links resolve against the final URL, rel links against the one asked for; `<base>` does not count (C07)."""
    world = World()
    world.outside.put(f"{SITE}/ei/foo/", redirect("/moved/here/"))
    world.put("/moved/here/", "<base href='/base/'> <a href=foo-1.0.zip> <a rel='homepage' href=home/>")
    world.put("/ei/foo/home/", "<a href=foo-2.0.zip>")
    discovery = world.discover((SourceKind.INDEX, "/ei/foo/"))
    assert urls(discovery) == ["/moved/here/foo-1.0.zip", "/ei/foo/home/foo-2.0.zip"]
    (mention,) = discovery.found[0].mentions
    assert mention.found_on == f"{SITE}/moved/here/"
    assert mention.page is not None
    assert [hop.status for hop in mention.page.fetched.hops] == [302, 200]


@pytest.mark.parametrize(
    ("content_type", "body", "name"),
    [
        ("text/html", "foo-1.0é.zip".encode("latin-1"), "foo-1.0é.zip"),
        ("text/html; Charset='x'", "foo-1.0é.zip".encode("latin-1"), "foo-1.0é.zip"),
        ('text/HTML; charset="UTF-8"', "foo-1.0é.zip".encode(), "foo-1.0é.zip"),
        ("text/html ; charset = utf-8; charset=latin-1", "foo-1.0é.zip".encode(), "foo-1.0é.zip"),
        ("text/html; charset*0=a; charset*=''x", "foo-1.0é.zip".encode("latin-1"), "foo-1.0é.zip"),
        ("text/html; charset=", "foo-1.0é.zip".encode("latin-1"), "foo-1.0é.zip"),
        ("application/xhtml+xml;charset=euc-jp", "日/foo-1.0.zip".encode("euc-jp"), "日/foo-1.0.zip"),
        ("text/plain", b"foo-1.0.zip", None),
        ("", b"foo-1.0.zip", None),
    ],
)
def test_types_and_charsets(content_type: str, body: bytes, name: str | None) -> None:
    """Only what calls itself HTML is read, in the charset it names, else as Latin-1 (C08, C09)."""
    world = World()
    world.outside.put(f"{SITE}/", Answer(body=b"<a href=" + body + b">", content_type=content_type))
    discovery = world.discover((SourceKind.HOMEPAGE, "/"))
    (visit,) = discovery.visited
    if name is None:
        assert (visit.code, visit.links, discovery.found, discovery.left_out) == ("page-not-html", 0, (), ())
        assert repr(content_type) in visit.problem
    else:
        assert (visit.code, visit.problem, visit.links) == ("", "", 1)
        found = [*urls(discovery), *codes(discovery)]
        assert found == [f"/{name}"]


@pytest.mark.parametrize(
    ("status", "asked"), [(404, ["/ei/foo/"]), (403, ["/ei/foo/", "/x"]), (500, ["/ei/foo/", "/x"])]
)
def test_error_pages(status: int, asked: list[str]) -> None:
    """The HTML of an error page is read for files as Latin-1, and for rel links unless nothing was found there."""
    world = World()
    world.put("/ei/foo/", "<a href=foo-1.0.zip> <a href=é/foo-1.1.zip> <a rel='homepage' href=/x>", status)
    discovery = world.discover((SourceKind.INDEX, "/ei/foo/"))
    assert urls(discovery) == ["/ei/foo/foo-1.0.zip", "/ei/foo/Ã©/foo-1.1.zip"]
    assert world.asked() == asked
    visit = discovery.visited[0]
    assert (visit.fetched.outcome, visit.code, visit.links) == (Outcome.HTTP_ERROR, "http-error", 3)


def test_error_that_is_no_page() -> None:
    """An error without HTML is told as the error it is."""
    world = World()
    world.outside.put(f"{SITE}/", Answer(503, b"<a href=foo-1.0.zip>", "text/plain"))
    (visit,) = world.discover((SourceKind.HOMEPAGE, "/")).visited
    assert (visit.code, visit.links) == ("http-error", 0)


@pytest.mark.parametrize(
    ("url", "outcome", "code"),
    [
        ("/hangs", Outcome.UNREACHABLE, "broke-off"),
        ("/half", Outcome.UNREACHABLE, "broke-off"),
        ("/endless", Outcome.TOO_LARGE, "too-large"),
        ("ftp://site.test/", Outcome.REFUSED, "scheme-refused"),
        ("http://nowhere.test/", Outcome.UNREACHABLE, "name-unknown"),
    ],
)
def test_pages_that_cannot_be_read(url: str, outcome: Outcome, code: str) -> None:
    """A page that was not read to its end gives no link, and the visit says why."""
    world = World()
    links = b"<a href=foo-1.0.zip> " * 10
    world.outside.put(f"{SITE}/hangs", Answer(body=links, content_type="text/html", mood=Mood.HANGS_UP))
    world.outside.put(f"{SITE}/half", Answer(body=links, content_type="text/html", mood=Mood.BREAKS_OFF))
    world.outside.put(f"{SITE}/endless", Answer(content_type="text/html", mood=Mood.ENDLESS))
    discovery = world.discover((SourceKind.HOMEPAGE, url))
    (visit,) = discovery.visited
    assert (visit.fetched.outcome, visit.code, visit.links) == (outcome, code, 0)
    assert visit.problem
    assert discovery.found == ()


def test_page_with_too_many_links() -> None:
    """A page that was read in part says so, and the part counts."""
    world = World()
    world.put("/", "<a href=foo-1.0.zip>" + "".join(f"<a href={number}>" for number in range(5_000)))
    discovery = world.discover((SourceKind.HOMEPAGE, "/"))
    assert discovery.visited[0].code == "page-incomplete"
    assert urls(discovery) == ["/foo-1.0.zip"]


def test_too_many_pages() -> None:
    """Past the bound of pages nothing is visited, and that is said once, however many there are."""
    world = World(limits=CrawlLimits(pages=2))
    for path in ("/1", "/2", "/3", "/4"):
        world.put(path, "")
    discovery = world.discover(*((SourceKind.HOMEPAGE, path) for path in ("/1", "/2", "/3", "/4")))
    assert world.asked() == ["/1", "/2"]
    assert codes(discovery) == {"/3": "too-many-pages"}


def test_too_many_file_links() -> None:
    """Past the bound of links to files the rest of a page is not judged, and that is said once."""
    world = World(limits=CrawlLimits(links=2))
    world.put("/", "<a href=foo-1.zip> <a href=x> <a href=other-2.zip> <a href=foo-3.zip> <a href=foo-4.zip>")
    discovery = world.discover((SourceKind.HOMEPAGE, "/"))
    assert urls(discovery) == ["/foo-1.zip"]
    assert codes(discovery) == {"/other-2.zip": "other-project", "/foo-3.zip": "too-many-links"}
