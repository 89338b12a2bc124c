"""One way to look for a project's files at a source of any kind, and what came of it."""

from dataclasses import dataclass, field, replace

from tests.support.golden_site import InProcess
from tests.support.outside import Outside
from tests.support.outside_fetcher import OutsideFetcher

from homeport.domain.names import ProjectName, ReleaseVersion
from homeport.domain.source import SourceKind
from homeport.flows.crawl.discover import discover
from homeport.flows.crawl.places import Discovery, Place
from homeport.flows.crawl.visitor import CrawlLimits

DEMO = ProjectName.parse("demo")


@dataclass
class Look:
    """The outside, and one way to look for `demo` in it."""

    outside: Outside = field(default_factory=Outside)
    limits: CrawlLimits = field(default_factory=CrawlLimits)

    def at(self, kind: SourceKind, url: str, project: ProjectName | None = DEMO, **more: object) -> Discovery:
        """Look at one place."""
        place = replace(Place(kind, url), **more)  # type: ignore[arg-type]
        version = ReleaseVersion.parse("1.0") if self.limits.pages == 1 else None
        return discover(OutsideFetcher(self.outside), InProcess(), [place], project, version, self.limits)


def names(discovery: Discovery) -> list[str]:
    """The files that were found, sorted."""
    return sorted(found.filename for found in discovery.found)


def told(discovery: Discovery) -> dict[str, str]:
    """What was left out: the sentence of each code."""
    return {one.code: one.sentence for one in discovery.left_out}


def problems(discovery: Discovery) -> list[tuple[str, str]]:
    """What was wrong with the pages."""
    return [(visit.code, visit.problem) for visit in discovery.visited if visit.problem]
