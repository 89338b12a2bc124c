"""What a discovery visits, finds and leaves out, against sites in memory."""

import time
from dataclasses import dataclass, field

import pytest
from tests.support.golden_site import GOLDEN, GOLDEN_FOUND, GOLDEN_PAGES, InProcess, put_site
from tests.support.outside import Answer, Mood, Outside, page, redirect
from tests.support.outside_fetcher import OutsideFetcher

from homeport.domain.address import AllowList, parse_allow
from homeport.domain.links import candidates_for
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.offer import Offer, Offers, PageKind
from homeport.domain.source import SourceKind
from homeport.flows.crawl.discover import discover
from homeport.flows.crawl.places import Discovery, Found, Place
from homeport.flows.crawl.visitor import CrawlLimits
from homeport.ports.fetch import Outcome

FOO = ProjectName.parse("foo")
SITE = "http://site.test"
A, B = "aa" * 32, "bb" * 32


@dataclass
class World:
    """The outside, and one way to look for `foo` in it."""

    outside: Outside = field(default_factory=Outside)
    limits: CrawlLimits = field(default_factory=CrawlLimits)
    version: str = ""
    allow: AllowList = ()

    def put(self, path: str, html: str, status: int = 200) -> None:
        """Let the site have an HTML page, over http and https."""
        self.outside.put(SITE + path, page(html, status=status))

    def discover(self, *places: tuple[SourceKind, str]) -> Discovery:
        """Look at these places; a path is one of the site."""
        return discover(
            OutsideFetcher(self.outside, allow=self.allow),
            InProcess(),
            [Place(kind, url if "://" in url else SITE + url) for kind, url in places],
            FOO,
            ReleaseVersion.parse(self.version) if self.version else None,
            self.limits,
        )

    def asked(self) -> list[str]:
        """The paths that were asked for."""
        return [url.removeprefix(SITE) for url in self.outside.asked]


def urls(discovery: Discovery) -> list[str]:
    """The paths that were found."""
    return [found.taken.candidate.url.removeprefix(SITE) for found in discovery.found]


def codes(discovery: Discovery) -> dict[str, str]:
    """What was left out, by path, with the code that says why."""
    return {left.url.removeprefix(SITE): left.code for left in discovery.left_out}


def only(discovery: Discovery) -> Found:
    """The one file that was found."""
    (found,) = discovery.found
    return found


def test_golden_site() -> None:
    """From the golden index page exactly the golden pages are read, and every golden link is taken or answered."""
    world = World()
    put_site(world.outside, GOLDEN, SITE)
    discovery = world.discover((SourceKind.INDEX, "/ei/foo/"))
    links = [mention.link for found in discovery.found for mention in found.mentions]
    links += [left.url for left in discovery.left_out if left.code != "only-pip"]
    readings = {
        (c.reading.version, link) for link in links for c in candidates_for(link) if c.reading.key == "foo"
    }
    assert readings == {(version, SITE + path) for version, path in GOLDEN_FOUND}
    assert world.asked() == GOLDEN_PAGES
    assert sorted(found.taken.parsed.version.text for found in discovery.found) == [
        "1.0", "1.1", "1.3", "1.4", "1.6", "1.8", "3.0", "3.1",
    ]  # fmt: skip
    assert codes(discovery) == {
        "/home/sub/foo_1-1.2.zip": "other-project",
        "/home/other-9.tar.gz": "other-project",
        "/home/trunk/#egg=foo-dev": "develop-checkout",
        "/home/foo.py#egg=foo-1.7": "develop-checkout",
        "/home/foo-2.0.win32-py2.7.exe": "wininst",
        "/home/foo-2.1-py2.7.egg": "egg",
        "/home/foo-2.2.macosx-10.6-intel.zip": "dumb-binary",
        "/home/foo-bar-2.6.tar.gz": "name-ambiguous",
        # For pip <base> counted, and -py2.7 behind a version did not.
        "/basehref/foo-3.0.tar.gz": "only-pip",
        "/home/foo-2.3-py2.7.tar.gz": "only-pip",
    }


def test_only_the_wanted_version() -> None:
    """With a version, files of other releases are left out and said to be so."""
    world = World(version="1.0")
    world.put("/", "<a href=foo-1.0.zip> <a href=foo-1.1.zip> <a href=foo-1.0.0-py3-none-any.whl>")
    discovery = world.discover((SourceKind.HOMEPAGE, "/"))
    assert urls(discovery) == ["/foo-1.0.zip", "/foo-1.0.0-py3-none-any.whl"]
    assert codes(discovery) == {"/foo-1.1.zip": "other-version"}


