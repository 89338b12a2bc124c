"""What could not be reached is tried again because a person asks: everything, or the files they name."""

from collections.abc import Sequence
from dataclasses import replace

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, Invalid
from homeport.domain.project import Project
from homeport.domain.rehost import Bytes, Decision, Item, Plan, Purpose, Rehost, State, Step
from homeport.domain.retries import try_now
from homeport.flows.live_caller import require_live
from homeport.flows.rehost.fetch import enqueue_fetches
from homeport.flows.rehost.review import missing_of, reached
from homeport.flows.rehost.start import (
    move,
    plan_job,
    require_open_outside,
    require_open_to_agreed,
)
from homeport.ports.jobs import Job, Work
from homeport.ports.store import Transaction
from homeport.ports.world import World


def retry(world: World, caller: Caller, rehost_id: int, filenames: Sequence[str] = ()) -> Rehost:
    """Try again at once: what was accepted and did not come, files of a plan that waits, or everything from the beginning.

    With ``filenames`` nothing but them; ``Invalid`` names those that could be. A registration is not retried but
    repeated: its call is the consent, and a new call looks at new bytes.
    """
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        rehost, project = reached(tx, caller, rehost_id)
        if rehost.state is State.PARTLY_PUBLISHED:
            require_open_to_agreed(tx, project, now)
        else:
            require_open_outside(tx, project, now)
        if rehost.purpose is not Purpose.HISTORY:
            raise Conflict(
                f"A rehost by {rehost.purpose} is not retried: repeat the command that began it.",
                code="retry-of-call",
            )
        rehost.require(Step.RETRY)
        named = _named(tx.rehosts.plan(rehost), rehost, filenames) if filenames else ()
        again = move(tx, rehost, Step.RETRY, now, tries=1)
        if rehost.state is State.PARTLY_PUBLISHED:
            for item in named or missing_of(tx.rehosts.plan(rehost), rehost):
                tx.rehosts.put_item(rehost_id, try_now(item, now))
            tx.jobs.enqueue(Job(Work.PUBLISH_REHOST, rehost_id, again.tries))
        elif named:
            tx.rehosts.want(rehost_id, [item.id for item in named])
            enqueue_fetches(tx, again)
        else:
            _start_over(tx, project, again)
        return again


def _named(plan: Plan, rehost: Rehost, filenames: Sequence[str]) -> list[Item]:
    if rehost.state is State.FAILED:
        raise Conflict(
            "This rehost failed, so everything is looked at again: retry it without naming files.",
            code="retry-of-all",
        )
    missing, named = missing_of(plan, rehost), frozenset(filenames)
    if unknown := sorted(named - {item.filename for item in missing}):
        known = ", ".join(dict.fromkeys(item.filename for item in missing)) or "none"
        raise Invalid(
            f"Nothing to try again: {', '.join(unknown)}. Files that could not be reached are: {known}.",
            code="item-unknown",
        )
    return [item for item in missing if item.filename in named]


def _start_over(tx: Transaction, project: Project, rehost: Rehost) -> None:
    """Everything is looked at from the beginning: pages that were down may be up, files may be mended."""
    if tx.rehosts.consent(rehost.id) is None:
        tx.rehosts.put_findings(rehost.id, (), (), ())
    else:
        # A plan that was consented to stays, as the record of what was published by it; the rest is fetched anew.
        for item in tx.rehosts.plan(rehost).items:
            if not item.is_published and item.bytes is not Bytes.LISTED:
                tx.rehosts.put_item(rehost.id, _unseen(item))
    tx.jobs.enqueue(plan_job(tx, project, rehost))


def _unseen(item: Item) -> Item:
    return replace(
        item,
        bytes=Bytes.WANTED,
        sha256=None,
        size_bytes=0,
        evidence=None,
        verdict=None,
        change="",
        declared_sha256="",
        decision=Decision.UNDECIDED,
        tries=0,
        next_try_at=None,
    )
