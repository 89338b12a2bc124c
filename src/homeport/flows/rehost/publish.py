"""The reviewed bytes are published, never fetched again; consent is checked once more inside each transaction.

Each function is one step that a worker may run twice. An item is published at most once: its consent is used up
in the transaction that makes the file, so a second run finds nothing left to do. What is frozen is kept out with the
reason while the others come home; its consent stays, for a later try.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from homeport.domain.consent import Consent, require_live
from homeport.domain.digests import digests_of
from homeport.domain.errors import Invalid, NeedsConsent, Refusal, Unavailable
from homeport.domain.freeze import objection
from homeport.domain.inspection import Expectation, Verdict
from homeport.domain.ledger import Kind
from homeport.domain.metadata import CoreMetadata
from homeport.domain.names import FileKind, ReleaseVersion
from homeport.domain.origin_record import journey_of_item
from homeport.domain.project import Project, Role
from homeport.domain.registration import left_out
from homeport.domain.rehost import Bytes, Decision, Item, Plan, Purpose, Rehost, State, Step
from homeport.domain.release import Origin
from homeport.domain.retries import is_due, kept_out, tried_in_vain
from homeport.flows.drift.begin import watch_source
from homeport.flows.judge_file import INSPECTOR, describe, judge_file
from homeport.flows.manage_project import find_project
from homeport.flows.notify import tell_members, write_notice
from homeport.flows.publish_file import Arrival, counted, publish_files
from homeport.flows.register import register
from homeport.flows.rehost.agree import consent_to
from homeport.flows.rehost.cool import waits_to_cool
from homeport.flows.rehost.examine import look_at
from homeport.flows.rehost.start import find_rehost, move, require_open_to_agreed
from homeport.ports.catalogue import Provenance
from homeport.ports.jobs import Job, Work
from homeport.ports.store import Transaction
from homeport.ports.world import World

_BATCH = 20
# So many reasons are told in a mail.
_TOLD = 10
_CHUNK = 1024 * 1024
_ANEW = "Begin again: then they are fetched, and shown, anew."


def begin_publishing(world: World, rehost_id: int) -> tuple[tuple[int, ...], ...]:
    """The accepted items that are not files yet and are due, in batches; a registration is one batch, all or nothing."""
    now = world.clock.now()
    with world.store.write() as tx:
        rehost = find_rehost(tx, rehost_id)
        if rehost.state is State.CONSENTED and not waits_to_cool(tx, rehost, now):
            rehost = move(tx, rehost, Step.PUBLISH, now)
        if rehost.state is not State.PUBLISHING:
            return ()
        require_open_to_agreed(tx, find_project(tx, rehost.project), now)
        plan = tx.rehosts.plan(rehost)
        open_items = [item.id for item in plan.items if _is_open(item) and is_due(item, now)]
    if rehost.purpose is Purpose.REGISTRATION:
        return (tuple(open_items),)
    return tuple(tuple(open_items[start : start + _BATCH]) for start in range(0, len(open_items), _BATCH))


def _is_open(item: Item) -> bool:
    return item.decision is Decision.ACCEPT and not item.is_published


def _open_ones(tx: Transaction, rehost_id: int, item_ids: Iterable[int]) -> list[Item]:
    # One by one: a plan may have thousands of items, and a batch has a few of them.
    found = (tx.rehosts.item(rehost_id, item_id) for item_id in item_ids)
    return [item for item in found if item is not None and _is_open(item)]


def publish_batch(world: World, rehost_id: int, item_ids: Sequence[int]) -> None:
    """Make these items files, in one transaction; an item that is still unreachable, or frozen, stays open.

    A refusal (consent withdrawn, role lost, name taken) fails the rehost with its reason.
    """
    with world.store.read() as tx:
        rehost = find_rehost(tx, rehost_id)
        # What was taken back while this step waited for its turn is not asked for any more.
        if rehost.state is not State.PUBLISHING:
            return
        items = _open_ones(tx, rehost_id, item_ids)
        registering = tx.rehosts.registration_metadata(rehost_id)
    ready = [(item, arrival) for item in items if (arrival := _arrival(world, rehost, item))]
    description_html = describe(world.isolation, registering).html if registering else ""
    try:
        with world.store.write() as tx:
            _publish(world, tx, rehost_id, ready, description_html)
    except Unavailable:
        raise
    except Refusal as refusal:
        with world.store.write() as tx:
            failing = find_rehost(tx, rehost_id)
            if failing.state is State.PUBLISHING:
                move(tx, failing, Step.FAIL, world.clock.now(), problem=refusal.sentence, code=refusal.code)


def _arrival(world: World, rehost: Rehost, item: Item) -> Arrival | None:
    if item.bytes is not Bytes.HERE:
        item = _fetch_declared(world, rehost, item)
    if item.sha256 is None or item.bytes is not Bytes.HERE or item.verdict is Verdict.REJECT:
        return None
    path = world.blobs.path(item.sha256)
    if path is None:
        raise Unavailable(f"The stored bytes of {item.filename} are lost. {_ANEW}", code="blob-missing")
    with world.blobs.open(item.sha256) as file:
        digests = digests_of(iter(lambda: file.read(_CHUNK), b""))
    if digests.sha256 != item.sha256:
        raise Unavailable(f"The stored bytes of {item.filename} are damaged. {_ANEW}", code="blob-damaged")
    expectation = Expectation(item.filename, rehost.project, item.version.text, is_legacy=True)
    judged = judge_file(world.isolation, path, expectation)
    inspection = judged.inspection
    if inspection.verdict is Verdict.REJECT:
        return None
    return Arrival(
        version=item.version,
        filename=item.filename,
        kind=FileKind(item.kind),
        size_bytes=item.size_bytes,
        digests=digests,
        # A held sdist that a person accepted may have no metadata: then its name is all that is known.
        metadata=inspection.metadata or CoreMetadata("1.0", rehost.project, item.version.text),
        metadata_file=inspection.metadata_file,
        origin=Origin.REHOST,
        provenance=Provenance(rehost.asked_by, rehost.id, item.url, item.found_on),
        is_legacy=True,
        description_html=judged.description_html,
    )


def _fetch_declared(world: World, rehost: Rehost, item: Item) -> Item:
    """What was accepted by the sha256 its maintainer declared, before its site could be reached."""
    fetched = look_at(world, rehost, item)
    if fetched.verdict is not None and fetched.verdict is not Verdict.ACCEPT:
        # Nobody has seen these bytes: what is held or rejected waits for a person, and for other bytes outside.
        reasons = " ".join(finding.message for finding in fetched.findings if finding.severity != "info")
        fetched = replace(
            item, bytes=Bytes.UNREACHABLE, problem=f"What the site gave cannot be published unseen: {reasons}"
        )
    if fetched.bytes is not Bytes.HERE:
        first = timedelta(seconds=world.limits.first_retry_seconds)
        fetched = tried_in_vain(fetched, world.clock.now(), first=first, most=world.limits.retries)
    with world.store.write() as tx:
        now_stored = tx.rehosts.item(rehost.id, item.id)
        if now_stored is not None and _is_open(now_stored):
            tx.rehosts.put_item(rehost.id, fetched)
    return fetched


def _publish(
    world: World,
    tx: Transaction,
    rehost_id: int,
    ready: Sequence[tuple[Item, Arrival]],
    description_html: str,
) -> None:
    now = world.clock.now()
    rehost = find_rehost(tx, rehost_id)
    if rehost.state is not State.PUBLISHING:
        return
    project = find_project(tx, rehost.project)
    require_open_to_agreed(tx, project, now)
    consent = consent_to(tx, rehost)
    role, lowest = _role_of_giver(tx, project, consent), tx.policies.current().lowest_evidence
    still_open = {item.id: item for item in _open_ones(tx, rehost_id, (item.id for item, _ in ready))}
    metadata = tx.rehosts.registration_metadata(rehost_id)
    # A registration is all or nothing: there, what is frozen refuses the others, too.
    freezes = tx.freezes.of_project(project.id) if metadata is None else []
    arrivals = []
    for item, arrival in ready:
        if item.id not in still_open:
            continue
        open_item = still_open[item.id]
        require_live(consent, item.id, arrival.digests.sha256, project, role)
        if frozen := objection(freezes, arrival.version, arrival.filename):
            tx.rehosts.put_item(rehost_id, kept_out(open_item, frozen.sentence))
            continue
        _require_evidence(replace(open_item, lowest=lowest))
        tx.rehosts.use_consent(consent.id, item.id, now)
        tx.rehosts.put_item(rehost_id, replace(open_item, is_published=True, problem=""))
        provenance = replace(arrival.provenance, published_by=consent.given_by)
        journey = journey_of_item(world.base_url, INSPECTOR, open_item, consent)
        arrivals.append(replace(arrival, provenance=provenance, journey=journey))
        watch_source(
            tx, project, open_item, policy=world.drift, clock=world.clock, agreed_at=consent.given_at
        )
    publish_files(tx, project, arrivals, policy=world.policy, actor=consent.given_by, at=now)
    if metadata is not None:
        if missing := [item.filename for item in tx.rehosts.plan(rehost).items if _is_open(item)]:
            names = ", ".join(missing)
            raise Invalid(f"Nothing was registered: {names} cannot be hosted any more.", code="files-refused")
        version = ReleaseVersion.parse_legacy(rehost.version)
        register(
            tx,
            project,
            version,
            metadata,
            description_html=description_html,
            actor=consent.given_by,
            at=now,
        )


def _require_evidence(item: Item) -> None:
    """``NeedsConsent`` when the index's policy publishes stronger evidence only, since the item was accepted."""
    if item.weakness:
        raise NeedsConsent(
            f"{item.filename} is not published. {item.weakness} Begin again, and name it with the answer.",
            code="evidence-too-weak",
        )


