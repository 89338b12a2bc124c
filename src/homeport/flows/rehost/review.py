"""A person looks at the plan, and accepts, refuses, retries or withdraws."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from homeport.domain.account import Caller, Scope
from homeport.domain.consent import Basis, Consent, require_basis
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Invalid
from homeport.domain.evidence import Evidence, Level
from homeport.domain.fetching import Wish, wished
from homeport.domain.ledger import Kind
from homeport.domain.project import Project
from homeport.domain.rehost import (
    Bytes,
    Decision,
    Item,
    Plan,
    Purpose,
    Rehost,
    State,
    Step,
    acceptable,
    choose,
)
from homeport.domain.rights import require_admitted, require_role
from homeport.flows.manage_project import find_project
from homeport.flows.rehost.agree import agree, consent_to
from homeport.flows.rehost.fetch import enqueue_fetches
from homeport.flows.rehost.start import find_rehost, move, plan_job, rehost_unknown, require_open_outside
from homeport.ports.jobs import Job, Work
from homeport.ports.store import Transaction
from homeport.ports.world import World


@dataclass(frozen=True, slots=True)
class RehostView:
    """A rehost as its maintainer sees it; ``digest`` is what an acceptance must name."""

    rehost: Rehost
    project: Project
    plan: Plan
    digest: Sha256
    consent: Consent | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What a maintainer decided. ``accept`` holds item ids, ``None`` for everything acceptable.

    ``declared`` maps item ids to the sha256 the maintainer supplies or confirms for them.
    """

    shown_digest: Sha256
    basis: Basis
    text: str = ""
    accept: frozenset[int] | None = None
    declared: Mapping[int, Sha256] | None = None


def show_rehost(world: World, caller: Caller, rehost_id: int) -> RehostView:
    """Everything about a rehost, for a maintainer of its project."""
    with world.store.read() as tx:
        rehost, project = reached(tx, caller, rehost_id)
        plan = tx.rehosts.plan(rehost)
        return RehostView(rehost, project, plan, plan.digest(), tx.rehosts.consent(rehost_id))


def list_rehosts(world: World, caller: Caller, name: str) -> tuple[Rehost, ...]:
    """The rehosts of a project, newest first, for its maintainers."""
    with world.store.read() as tx:
        project = find_project(tx, name)
        require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id))
        return tuple(tx.rehosts.of_project(project.id))


def accept(world: World, caller: Caller, rehost_id: int, choice: Choice) -> Rehost:
    """Agree to the chosen items of the plan that was shown; publishing starts at once.

    Raises ``IllegalMove`` in a state that takes no answer, ``Conflict`` when the plan changed since, and
    ``NeedsConsent`` naming every item that cannot be accepted as it stands.
    """
    require_basis(choice.basis, choice.text)
    require_admitted(caller, world.accounts)
    now = world.clock.now()
    with world.store.write() as tx:
        rehost, project = reached(tx, caller, rehost_id)
        rehost.require(Step.CONSENT)
        require_open_outside(project)
        plan = tx.rehosts.plan(rehost)
        if plan.digest() != choice.shown_digest:
            raise Conflict(
                "The plan changed since it was shown: look at it again, then accept it.", code="plan-changed"
            )
        declared = _declare(plan, choice.declared or {})
        wanted = choice.accept if choice.accept is not None else acceptable(declared)
        chosen = choose(declared, wanted)
        agree(
            tx,
            rehost,
            plan,
            chosen,
            by=caller.user.name,
            basis=choice.basis,
            text=choice.text.strip(),
            at=now,
        )
        return find_rehost(tx, rehost_id)


def _declare(plan: Plan, declared: Mapping[int, Sha256]) -> Plan:
    """The plan with what the maintainer says of its bytes, or ``Invalid`` when the bytes say otherwise."""
    items = {item.id: item for item in plan.items}
    if unknown := sorted(declared.keys() - items.keys()):
        raise Invalid(f"The plan has no item {', '.join(map(str, unknown))}.", code="item-unknown")
    wrong = [
        f"{items[id_].filename}: its bytes have sha256 {known}, not {sha256}."
        for id_, sha256 in declared.items()
        if (known := items[id_].sha256) is not None and known != sha256
    ]
    if wrong:
        raise Invalid(
            "The sha256 you named is another one. " + " ".join(wrong), code="sha256-differs", problems=wrong
        )
    for id_, sha256 in declared.items():
        items[id_] = _declared(items[id_], sha256)
    return replace(plan, items=tuple(items.values()))


