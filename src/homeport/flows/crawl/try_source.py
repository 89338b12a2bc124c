"""What a source would offer, looked at before it is saved: a bounded discovery that remembers nothing.

1. Only pages are asked for, few of them; no file's bytes are.
2. It asks other people's servers, so that it is counted: nobody tries more often than a person does (T-25).
3. Whoever tries waits for the answer, and so does the server that gives it: a host that is busy is told of, not waited for.
"""

from dataclasses import dataclass
from typing import Any

from homeport.domain.account import Caller, Scope
from homeport.domain.names import ProjectName, version_order
from homeport.domain.rehost import Visit
from homeport.domain.rights import require_role
from homeport.domain.source import NO_FILTERS, Filters, Source, SourceKind
from homeport.flows.attempts import count_trying
from homeport.flows.crawl.discover import discover
from homeport.flows.crawl.named import source_places
from homeport.flows.crawl.places import Discovery, Found, Place
from homeport.flows.crawl.visitor import CrawlLimits
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project, read_source
from homeport.flows.manners.hurried import hurried
from homeport.flows.source_tokens import shown
from homeport.flows.sources import find_source
from homeport.formats.trial_json import TriedFile, trial_json
from homeport.ports.fetch import Fetcher, Outcome
from homeport.ports.store import Transaction
from homeport.ports.world import World

TRY_LIMITS = CrawlLimits(page_seconds=15.0, pages=8, pages_of_a_place=5, links=20_000)


@dataclass(frozen=True, slots=True)
class Trial:
    """A source, for which project it was tried (empty: for any), and everything that came of it."""

    source: Source
    project: str
    discovery: Discovery

    @property
    def files(self) -> tuple[TriedFile, ...]:
        """What would be in a plan, newest version first."""
        files = [
            TriedFile(found.taken, found.mentions[0].found_on, _claimed(found), found.facts)
            for found in self.discovery.found
        ]
        files.sort(key=lambda file: file.taken.parsed.filename)
        files.sort(key=lambda file: version_order(file.taken.parsed.version.text), reverse=True)
        return tuple(files)

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The pages that were asked for."""
        return tuple(
            Visit(visit.fetched.url, visit.place.kind.value, visit.fetched.status, visit.links, visit.problem)
            for visit in self.discovery.visited
        )

    def to_json(self) -> dict[str, Any]:
        """The trial as it is told to programs."""
        neighbours = [beside.url for beside in self.discovery.neighbours]
        return trial_json(
            self.source, self.project, self.files, self.discovery.left_out, self.visits, neighbours
        )

    @property
    def is_unreachable(self) -> bool:
        """True when nothing was found and not one page answered."""
        visited = self.discovery.visited
        is_silent = all(visit.fetched.outcome is Outcome.UNREACHABLE for visit in visited)
        return not self.discovery.found and bool(visited) and is_silent


def try_source(
    world: World,
    caller: Caller,
    name: str,
    kind: str,
    url: str,
    filters: Filters = NO_FILTERS,
    token: str = "",
) -> Trial:
    """What the source would offer the project ``name``, for who maintains it; ``RateLimited`` when that is asked too often.

    Without a token it is looked at with the one that the project's source of that kind and URL has.
    """
    source = read_source(kind, url, filters)
    with world.store.write() as tx:
        caller = require_live(tx, caller, world.clock.now())
        project = find_project(tx, name)
        require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id))
        count_trying(world, tx, caller.user)
        places = _places(world, tx, project.name, source, token)
    return Trial(source, project.name.normalized, _look(hurried(world.fetcher), world, places, project.name))


def try_anywhere(
    world: World, kind: str, url: str, name: str = "", filters: Filters = NO_FILTERS, token: str = ""
) -> Trial:
    """The same for who is at the server's shell; without ``name``, for the files of every project."""
    source = read_source(kind, url, filters)
    project = ProjectName.parse(name) if name else None
    with world.store.read() as tx:
        places = _places(world, tx, project, source, token)
    found = _look(world.fetcher, world, places, project)
    return Trial(source, project.normalized if project else "", found)


def _claimed(found: Found) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(claim for mention in found.mentions for claim in mention.claimed))


def _places(
    world: World, tx: Transaction, name: ProjectName | None, source: Source, token: str
) -> list[Place]:
    project = tx.projects.find(name.normalized) if name else None
    if token:
        return [Place(source.kind, source.url, filters=source.filters, credential=shown(source, token))]
    if project is None:
        return source_places(world, source, None, [])
    known = find_source(tx, project, source.kind, source.url)
    sealed = tx.outside.sealed_token(project.id, known) if known else None
    metadatas = (
        [release.metadata for release in tx.releases.of_project(project.id)]
        if source.kind is SourceKind.LINKS
        else []
    )
    return source_places(world, source, sealed, metadatas)


def _look(fetcher: Fetcher, world: World, places: list[Place], project: ProjectName | None) -> Discovery:
    return discover(fetcher, world.isolation, places, project, limits=TRY_LIMITS)