def _role_of_giver(tx: Transaction, project: Project, consent: Consent) -> Role | None:
    giver = tx.users.by_name(consent.given_by)
    return tx.projects.role_of(project.id, giver.id) if giver else None


def complete(world: World, rehost_id: int) -> None:
    """Every accepted item is hosted: published. Some could not be reached: partly, and tried again with backoff."""
    now = world.clock.now()
    with world.store.write() as tx:
        rehost = find_rehost(tx, rehost_id)
        if rehost.state is not State.PUBLISHING:
            return
        plan = tx.rehosts.plan(rehost)
        missing = [item for item in plan.items if _is_open(item)]
        published = [
            item.filename for item in plan.items if item.decision is Decision.ACCEPT and item.is_published
        ]
        if missing:
            _complete_partly(tx, rehost, missing, now)
            return
        project, consent = find_project(tx, rehost.project), consent_to(tx, rehost)
        left = _left_out(tx, project, rehost, plan)
        problem = "\n".join(f"Not hosted: {reason}" for reason in left)
        move(tx, rehost, Step.COMPLETE, now, problem=problem)
        tx.ledger.append(
            Kind.REHOST_COMPLETED,
            at=now,
            actor=consent.given_by,
            project=rehost.project,
            details={"rehost": rehost_id, "files": published},
        )
        if not published:
            # A registration changed what is said of a release that is hosted already.
            return
        facts = {
            "project": project.name.display,
            "told": counted(published),
            "files": published,
            "left": left[:_TOLD],
        }
        notice = write_notice(
            "rehost-completed", facts, path=f"/manage/rehosts/{rehost_id}", at=now, about=str(rehost_id)
        )
        tell_members(tx, project, notice)


