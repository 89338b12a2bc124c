"""One item of a plan is examined: fetched into the private store, inspected, weighed, compared with what is hosted.

A step that a worker may run twice: it looks at what is remembered, does one thing outside, and remembers the outcome in
one transaction.
"""

from dataclasses import replace

from homeport.domain.digests import hex_digests
from homeport.domain.evidence import Way, mismatches, weigh
from homeport.domain.inspection import Expectation, Finding, Severity, verdict_of
from homeport.domain.project import Project
from homeport.domain.rehost import Bytes, Item, Purpose, Rehost, State
from homeport.flows.manage_project import find_project
from homeport.flows.publish_file import closed_release
from homeport.flows.rehost.start import find_rehost, require_open_outside
from homeport.ports.blobs import Incoming
from homeport.ports.catalogue import Removal
from homeport.ports.fetch import Fetched, FetchLimits, Outcome
from homeport.ports.store import Transaction
from homeport.ports.world import World

_NOT_TRIED_AGAIN = {Outcome.REFUSED, Outcome.TOO_LARGE}
_GONE = {404, 410}
_CHUNK = 1024 * 1024


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
