"""Our crawl and the real easy_install (setuptools 58.0.0), side by side on the same sites."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.golden_site import (
    GOLDEN,
    GOLDEN_FOUND,
    GOLDEN_PAGES,
    TRICKY,
    TRICKY_PROJECTS,
    InProcess,
    put_site,
)
from tests.support.http_site import serve
from tests.support.outside import Outside

from homeport.adapters.net.fetch import HttpFetcher
from homeport.domain.address import parse_allow
from homeport.domain.links import candidates_for
from homeport.domain.names import ProjectName
from homeport.domain.source import SourceKind
from homeport.flows.crawl.discover import discover
from homeport.flows.crawl.places import Discovery, Place
from homeport.formats.link_page import read_links

pytestmark = pytest.mark.journey

# Asks the real classes; platforms do not filter, so that what they would drop is seen too.
ORACLE = """
import json, re, sys, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])
import setuptools
from setuptools import package_index
from setuptools.wheel import Wheel
from pkg_resources import Requirement, safe_version
assert setuptools.__version__ == "58.0.0", setuptools.__version__
Wheel.is_compatible = lambda self: True

class Recorder(package_index.PackageIndex):
    def add(self, dist):
        if dist.has_version():
            self.seen.add((dist.key, dist.version, dist.location))

def crawl(index_url, project):
    index = Recorder(index_url, search_path=[])
    index.seen = set()
    index.find_packages(Requirement.parse(project))
    return sorted(index.seen)

def scan(pages):
    index = Recorder("http://127.0.0.1:1/no-index/", search_path=[])
    index.seen = set()
    for url in pages:
        index.scan_url(url)
    return sorted(index.seen)

def readings(urls):
    return [read_one(url) for url in urls]

def read_one(url):
    try:
        return sorted({(d.key, d.version) for d in package_index.distros_for_url(url) if d.has_version()})
    except ValueError:
        return None

def pages(texts):
    return [list(package_index.find_external_links("http://h.test/a/b", text)) for text in texts]