@pytest.mark.parametrize("kind", [SourceKind.HOMEPAGE, SourceKind.DOWNLOAD])
def test_depth_is_one(kind: SourceKind) -> None:
    """What a page links is never visited, whatever its rel asks for (C05)."""
    world = World()
    world.put("/", "<a rel='download' href=/deeper/> <a rel='homepage' href=foo-1.0.zip>")
    world.put("/deeper/", "<a href=foo-2.0.zip>")
    assert urls(world.discover((kind, "/"))) == ["/foo-1.0.zip"]
    assert world.asked() == ["/"]


def test_followed_pages_are_not_index_pages() -> None:
    """The rel links of an index page are visited; theirs are not."""
    world = World()
    world.put("/ei/foo/", "<a rel='download' href=/one/> <a rel='homepage' href=/foo-1.0.zip>")
    world.put("/one/", "<a rel='download' href=/two/> <a href=foo-2.0.zip>")
    discovery = world.discover((SourceKind.INDEX, "/ei/foo/"))
    assert urls(discovery) == ["/foo-1.0.zip", "/one/foo-2.0.zip"]
    assert world.asked() == ["/ei/foo/", "/one/"]


def test_a_page_is_worth_what_led_to_it() -> None:
    """A TLS page that only a plain index page led to is not TLS, and the visit shows what led there (T-09)."""
    world = World()
    world.put("/ei/foo/", "<a rel='homepage' href=https://site.test/home/>")
    world.put("/home/", f"<a href=foo-1.0.zip#sha256={A}>")
    for scheme, is_tls in (("http", False), ("https", True)):
        discovery = world.discover((SourceKind.INDEX, f"{scheme}://site.test/ei/foo/"))
        (mention,) = only(discovery).mentions
        index, home = discovery.visited
        assert (index.is_tls, home.is_tls, mention.is_tls) == (is_tls, is_tls, is_tls)
        assert home.fetched.is_tls
        assert (mention.page, mention.found_on) == (home, "https://site.test/home/")
        assert (index.place.led_by, home.place.led_by) == (None, index)


@pytest.mark.parametrize(
    ("index", "home", "is_loopback"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("203.0.114.7", "127.0.0.1", False),
        ("127.0.0.1", "203.0.114.7", False),
    ],
)
def test_a_page_stayed_here_if_what_led_to_it_did(index: str, home: str, *, is_loopback: bool) -> None:
    """A page on loopback that a page from a network led to is not one that never crossed a network."""
    world = World(allow=parse_allow("127.0.0.1"))
    world.outside.put("http://index.test/", page("<a rel='homepage' href=http://home.test/>"))
    world.outside.put("http://home.test/", page("<a href=foo-1.0.zip>"))
    world.outside.move("index.test", index)
    world.outside.move("home.test", home)
    (_, visit) = world.discover((SourceKind.INDEX, "http://index.test/")).visited
    assert visit.is_loopback is is_loopback


def test_a_followed_file_is_found_on_the_page_that_named_it() -> None:
    """A file that a rel link names comes from the index page: it is no file that the source itself gave."""
    world = World()
    world.outside.put(f"{SITE}/ei/foo/", redirect("/moved/foo/"))
    world.put("/moved/foo/", f"<a rel='download' href=foo-1.0.zip#sha256={A}>")
    discovery = world.discover((SourceKind.INDEX, "/ei/foo/"))
    assert urls(discovery) == ["/moved/foo/foo-1.0.zip", "/ei/foo/foo-1.0.zip"]
    for found in discovery.found:
        assert [(mention.page, mention.is_tls) for mention in found.mentions] == [
            (discovery.visited[0], False)
        ]


def test_the_best_way_to_a_page_counts() -> None:
    """A page is visited as a source names it, else as TLS led to it, whoever else names it first."""
    world = World()
    world.put("/plain/", "<a rel='homepage' href=https://site.test/one/> <a rel='homepage' href=/two/>")
    world.put("/tls/", "<a rel='homepage' href=/two/> <a rel='homepage' href=https://site.test/three/>")
    world.put("/one/", "")
    world.put("/two/", "")
    world.put("/three/", "")
    discovery = world.discover(
        (SourceKind.INDEX, "/plain/"),
        (SourceKind.INDEX, "https://site.test/tls/"),
        (SourceKind.HOMEPAGE, "https://site.test/one/"),
    )
    assert [(visit.fetched.url, visit.is_tls) for visit in discovery.visited] == [
        ("http://site.test/plain/", False),
        ("https://site.test/tls/", True),
        ("https://site.test/one/", True),
        ("https://site.test/two/", True),
        ("https://site.test/three/", True),
        ("http://site.test/two/", False),
    ]


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


