"""A plan is made: sources are crawled, and what they offer is remembered, with the work that follows from it.

Each function is one step that a worker may run twice: it looks at what is remembered, does one thing outside, and
remembers the outcome in one transaction. Nothing here is visible to installers.
"""

from dataclasses import replace

from homeport.domain.fetching import only_lists
from homeport.domain.inspection import Finding, Severity
from homeport.domain.names import ReleaseVersion
from homeport.domain.rehost import Bytes, Item, NotTaken, Rehost, State, Step, Visit
from homeport.flows.crawl.discover import discover
from homeport.flows.crawl.named import places_of
from homeport.flows.crawl.neighbours import NOTHING_SAID, Said, hear
from homeport.flows.crawl.places import Discovery, Found, PageVisit
from homeport.flows.manage_project import find_project
from homeport.flows.manners.hurried import fetcher_for
from homeport.flows.rehost.close import close_if_complete
from homeport.flows.rehost.fetch import enqueue_fetches
from homeport.flows.rehost.start import find_rehost, move, require_open_outside
from homeport.ports.jobs import Job
from homeport.ports.store import Transaction
from homeport.ports.world import World


def crawl_sources(world: World, rehost_id: int) -> tuple[Job, ...]:
    """Visit the sources and remember what they offer; the jobs that fetch what is wanted of it, started with that.

    Where nothing is wanted, the plan is closed at once.
    """
    with world.store.read() as tx:
        rehost = find_rehost(tx, rehost_id)
        project = find_project(tx, rehost.project)
        if rehost.state is not State.PLANNING:
            return ()
        require_open_outside(tx, project, world.clock.now())
        is_crawled = bool(tx.rehosts.stands(rehost_id))
        registering = tx.rehosts.registration_metadata(rehost.id)
        places = places_of(world, tx, project, rehost.version, registering)
    if is_crawled:
        return _go_on(world, rehost_id, None)
    version = ReleaseVersion.parse_legacy(rehost.version) if rehost.version else None
    fetcher = fetcher_for(world, rehost.purpose)
    found = discover(fetcher, world.isolation, places, project.name, version)
    return _go_on(world, rehost_id, found, hear(fetcher, world.isolation, found))


def _go_on(
    world: World, rehost_id: int, discovery: Discovery | None, said: Said = NOTHING_SAID
) -> tuple[Job, ...]:
    """Remember ``discovery``, if there was one, and what is said of its files, and start what follows."""
    with world.store.write() as tx:
        rehost = find_rehost(tx, rehost_id)
        if rehost.state is not State.PLANNING:
            return ()
        require_open_outside(tx, find_project(tx, rehost.project), world.clock.now())
        # Another run of this step may have been faster: what it found may be fetched already.
        if discovery is not None and not tx.rehosts.stands(rehost_id):
            _remember(world, tx, rehost, discovery, said)
        jobs = enqueue_fetches(tx, rehost)
        close_if_complete(tx, rehost, world.clock.now())
    return jobs


def _remember(world: World, tx: Transaction, rehost: Rehost, discovery: Discovery, said: Said) -> None:
    limit = world.limits.rehost_items
    sentence = f"A plan holds {limit:,} files at most: plan one version at a time (--version)."
    too_many = [
        NotTaken(found.taken.candidate.url, found.mentions[0].found_on, "too-many-items", sentence)
        for found in discovery.found[limit:]
    ]
    items = [_item(found, said) for found in discovery.found[:limit]]
    if only_lists(rehost.purpose, items, world.limits.few):
        items = [replace(item, bytes=Bytes.LISTED) for item in items]
    visits = [*(_visit(visit) for visit in discovery.visited), *said.visits]
    tx.rehosts.put_findings(rehost.id, items, [*discovery.left_out, *too_many], visits)


def _item(found: Found, said: Said) -> Item:
    candidate, mention = found.taken.candidate, found.mentions[0]
    page = mention.page
    doubts = (Finding("name-ambiguous", Severity.HOLD, found.taken.doubt),) if found.taken.doubt else ()
    return Item(
        id=0,
        filename=found.taken.parsed.filename,
        version=found.taken.parsed.version,
        kind=found.taken.parsed.kind.value,
        url=candidate.url,
        found_on=mention.found_on,
        source=mention.place.kind.value,
        claims=said.claims.get(candidate.url, ()),
        neighbours=said.neighbours.get(candidate.url, ()),
        page_is_tls=page.is_tls if page else False,
        page_is_loopback=page.is_loopback if page else False,
        findings=doubts,
        facts=found.facts,
    )


def _visit(visit: PageVisit) -> Visit:
    # A place may be read page by page.
    asked = visit.fetched.hops[0].url if visit.fetched.hops else visit.place.url
    return Visit(asked, visit.place.kind.value, visit.fetched.status, visit.links, visit.problem)


def fail(world: World, rehost_id: int, problem: str, code: str) -> None:
    """Say why a rehost cannot go on; a maintainer may retry it."""
    with world.store.write() as tx:
        rehost = find_rehost(tx, rehost_id)
        if rehost.state.is_running:
            tx.fetches.forget_all(rehost_id)
            move(tx, rehost, Step.FAIL, world.clock.now(), problem=problem, code=code)
