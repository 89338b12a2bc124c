"""One item of a plan is examined: fetched into the private store, inspected, weighed, compared with what is hosted.

A step that a worker may run twice: it looks at what is remembered, does one thing outside, and remembers the outcome in
one transaction.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime

from homeport.domain.fetching import contradicted_facts
from homeport.domain.inspection import Expectation, Finding, Severity, Verdict, verdict_of
from homeport.domain.project import Project
from homeport.domain.rehost import Bytes, Item, Purpose, Rehost, State
from homeport.domain.source import SourceKind
from homeport.flows.manage_project import find_project
from homeport.flows.manners.hurried import fetcher_for
from homeport.flows.publish_file import closed_release
from homeport.flows.rehost.close import close_if_complete
from homeport.flows.rehost.start import find_rehost, require_open_outside
from homeport.flows.rehost.telling import Telling, Watch, nobody_watches
from homeport.flows.rehost.testimony import hear, known_of, sighting_of
from homeport.flows.source_tokens import ask_for_file
from homeport.ports.catalogue import Removal
from homeport.ports.fetch import Ask, Fetched, FetchLimits, Outcome
from homeport.ports.store import Transaction
from homeport.ports.world import World

_NOT_TRIED_AGAIN = {Outcome.REFUSED, Outcome.TOO_LARGE}
_GONE = {404, 410}
_PATIENCE_SECONDS = 3600.0
# Where nobody else asks the same host.
_AT_ONCE = nullcontext()


def fetch_item(
    world: World,
    rehost_id: int,
    item_id: int,
    telling: Telling,
    turn: AbstractContextManager[object] = _AT_ONCE,
    *,
    may_wait: bool = False,
) -> float:
    """Fetch one item into the private store, inspect and weigh it, and remember what was found.

    The last one that a plan wants closes it. ``turn`` is held while the host is asked, and not while its answer is examined.

    Where its host asks to be left alone for a while, and this plan ``may_wait``, nothing is remembered: what comes back
    is for how many seconds. Else it is 0.
    """
    with world.store.read() as tx:
        wanted = _wanted(tx, rehost_id, item_id, world.clock.now())
    if wanted is None:
        return 0.0
    rehost, item = wanted
    looked_at, pause = _look_at(world, rehost, item, telling.watch(item), turn)
    if pause and may_wait and rehost.purpose is Purpose.HISTORY:
        telling.put_off(item, looked_at.problem)
        return float(pause)
    with world.store.write() as tx:
        # Meanwhile somebody may have refused the plan, or another run of this step may have been faster.
        if _wanted(tx, rehost_id, item_id, world.clock.now()) is not None:
            project = find_project(tx, rehost.project)
            compared = compare_with_hosted(tx, project, looked_at)
            if rehost.purpose is not Purpose.HISTORY:
                compared = _hold_what_is_closed(world, tx, project, compared)
            tx.rehosts.put_item(rehost_id, compared)
            _see(world, tx, project, compared)
            tx.fetches.forget(item_id)
            close_if_complete(tx, rehost, world.clock.now())
    return 0.0


def _wanted(tx: Transaction, rehost_id: int, item_id: int, at: datetime) -> tuple[Rehost, Item] | None:
    rehost = find_rehost(tx, rehost_id)
    item = tx.rehosts.item(rehost_id, item_id)
    if rehost.state is not State.PLANNING or item is None or item.bytes is not Bytes.WANTED:
        return None
    require_open_outside(tx, find_project(tx, rehost.project), at)
    return rehost, item


def look_at(world: World, rehost: Rehost, item: Item) -> Item:
    """The item with its bytes here, judged; or with the reason why they are not."""
    looked_at, _ = _look_at(world, rehost, item, nobody_watches, _AT_ONCE)
    return looked_at


def _look_at(
    world: World, rehost: Rehost, item: Item, watch: Watch, turn: AbstractContextManager[object]
) -> tuple[Item, int]:
    """The same, and for how many seconds the site asks to be left alone before it is asked again."""
    asking = replace(world, fetcher=fetcher_for(world, rehost.purpose))
    limits = FetchLimits(max_bytes=world.limits.file_bytes)
    if rehost.purpose is Purpose.HISTORY:
        # Nobody waits for the answer, and a slow host keeps no other waiting.
        limits = replace(limits, total_seconds=_PATIENCE_SECONDS)
    with world.blobs.receive(world.limits.file_bytes) as incoming:

        def take(piece: bytes) -> None:
            incoming.write(piece)
            watch(len(piece))

        ask = ask_for(world, rehost, item)
        with turn:
            asked_at = world.clock.now()
            fetched = asking.fetcher.fetch(item.url, limits, take, ask)
        hops = tuple((hop.url, hop.address, hop.status) for hop in fetched.hops)
        if fetched.outcome is not Outcome.OK:
            missing = replace(item, bytes=_missing(fetched), problem=fetched.reason, hops=hops)
            may_pass = missing.bytes is Bytes.UNREACHABLE
            return missing, (fetched.retry_after_seconds or 0) if may_pass else 0
        digests = incoming.digests()
        expectation = Expectation(item.filename, rehost.project, item.version.text, is_legacy=True)
        inspection = world.isolation.inspect(incoming.path, expectation)
        own_requires = inspection.metadata.requires_python if inspection.metadata else None
        broken = contradicted_facts(item.facts, incoming.size_bytes, own_requires)
        with world.store.read() as tx:
            known = known_of(tx, find_project(tx, rehost.project).id, item.url)
        heard, objections = hear(asking, item, known, fetched, incoming, asked_at=asked_at, ask=ask)
        findings = _doubts(item) + objections + broken + inspection.findings
        incoming.keep()
        examined = replace(
            heard,
            bytes=Bytes.HERE,
            problem="",
            hops=hops,
            sha256=digests.sha256,
            size_bytes=incoming.size_bytes,
            verdict=verdict_of(findings),
            findings=findings,
        )
        return examined, 0


def ask_for(world: World, rehost: Rehost, item: Item) -> Ask:
    """How the bytes of an item are asked for."""
    with world.store.read() as tx:
        project = find_project(tx, rehost.project)
        return ask_for_file(world, tx, project.id, item.url, SourceKind(item.source))


def _missing(fetched: Fetched) -> Bytes:
    if fetched.outcome in _NOT_TRIED_AGAIN or fetched.status in _GONE:
        return Bytes.REFUSED
    return Bytes.UNREACHABLE


def _doubts(item: Item) -> tuple[Finding, ...]:
    """What was found when the file was found, and its bytes cannot answer."""
    return tuple(finding for finding in item.findings if finding.code == "name-ambiguous")


def _see(world: World, tx: Transaction, project: Project, item: Item) -> None:
    """Remember what the URL gave; what nobody could host may be mended there and says nothing of the site."""
    if item.sha256 is not None and item.verdict is not Verdict.REJECT and item.fetched is not None:
        tx.proofs.see(project.id, sighting_of(item, world.clock.now()))


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