def _declared(item: Item, sha256: Sha256) -> Item:
    named = replace(item, declared_sha256=sha256.hex)
    is_attested = item.evidence is not None and item.evidence.level is Level.ATTESTED
    if item.bytes is not Bytes.HERE or is_attested:
        return named
    return replace(named, evidence=Evidence(Level.DECLARED, "The maintainer confirmed this sha256."))


def refuse(world: World, caller: Caller, rehost_id: int, reason: str = "") -> Rehost:
    """Want none of it; the plan stays on record."""
    now = world.clock.now()
    with world.store.write() as tx:
        rehost, _ = reached(tx, caller, rehost_id)
        tx.fetches.forget_all(rehost_id)
        refused = move(tx, rehost, Step.REFUSE, now, problem=reason or f"Refused by {caller.user.name}.")
        tx.ledger.append(
            Kind.REHOST_REFUSED,
            at=now,
            actor=caller.user.name,
            project=rehost.project,
            details={"rehost": rehost_id, "reason": reason},
        )
        return refused


def retry(world: World, caller: Caller, rehost_id: int) -> Rehost:
    """Try again what could not be reached: to plan it, or to publish the rest of it.

    A registration is not retried but repeated: its call is the consent, and a new call looks at new bytes.
    """
    now = world.clock.now()
    with world.store.write() as tx:
        rehost, project = reached(tx, caller, rehost_id)
        require_open_outside(project)
        if rehost.purpose is not Purpose.HISTORY:
            raise Conflict(
                f"A rehost by {rehost.purpose} is not retried: repeat the command that began it.",
                code="retry-of-call",
            )
        again = move(tx, rehost, Step.RETRY, now, tries=1)
        if again.state is State.PLANNING:
            _start_over(tx, rehost)
            tx.jobs.enqueue(plan_job(tx, project, again))
        else:
            tx.jobs.enqueue(Job(Work.PUBLISH_REHOST, rehost_id, again.tries))
        return again


def fetch(
    world: World, caller: Caller, rehost_id: int, wish: Wish, *, leave_out: frozenset[int] = frozenset()
) -> Rehost:
    """Get the bytes of files that the plan only lists, or could not reach; it is planned anew with them.

    ``leave_out`` are items whose bytes are here already and that were not chosen: that is remembered.
    """
    require_admitted(caller, world.accounts)
    now = world.clock.now()
    with world.store.write() as tx:
        rehost, project = reached(tx, caller, rehost_id)
        rehost.require(Step.FETCH)
        require_open_outside(project)
        plan = tx.rehosts.plan(rehost)
        chosen = wished(plan, wish)
        tx.rehosts.want(rehost_id, [item.id for item in chosen])
        for item in plan.items:
            if item.id in leave_out and item.bytes is Bytes.HERE:
                tx.rehosts.put_item(rehost_id, replace(item, decision=Decision.LEAVE_OUT))
        again = move(tx, rehost, Step.FETCH, now, tries=1)
        enqueue_fetches(tx, again)
        return again


def _start_over(tx: Transaction, rehost: Rehost) -> None:
    """Everything is looked at from the beginning: pages that were down may be up, files may be mended."""
    if tx.rehosts.consent(rehost.id) is None:
        tx.rehosts.put_findings(rehost.id, (), (), ())
        return
    # A plan that was consented to stays, as the record of what was published by it; the rest is fetched anew.
    for item in tx.rehosts.plan(rehost).items:
        if not item.is_published and item.bytes is not Bytes.LISTED:
            tx.rehosts.put_item(rehost.id, _unseen(item))


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
    )


def withdraw(world: World, caller: Caller, rehost_id: int) -> Rehost:
    """Take the consent back: nothing more is published; what is published stays (I-07)."""
    now = world.clock.now()
    with world.store.write() as tx:
        rehost, _ = reached(tx, caller, rehost_id)
        withdrawn = move(tx, rehost, Step.WITHDRAW, now, problem=f"Consent withdrawn by {caller.user.name}.")
        tx.rehosts.withdraw_consent(consent_to(tx, rehost).id, now)
        tx.ledger.append(
            Kind.CONSENT_WITHDRAWN,
            at=now,
            actor=caller.user.name,
            project=rehost.project,
            details={"rehost": rehost_id},
        )
        return withdrawn


def reached(tx: Transaction, caller: Caller, rehost_id: int) -> tuple[Rehost, Project]:
    """The rehost and its project, for who maintains it; for strangers there is none."""
    rehost = find_rehost(tx, rehost_id)
    project = find_project(tx, rehost.project)
    role = tx.projects.role_of(project.id, caller.user.id)
    if role is None:
        # Whoever counts through the numbers must not learn the names of projects.
        raise rehost_unknown(rehost_id)
    require_role(caller, Scope.MANAGE, project, role)
    return rehost, project
