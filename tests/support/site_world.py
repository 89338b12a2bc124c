"""A web site in memory, one way to look for a project's files there, and what came of it."""

from dataclasses import dataclass, field

from tests.support.golden_site import InProcess
from tests.support.outside import Outside, page
from tests.support.outside_fetcher import OutsideFetcher

from homeport.domain.address import AllowList
from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.source import SourceKind
from homeport.flows.crawl.discover import discover
from homeport.flows.crawl.places import Discovery, Found, Place
from homeport.flows.crawl.visitor import CrawlLimits

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