def test_mention_that_proves_most_comes_first() -> None:
    """A sha256 on a TLS page outweighs TLS alone, that a sha256 on a plain page, and that nothing at all."""
    world = World()
    file = "https://files.test/foo-1.0.zip"
    for path, fragment in (("/none", ""), ("/md5", "#md5=00"), ("/sha", f"#sha256={A}")):
        world.put(path, f"<a href='{file}{fragment}'>")
    weakest_first = [
        "http://site.test/md5",
        "http://site.test/sha",
        "https://site.test/none",
        "https://site.test/sha",
    ]
    found = only(world.discover(*((SourceKind.HOMEPAGE, url) for url in weakest_first)))
    assert [mention.found_on for mention in found.mentions] == [*reversed(weakest_first)]
    assert found.taken.candidate.claimed == found.mentions[0].claimed == (("sha256", A),)
    assert found.mentions[-1].claimed == (("md5", "00"),)


@pytest.mark.parametrize(
    ("fragment", "pages", "expected"),
    [
        ("", ["http://site.test/sha"], ["", "http://site.test/sha"]),
        ("", ["https://site.test/sha"], ["https://site.test/sha", ""]),
        (f"#sha256={A}", ["http://site.test/sha", "https://site.test/none"], None),
        (f"#sha256={A}", ["https://site.test/sha"], ["https://site.test/sha", ""]),
    ],
)
def test_a_source_among_the_mentions(fragment: str, pages: list[str], expected: list[str] | None) -> None:
    """A source that is the file outweighs what is on plain pages, and nothing that a TLS page says as well."""
    world = World()
    file = "https://files.test/foo-1.0.zip"
    world.put("/none", f"<a href='{file}'>")
    world.put("/sha", f"<a href='{file}#sha256={A}'>")
    found = only(
        world.discover((SourceKind.DOWNLOAD, file + fragment), *((SourceKind.HOMEPAGE, url) for url in pages))
    )
    assert [mention.found_on for mention in found.mentions] == (
        expected or ["", "https://site.test/none", "http://site.test/sha"]
    )


def test_contradicting_claims() -> None:
    """A URL whose mentions claim different digests is left out, for one of them is wrong about the bytes."""
    world = World()
    world.put(
        "/", f"<a href=/foo-1.0.zip#sha256={A}> <a href=/foo-1.0.zip#sha256={B}> <a href=/foo-2.0.zip#md5=0>"
    )
    discovery = world.discover((SourceKind.HOMEPAGE, "/"))
    assert urls(discovery) == ["/foo-2.0.zip"]
    (left,) = discovery.left_out
    assert (left.code, left.found_on) == ("claims-differ", f"{SITE}/")
    assert "sha256" in left.sentence


def test_thousands_of_contradictions() -> None:
    """A page that claims another digest of one file with every link costs no more than a page of as many files."""
    url = f"{SITE}/foo-1.0.zip"

    class Claims(InProcess):
        """An isolation that reads them out of every page."""

        def read_offers(
            self, kind: PageKind, page: bytes, asked_url: str, final_url: str, content_type: str
        ) -> Offers:
            """Thousands of claims."""
            return Offers(tuple(Offer(url, (("sha256", f"{number:064x}"),)) for number in range(12_000)))

    world = World()
    world.put("/", "")
    fetcher, place = OutsideFetcher(world.outside), Place(SourceKind.FIND_LINKS, f"{SITE}/")
    began = time.process_time()
    discovery = discover(fetcher, Claims(), [place], FOO)
    assert time.process_time() - began < 4
    assert codes(discovery) == {"/foo-1.0.zip": "claims-differ"}


def test_one_name_at_two_urls() -> None:
    """One file name at two URLs is two files: only the bytes can tell whether they are one."""
    world = World()
    world.put("/", "<a href=/a/foo-1.0.zip> <a href=/b/foo-1.0.zip>")
    assert urls(world.discover((SourceKind.HOMEPAGE, "/"))) == ["/a/foo-1.0.zip", "/b/foo-1.0.zip"]