def _left_out(tx: Transaction, project: Project, rehost: Rehost, plan: Plan) -> list[str]:
    """What an update of the cache could not take, and why; in a reviewed plan a person left it out."""
    standing = tx.standing_consents.of_project(project.id)
    if rehost.purpose is not Purpose.UPDATE_CACHE or standing is None:
        return []
    held_to = plan.under(tx.policies.current().lowest_evidence)
    return left_out(held_to, standing, tx.freezes.of_project(project.id))


def _complete_partly(tx: Transaction, rehost: Rehost, missing: Sequence[Item], now: datetime) -> None:
    problem = "\n".join(
        f"Still not hosted: {item.filename}: {item.problem or 'rejected'}" for item in missing
    )
    partly = move(tx, rehost, Step.COMPLETE_PARTLY, now, problem=problem, code="partly-published")
    _try_later(tx, partly, missing, now)


def _try_later(tx: Transaction, rehost: Rehost, missing: Sequence[Item], now: datetime) -> None:
    """Ask the clock for the next try of the first file that is to be tried again."""
    next_try_at = min((item.next_try_at for item in missing if item.next_try_at is not None), default=None)
    if next_try_at is not None:
        delay = max(0.0, (next_try_at - now).total_seconds())
        tx.jobs.enqueue(Job(Work.RETRY_REHOST, rehost.id, rehost.tries + 1, delay_seconds=delay))


def retry_later(world: World, rehost_id: int) -> None:
    """The clock tries again what is due of what was still unreachable; nothing happens when a person was faster."""
    now = world.clock.now()
    with world.store.write() as tx:
        rehost = find_rehost(tx, rehost_id)
        if rehost.state is not State.PARTLY_PUBLISHED:
            return
        missing = [item for item in tx.rehosts.plan(rehost).items if _is_open(item)]
        if not any(is_due(item, now) for item in missing):
            # A person was faster, or the time was set back: the next try comes when it is due.
            waiting = replace(rehost, tries=rehost.tries + 1)
            tx.rehosts.put(waiting)
            _try_later(tx, waiting, missing, now)
        else:
            require_open_to_agreed(tx, find_project(tx, rehost.project), now)
            again = move(tx, rehost, Step.RETRY, now, tries=1)
            tx.jobs.enqueue(Job(Work.PUBLISH_REHOST, rehost.id, again.tries))
