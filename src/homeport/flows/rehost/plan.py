"""A plan is made: sources are crawled, every candidate is fetched into the private store, inspected and weighed.

Each function is one step that a worker may run twice: it looks at what is remembered, does one thing outside, and
remembers the outcome in one transaction. Nothing here is visible to installers.
"""

from dataclasses import replace
from datetime import datetime

from homeport.domain.digests import hex_digests
from homeport.domain.evidence import Way, mismatches, weigh
from homeport.domain.inspection import Expectation, Finding, Severity, Verdict, verdict_of
from homeport.domain.ledger import Kind
from homeport.domain.links import SourceKind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import ReleaseVersion, same_version
from homeport.domain.project import Project
from homeport.domain.rehost import Bytes, Item, NotTaken, Plan, Purpose, Rehost, State, Step, Visit
from homeport.domain.release import ExternalLink
from homeport.flows.crawl.discover import Discovery, Found, PageVisit, Place, discover
from homeport.flows.manage_project import find_project
from homeport.flows.notify import notify_members
from homeport.flows.publish_file import closed_release
from homeport.flows.rehost.settle import settle_registration
from homeport.flows.rehost.start import find_rehost, move, require_open_outside
from homeport.flows.render_pages import render_project
from homeport.ports.blobs import Incoming
from homeport.ports.catalogue import Removal
from homeport.ports.fetch import Fetched, FetchLimits, Outcome
from homeport.ports.store import Transaction
from homeport.ports.world import World

_NOT_TRIED_AGAIN = {Outcome.REFUSED, Outcome.TOO_LARGE}
_GONE = {404, 410}
_CHUNK = 1024 * 1024


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


def fetch_item(world: World, rehost_id: int, item_id: int) -> None:
    """Fetch one item into the private store, inspect and weigh it, and remember what was found."""
    with world.store.read() as tx:
        wanted = _wanted(tx, rehost_id, item_id)
    if wanted is None:
        return
    rehost, item = wanted
    looked_at = look_at(world, rehost, item)
    with world.store.write() as tx:
        # Meanwhile somebody may have refused the plan, or another run of this step may have been faster.
        if _wanted(tx, rehost_id, item_id) is not None:
            project = find_project(tx, rehost.project)
            compared = compare_with_hosted(tx, project, looked_at)
            if rehost.purpose is not Purpose.HISTORY:
                compared = _hold_what_is_closed(world, tx, project, compared)
            tx.rehosts.put_item(rehost_id, compared)


def _wanted(tx: Transaction, rehost_id: int, item_id: int) -> tuple[Rehost, Item] | None:
    rehost = find_rehost(tx, rehost_id)
    item = tx.rehosts.item(rehost_id, item_id)
    if rehost.state is not State.PLANNING or item is None or item.bytes is Bytes.HERE:
        return None
    require_open_outside(find_project(tx, rehost.project))
    return rehost, item


def look_at(world: World, rehost: Rehost, item: Item) -> Item:
    """The item with its bytes here, judged; or with the reason why they are not."""
    limits = FetchLimits(max_bytes=world.limits.file_bytes)
    with world.blobs.receive(world.limits.file_bytes) as incoming:
        fetched = world.fetcher.fetch(item.url, limits, incoming.write)
        hops = tuple((hop.url, hop.address, hop.status) for hop in fetched.hops)
        if fetched.outcome is not Outcome.OK:
            return replace(item, bytes=_missing(fetched), problem=fetched.reason, hops=hops)
        digests = incoming.digests()
        expectation = Expectation(item.filename, rehost.project, item.version.text, is_legacy=True)
        findings = _findings(item, incoming) + world.isolation.inspect(incoming.path, expectation).findings
        incoming.keep()
        page = Way(item.page_is_tls, item.page_is_loopback) if item.found_on else None
        way = Way(fetched.is_tls, fetched.is_loopback)
        return replace(
            item,
            bytes=Bytes.HERE,
            problem="",
            hops=hops,
            sha256=digests.sha256,
            size_bytes=incoming.size_bytes,
            evidence=weigh(
                way,
                page,
                dict(item.claimed),
                item.declared_sha256,
                digests,
                claim_is_tls=item.claim_is_tls,
            ),
            verdict=verdict_of(findings),
            findings=findings,
        )


def _missing(fetched: Fetched) -> Bytes:
    if fetched.outcome in _NOT_TRIED_AGAIN or fetched.status in _GONE:
        return Bytes.REFUSED
    return Bytes.UNREACHABLE


def _findings(item: Item, incoming: Incoming) -> tuple[Finding, ...]:
    doubts = tuple(finding for finding in item.findings if finding.code == "name-ambiguous")
    claimed = dict(item.claimed)
    with incoming.path.open("rb") as file:
        have = hex_digests(iter(lambda: file.read(_CHUNK), b""), {"sha256", *claimed})
    wrong = mismatches(claimed, item.declared_sha256, have)
    return doubts + tuple(Finding("hash-mismatch", Severity.REJECT, sentence) for sentence in wrong)


def compare_with_hosted(tx: Transaction, project: Project, item: Item) -> Item:
    """The item with what is different from what the index already hosts under its name."""
    if item.sha256 is None:
        return item
    there = tx.files.find(project.id, item.filename)
    if there is None:
        return _compare_with_removed(tx.files.removal(project.id, item.filename), item)
    if there.digests.sha256 == item.sha256:
        return replace(item, change="already hosted, the same bytes", is_published=True)
    finding = Finding(
        "other-bytes-hosted",
        Severity.REJECT,
        f"{item.filename} is hosted here with sha256 {there.digests.sha256}: other bytes never replace a file.",
    )
    return _found(replace(item, change="other bytes than the hosted file"), finding)


def _compare_with_removed(removal: Removal | None, item: Item) -> Item:
    if removal is None:
        return replace(item, change="new")
    when = f"{item.filename} was removed here on {removal.at:%Y-%m-%d} by {removal.by}"
    if removal.sha256 != item.sha256:
        finding = Finding(
            "other-bytes-removed",
            Severity.REJECT,
            f"{when}, with sha256 {removal.sha256}: its name is never given to other bytes.",
        )
        return _found(replace(item, change="other bytes than the removed file"), finding)
    # Who removed it did not mean that the next crawl brings it back: a person says so, or it stays away.
    finding = Finding("removed-before", Severity.HOLD, f"{when}: {removal.reason}")
    return _found(replace(item, change="removed before, the same bytes"), finding)


def _hold_what_is_closed(world: World, tx: Transaction, project: Project, item: Item) -> Item:
    """Old releases get new files by a plan that a person reviews, and by no standing consent (T-38)."""
    closed = closed_release(tx, project, item.version, world.policy, world.clock.now())
    if closed is None or item.is_published or item.sha256 is None:
        return item
    return _found(item, Finding("release-closed", Severity.HOLD, closed.sentence))


def _found(item: Item, finding: Finding) -> Item:
    findings = (*item.findings, finding)
    return replace(item, findings=findings, verdict=verdict_of(findings))


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