job = json.load(sys.stdin)
answer = {"crawl": crawl, "scan": scan, "readings": readings, "pages": pages}[job["do"]](*job["with"])
known = {text: safe_version(text) for text in job["versions"]}
json.dump({"answer": answer, "safe_versions": known}, sys.stdout)
"""


@pytest.fixture(scope="session")
def old_python() -> str:
    """A Python that still runs setuptools 58.0.0: one before 3.12."""
    names = (sys.executable, "python3.11", "python3.10", "python3.9", "python3.8")
    for python in filter(None, map(shutil.which, names)):
        tried = subprocess.run(
            [python, "-W", "ignore", "-c", "import distutils, pkgutil; pkgutil.ImpImporter"],
            capture_output=True,
            check=False,
        )
        if tried.returncode == 0:
            return python
    pytest.skip("setuptools 58.0.0 needs a Python before 3.12, and none is on PATH")


@pytest.fixture(scope="session")
def setuptools_58() -> Path:
    """Setuptools 58.0.0, installed once beside the interpreter's own packages."""
    home = Path(sys.prefix) / "share" / "setuptools-58.0.0"
    if not home.exists():
        fresh = home.with_name(f"{home.name}.{os.getpid()}")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(fresh)]
        subprocess.run([*pip, "setuptools==58.0.0"], check=True)
        with suppress(OSError):  # another run of these tests was quicker
            fresh.rename(home)
        shutil.rmtree(fresh, ignore_errors=True)
    return home


Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def ask_easy_install(old_python: str, setuptools_58: Path, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Runs one job of ``ORACLE``; the answer, and how it writes our versions."""

    def ask(do: str, *arguments: object, versions: Iterable[str] = ()) -> Any:
        ran = subprocess.run(
            [old_python, "-I", "-c", ORACLE, str(setuptools_58)],
            input=json.dumps({"do": do, "with": arguments, "versions": sorted(set(versions))}),
            env={"HOME": str(tmp_path_factory.getbasetemp()), "no_proxy": "*"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert ran.returncode == 0, ran.stderr
        told = json.loads(ran.stdout)
        return told["answer"], told["safe_versions"]

    return ask


Seen = set[tuple[str, str, str]]


def ours(discovery: Discovery) -> Seen:
    """Every reading of every link that a discovery reports, taken or not."""
    links = {mention.link for found in discovery.found for mention in found.mentions}
    links |= {left_out.url for left_out in discovery.left_out if left_out.code != "only-pip"}
    return {
        (candidate.reading.key, candidate.reading.version, link)
        for link in links
        for candidate in candidates_for(link)
    }


@dataclass(frozen=True)
class Crawled:
    """What one crawl found, and what the site was asked for meanwhile."""

    found: Seen
    asked: list[str]


def by_us(outside: Outside, places: Iterable[Place], project: str) -> Crawled:
    """What our crawl does, over real sockets."""
    fetcher = HttpFetcher(about_url="https://index.test/", allow=parse_allow("127.0.0.1:*"))
    outside.asked.clear()
    found = ours(discover(fetcher, InProcess(), tuple(places), ProjectName.parse(project)))
    return Crawled(found, outside.asked.copy())


def by_easy_install(
    ask: Ask, outside: Outside, mine: Crawled, do: str, *arguments: object
) -> tuple[Crawled, Seen]:
    """What the real one does, and what we found with versions written as it writes them."""
    outside.asked.clear()
    found, safe_versions = ask(do, *arguments, versions=[version for _, version, _ in mine.found])
    rewritten = {(key, safe_versions[version], link) for key, version, link in mine.found}
    return Crawled({(key, version, link) for key, version, link in found}, outside.asked.copy()), rewritten


def test_golden_site(ask_easy_install: Ask) -> None:
    """Real and ours find exactly the golden set of `foo`, and ask for the same pages."""
    outside = Outside()
    with serve(outside) as site:
        base = site.base_url
        put_site(outside, GOLDEN, base)
        mine = by_us(outside, [Place(SourceKind.INDEX, f"{base}/ei/foo/")], "foo")
        real, found = by_easy_install(ask_easy_install, outside, mine, "crawl", f"{base}/ei/", "foo")
    of_foo = {(version, url) for key, version, url in real.found if key == "foo"}
    assert of_foo == {(version, base + path) for version, path in GOLDEN_FOUND}
    assert found == real.found
    assert mine.asked == real.asked == [base + path for path in GOLDEN_PAGES]


@pytest.mark.parametrize("project", TRICKY_PROJECTS)
def test_tricky_site(ask_easy_install: Ask, project: str) -> None:
    """Real and ours find the same on pages made of every odd way to write a link, project by project."""
    outside = Outside()
    with serve(outside) as site:
        base = site.base_url
        put_site(outside, TRICKY, base)
        mine = by_us(outside, [Place(SourceKind.INDEX, f"{base}/ei/{project}/")], project)
        real, found = by_easy_install(ask_easy_install, outside, mine, "crawl", f"{base}/ei/", project)
    assert found == real.found
    # What it does not find under a project's name, easy_install looks for on the index's front page too.
    assert mine.asked == [url for url in real.asked if url != f"{base}/ei/"]


def test_plain_places(ask_easy_install: Ask) -> None:
    """Real and ours agree when homepage and download page are visited by themselves, without an index."""
    paths = (
        "/ei/foo/",
        "/p/redirect/",
        "/elsewhere/deep/page.html",
        "/p/1/",
        "/p/1/",
        "/dl/foo-1.0.zip",
        "/p/gone/",
        "/p/error-500/",
    )
    outside = Outside()
    with serve(outside) as site:
        urls = [site.base_url + path for path in paths]
        put_site(outside, TRICKY, site.base_url)
        mine = by_us(outside, [Place(SourceKind.HOMEPAGE, url) for url in urls], "foo")
        real, found = by_easy_install(ask_easy_install, outside, mine, "scan", urls)
    assert found == real.found
    assert mine.asked == real.asked


NAME_PARTS = (
    "foo", "foo_bar", "Foo.Bar", "", "1.0", "2", "1.0rc1", "r123", "py2.7", "py3", "none", "any", "cp39",
    "dev", "20130101", "linux", "x86_64", "%2D", "%20", "%23", "\u00e9", "+local", "1!2", ".", "~", "win32",
    "(1)",
)  # fmt: skip
ENDINGS = (
    ".tar.gz", ".zip", ".tgz", ".tar", ".tar.bz2", ".tar.xz", ".egg", ".egg.zip", ".whl", ".exe",
    ".win32.exe", ".WIN32.EXE", ".win32-py2.7.exe", ".win-amd64.exe", ".win-amd64-py3.4.exe",
    ".linux-x86_64.tar.gz", ".py", "", "/download", "/", ".zip;v=1",
)  # fmt: skip
TAILS = (
    "", "", "", "#egg=foo-1.0", "#egg=foo_bar-dev", "#md5=00", "?a=b", "?a=b-1.zip#egg=foo",
    "#egg=foo-1-2-py2.7",
)  # fmt: skip
HOSTS = (
    "http://h.test/a/", "https://sourceforge.net/", "http://sourceforge.net/x/", "svn+ssh://h.test/",
    "ftp://h.test/-/",
)  # fmt: skip


def urls_like_real_ones(count: int) -> list[str]:
    """Up to ``count`` URLs that end in some heap of the parts above."""
    chance = random.Random(58)  # noqa: S311 - the same cases on every run
    return sorted(
        {
            chance.choice(HOSTS)
            + "-".join(chance.choices(NAME_PARTS, k=chance.randint(1, 7)))
            + chance.choice(ENDINGS)
            + chance.choice(TAILS)
            for _ in range(count)
        }
    )


def test_every_reading_of_a_url(ask_easy_install: Ask) -> None:
    """Thousands of URLs made of awkward parts have the same readings here as there."""
    # setuptools calls a nameless project "Unknown"; we have no such project.
    urls = [url for url in urls_like_real_ones(6_000) if all(c.reading.name for c in candidates_for(url))]
    read = [{(c.reading.key, c.reading.version) for c in candidates_for(url)} for url in urls]
    real, safe_versions = ask_easy_install("readings", urls, versions=[v for pairs in read for _, v in pairs])
    for url, mine, theirs in zip(urls, read, real, strict=True):
        if theirs is None:
            # A wheel's name that setuptools cannot read ends its whole crawl; we go on.
            assert ".whl" in url
        else:
            assert {(key, safe_versions[version]) for key, version in mine} == set(map(tuple, theirs)), url
    assert sum(map(bool, real)) > 2_000


MARKUP = (
    "<", ">", "<a", "<!--", "-->", " ", "\n", "\t", "rel", " rel", "REL", "=", " = ", "'", '"', ",", "href",
    " href", "HREF=", "homepage", "Download", "nofollow", "x/y.zip", "/z", "&amp;", "&#46;", "&#x2F;",
    "&lt", "?a=b", "#egg=foo-1", "<th>Home Page", "<th>Download URL", "</th>", ' rel="homepage"',
    " href='/q'", " rel=download ", "<a href=/r rel=homepage>",
)  # fmt: skip


def test_every_rel_link_of_a_page(ask_easy_install: Ask) -> None:
    """Thousands of heaps of markup have the same rel links here as there."""
    chance = random.Random(58)  # noqa: S311 - the same cases on every run
    texts = ["".join(chance.choices(MARKUP, k=chance.randint(1, 40))) for _ in range(5_000)]
    real, _ = ask_easy_install("pages", texts)
    for text, theirs in zip(texts, real, strict=True):
        mine = read_links(text.encode(), "http://h.test/a/b", "http://other.test/", None).rel_hrefs
        assert list(mine) == theirs, text
    assert sum(map(bool, real)) > 1_000
