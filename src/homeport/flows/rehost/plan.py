"""A plan is made: sources are crawled, and when every candidate was examined, the plan is closed.

Each function is one step that a worker may run twice: it looks at what is remembered, does one thing outside, and
remembers the outcome in one transaction. Nothing here is visible to installers.
"""

from dataclasses import replace
from datetime import datetime

from homeport.domain.inspection import Finding, Severity, Verdict
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion, same_version
from homeport.domain.project import Project
from homeport.domain.rehost import Bytes, Item, NotTaken, Plan, Purpose, Rehost, State, Step, Visit
from homeport.domain.release import ExternalLink
from homeport.domain.source import SourceKind
from homeport.flows.crawl.discover import Discovery, Found, PageVisit, Place, discover
from homeport.flows.manage_project import find_project
from homeport.flows.notify import notify_members
from homeport.flows.rehost.settle import settle_registration
from homeport.flows.rehost.start import find_rehost, move, require_open_outside
from homeport.flows.render_pages import render_project
from homeport.ports.store import Transaction
from homeport.ports.world import World


def crawl_sources(world: World, rehost_id: int) -> tuple[int, ...]:
    """Visit the sources and remember what they offer; the ids of the items whose bytes are wanted."""
    with world.store.read() as tx:
        rehost = find_rehost(tx, rehost_id)
        project = find_project(tx, rehost.project)
        if rehost.state is not State.PLANNING:
            return ()
        require_open_outside(project)
        known = tx.rehosts.plan(rehost).items
        places = _places(tx, rehost, project)
    if not known:
        version = ReleaseVersion.parse_legacy(rehost.version) if rehost.version else None
        discovery = discover(world.fetcher, world.isolation, places, project.name, version)
        known = _remember(world, rehost, discovery)
    return tuple(item.id for item in known if item.bytes in {Bytes.WANTED, Bytes.UNREACHABLE})


def _places(tx: Transaction, rehost: Rehost, project: Project) -> tuple[Place, ...]:
    named: list[Place] = [
        Place(SourceKind(source.kind), source.url) for source in tx.outside.sources(project.id)
    ]
    registering = tx.rehosts.registration_metadata(rehost.id)
    metadatas = [registering] if registering else []
    metadatas += [
        release.metadata
        for release in tx.releases.of_project(project.id)
        if not rehost.version or same_version(release.version.text, rehost.version)
    ]
    for metadata in metadatas:
        named += metadata_places(metadata)
    return tuple(dict.fromkeys(named))


def metadata_places(metadata: CoreMetadata) -> list[Place]:
    """The places that a release's own metadata names (PEP 753 for modern ones)."""
    return [
        *(Place(SourceKind.HOMEPAGE, url) for url in metadata.homepage_urls()),
        *(Place(SourceKind.DOWNLOAD, url) for url in metadata.download_urls()),
    ]


def _remember(world: World, rehost: Rehost, discovery: Discovery) -> tuple[Item, ...]:
    taken = discovery.found[: world.limits.rehost_items]
    not_taken = [
        *discovery.left_out,
        *(
            NotTaken(
                found.taken.candidate.url,
                found.mentions[0].found_on,
                "too-many-items",
                f"A plan holds {world.limits.rehost_items:,} files at most: plan one version at a time (--version).",
            )
            for found in discovery.found[world.limits.rehost_items :]
        ),
    ]
    with world.store.write() as tx:
        tx.rehosts.put_findings(
            rehost.id,
            [_item(found) for found in taken],
            not_taken,
            [_visit(visit) for visit in discovery.visited],
        )
        return tx.rehosts.plan(rehost).items


def _item(found: Found) -> Item:
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
        claimed=_claims(found),
        page_is_tls=page.is_tls if page else False,
        page_is_loopback=page.is_loopback if page else False,
        claim_is_tls=any(other.is_tls and other.claims_sha256 for other in found.mentions),
        findings=doubts,
    )


def _claims(found: Found) -> tuple[tuple[str, str], ...]:
    """Every hash that any mention claims; mentions that contradict each other never get here."""
    return tuple({name: value for mention in found.mentions for name, value in mention.claimed}.items())


def _visit(visit: PageVisit) -> Visit:
    return Visit(visit.place.url, visit.place.kind.value, visit.fetched.status, visit.links, visit.problem)


def finish_plan(world: World, rehost_id: int) -> None:
    """Close the plan: a person looks at it next, or, for a registration, what was consented to beforehand."""
    now = world.clock.now()
    with world.store.write() as tx:
        rehost = find_rehost(tx, rehost_id)
        if rehost.state is not State.PLANNING:
            return
        plan = tx.rehosts.plan(rehost)
        planned = move(tx, replace(rehost, plan_digest=plan.digest()), Step.PLAN, now)
        project = find_project(tx, rehost.project)
        require_open_outside(project)
        if rehost.purpose is not Purpose.HISTORY:
            settle_registration(tx, planned, plan, project, now)
            return
        if project.mode.lists_external:
            _list_externally(tx, project, rehost, plan, now)
        notify_members(
            tx,
            project,
            kind="plan-ready",
            subject=f"{project.name}: {len(plan.items)} files found outside, ready for review",
            text="Look at every file, then accept, leave out or refuse.",
            at=now,
            path=f"/manage/rehosts/{rehost.id}",
        )


def _list_externally(tx: Transaction, project: Project, rehost: Rehost, plan: Plan, now: datetime) -> None:
    """In ``pypi-ext`` mode installers are given the links themselves, with what is now known of them."""
    # A plan of one version says nothing about the links of the others, and a page that was down nothing at all.
    was_down = any(visit.problem for visit in plan.visits)
    seen = {item.url for item in plan.items}
    kept = [
        link
        for link in tx.outside.links(project.id)
        if link.url not in seen
        and (was_down or (plan.version and not same_version(link.version.text, plan.version)))
    ]
    found = [_link(project, item) for item in plan.items if item.verdict is not Verdict.REJECT]
    tx.outside.put_links(project.id, [*kept, *found])
    serial = tx.ledger.append(
        Kind.LINKS_LISTED,
        at=now,
        actor=rehost.asked_by,
        project=project.name.normalized,
        details={"rehost": rehost.id, "links": [link.url for link in found]},
    )
    render_project(tx, project, serial)


def _link(project: Project, item: Item) -> ExternalLink:
    return ExternalLink(
        project=project.name.normalized,
        version=item.version,
        filename=item.filename,
        url=item.url,
        found_on=item.found_on,
        size_bytes=item.size_bytes if item.sha256 else None,
        sha256=item.sha256,
    )


def fail(world: World, rehost_id: int, problem: str, code: str) -> None:
    """Say why a rehost cannot go on; a maintainer may retry it."""
    with world.store.write() as tx:
        rehost = find_rehost(tx, rehost_id)
        if rehost.state.is_running:
            move(tx, rehost, Step.FAIL, world.clock.now(), problem=problem, code=code)
