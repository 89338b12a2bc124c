"""Which pages a discovery follows, by which way a file was found, and what a mention of it is worth."""

import time

import pytest
from tests.support.golden_site import GOLDEN, GOLDEN_FOUND, GOLDEN_PAGES, InProcess, put_site
from tests.support.outside import page, redirect
from tests.support.outside_fetcher import OutsideFetcher
from tests.support.site_world import FOO, SITE, A, B, World, codes, only, urls

from homeport.domain.address import parse_allow
from homeport.domain.links import candidates_for
from homeport.domain.offer import Offer, Offers, PageKind
from homeport.domain.source import SourceKind
from homeport.flows.crawl.discover import discover
from homeport.flows.crawl.places import Place


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
