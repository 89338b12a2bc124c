"""A person looks at the plan, and accepts it, refuses it, or wants more of it fetched."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from homeport.domain.account import Caller, Scope
from homeport.domain.consent import Basis, Consent, read_grounds
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, IllegalMove, Invalid
from homeport.domain.fetching import Wish, require_bounded, wished
from homeport.domain.later_bytes import with_later_bytes
from homeport.domain.ledger import Kind
from homeport.domain.plan_choice import acceptable, choose
from homeport.domain.plan_draft import (
    PlanDraft,
    declarations,
    require_revision,
    review_items,
    ticked,
    with_sha256,
)
from homeport.domain.plan_expiry import LASTS, expires_at, is_over
from homeport.domain.project import Project, require_reason
from homeport.domain.rehost import (
    MOVES,
    Bytes,
    Decision,
    Item,
    Plan,
    Rehost,
    State,
    Step,
)
from homeport.domain.retries import is_missing
from homeport.domain.rights import require_admitted, require_role
from homeport.flows.live_caller import require_live
from homeport.flows.manage_project import find_project
from homeport.flows.rehost.agree import agree
from homeport.flows.rehost.cool import cooled_at, tell_of_cooling
from homeport.flows.rehost.fetch import enqueue_fetches
from homeport.flows.rehost.start import find_rehost, move, rehost_unknown, require_open_outside
from homeport.ports.store import Transaction
from homeport.ports.world import World


@dataclass(frozen=True, slots=True)
class RehostView:
    """A rehost as its maintainer sees it; ``digest`` is what an acceptance must name.

    ``expires_at`` is when a plan that waits will expire, ``cooled_at`` when files that were agreed to are published.
    """

    rehost: Rehost
    project: Project
    plan: Plan
    digest: Sha256
    consent: Consent | None
    expires_at: datetime | None = None
    cooled_at: datetime | None = None
    yanked: frozenset[str] = frozenset()
    """Names of hosted files that are yanked now, once the consent was withdrawn."""

    @property
    def missing(self) -> tuple[Item, ...]:
        """The files that were asked for in vain: of a plan that was agreed to, those that were accepted."""
        return missing_of(self.plan, self.rehost)


def missing_of(plan: Plan, rehost: Rehost) -> tuple[Item, ...]:
    """What can be tried again by its name."""
    is_open = rehost.state is State.PLANNED
    return tuple(
        item for item in plan.items if is_missing(item) and (is_open or item.decision is Decision.ACCEPT)
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """What a maintainer decided. ``accept`` holds item ids, ``None`` for everything acceptable.

    ``declared`` maps item ids to the sha256 the maintainer supplies or confirms for them; ``evidence`` is where the
    permission can be read, or its words. ``draft_revision`` is that of the saved draft that was shown with the plan.
    """

    shown_digest: Sha256
    basis: Basis
    text: str = ""
    accept: frozenset[int] | None = None
    declared: Mapping[int, Sha256] | None = None
    evidence: str = ""
    draft_revision: int | None = None


def show_rehost(world: World, caller: Caller, rehost_id: int) -> RehostView:
    """Everything about a rehost, for a maintainer of its project."""
    with world.store.read() as tx:
        return view_of(tx, caller, rehost_id)


def view_of(tx: Transaction, caller: Caller, rehost_id: int) -> RehostView:
    """The same, as it stands in this transaction."""
    rehost, project = reached(tx, caller, rehost_id)
    plan, consent = _plan_as_shown(tx, rehost, project), tx.rehosts.consent(rehost_id)
    yanked = (
        frozenset(file.filename for file in tx.files.of_project(project.id) if file.yanked is not None)
        if rehost.state is State.WITHDRAWN
        else frozenset()
    )
    return RehostView(
        rehost,
        project,
        plan,
        plan.digest(),
        consent,
        expires_at(rehost),
        cooled_at(tx, rehost, consent),
        yanked,
    )


def _plan_as_shown(tx: Transaction, rehost: Rehost, project: Project) -> Plan:
    """The plan, with what the index's policy does not publish as an obstacle, and with what sources gave since."""
    plan = tx.rehosts.plan(rehost).under(tx.policies.current().lowest_evidence)
    if rehost.state is not State.PLANNED:
        return plan
    return with_later_bytes(plan, tx.proofs.seen_since(project.id, rehost.created_at))


def list_rehosts(world: World, caller: Caller, name: str) -> tuple[Rehost, ...]:
    """The rehosts of a project, newest first, for its maintainers."""
    with world.store.read() as tx:
        project = find_project(tx, name)
        require_role(caller, Scope.MANAGE, project, tx.projects.role_of(project.id, caller.user.id))
        return tuple(tx.rehosts.of_project(project.id))


def require_unanswered(tx: Transaction, rehost: Rehost) -> None:
    """``IllegalMove``, with who answered it, unless the plan waits for its answer."""
    consent = tx.rehosts.consent(rehost.id)
    if consent is not None and Step.CONSENT not in MOVES[rehost.state]:
        raise IllegalMove(
            f"It was accepted already by {consent.given_by}: the rehost is {rehost.state} now.",
            code="rehost-move-illegal",
        )
    rehost.require(Step.CONSENT)


def accept(world: World, caller: Caller, rehost_id: int, choice: Choice) -> Rehost:
    """Agree to the chosen items of the plan that was shown; publishing starts at once.

    Raises ``IllegalMove`` in a state that takes no answer, ``Conflict`` when the plan changed since or has expired, and
    ``NeedsConsent`` naming every item that cannot be accepted as it stands.
    """
    grounds = read_grounds(choice.basis, choice.text, choice.evidence)
    require_admitted(caller, world.accounts)
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        rehost, project = reached(tx, caller, rehost_id)
        require_unanswered(tx, rehost)
        require_open_outside(tx, project, now)
        if is_over(rehost, now):
            raise Conflict(
                f"This plan waited {LASTS.days} days and has expired: make a new one (“Look for files” on the project's "
                f"page, or homeport plan {project.name}).",
                code="plan-expired",
            )
        plan = _plan_as_shown(tx, rehost, project)
        if plan.digest() != choice.shown_digest:
            raise Conflict(
                "The plan changed since it was shown: look at it again, then accept it.", code="plan-changed"
            )
        declared, wanted = _wanted(plan, tx.drafts.find(project.id, rehost.version), choice)
        chosen = choose(declared, wanted)
        agree(
            tx,
            rehost,
            plan,
            chosen,
            named=choice.declared,
            by=caller.user.name,
            grounds=grounds,
            at=now,
        )
        agreed = find_rehost(tx, rehost_id)
        tell_of_cooling(tx, project, agreed, [item.filename for item in chosen], now)
        return agreed


def _wanted(plan: Plan, draft: PlanDraft, choice: Choice) -> tuple[Plan, frozenset[int]]:
    """The plan with what is declared of it, and the items that are accepted: those that are named, or the draft's.

    ``Conflict`` when the draft is not the one that was shown, or there is one and the choice says nothing of it (T-12).
    """
    if choice.draft_revision is not None:
        require_revision(draft, plan, choice.draft_revision)
    if choice.accept is not None or not draft.revision:
        named = _declare(plan, choice.declared or {})
        return named, choice.accept if choice.accept is not None else acceptable(named)
    if choice.draft_revision is None:
        raise Conflict(
            f"{draft.saved_by} saved a review of this plan (revision {draft.revision}): look at it, then name that "
            "revision, or the files.",
            code="draft-not-named",
        )
    reviewed = review_items(plan, draft)
    # Whoever names the sha256 of a file wants the file.
    wanted = ticked(reviewed) | frozenset(choice.declared or {})
    return _declare(plan, {**declarations(reviewed, wanted), **(choice.declared or {})}), wanted


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
        items[id_] = with_sha256(items[id_], sha256.hex)
    return replace(plan, items=tuple(items.values()))


def refuse(world: World, caller: Caller, rehost_id: int, reason: str = "") -> Rehost:
    """Want none of it; the plan stays on record, and no standing consent brings its files home before somebody accepts them."""
    why = require_reason(reason)
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        rehost, _ = reached(tx, caller, rehost_id)
        tx.fetches.forget_all(rehost_id)
        told = f"Refused by {caller.user.name}{f': {why}' if why else '.'}"
        refused = move(tx, rehost, Step.REFUSE, now, problem=told)
        tx.ledger.append(
            Kind.REHOST_REFUSED,
            at=now,
            actor=caller.user.name,
            project=rehost.project,
            details={"rehost": rehost_id, "reason": why},
        )
        return refused


def fetch(
    world: World, caller: Caller, rehost_id: int, wish: Wish, *, leave_out: frozenset[int] = frozenset()
) -> Rehost:
    """Get the bytes of files that the plan only lists, or could not reach; it is planned anew with them.

    ``leave_out`` are items whose bytes are here already and that were not chosen: that is remembered.
    """
    require_bounded(wish)
    require_admitted(caller, world.accounts)
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        rehost, project = reached(tx, caller, rehost_id)
        rehost.require(Step.FETCH)
        require_open_outside(tx, project, now)
        plan = tx.rehosts.plan(rehost)
        chosen = wished(plan, wish)
        tx.rehosts.want(rehost_id, [item.id for item in chosen])
        for item in plan.items:
            if item.id in leave_out and item.bytes is Bytes.HERE:
                tx.rehosts.put_item(rehost_id, replace(item, decision=Decision.LEAVE_OUT))
        again = move(tx, rehost, Step.FETCH, now, tries=1)
        enqueue_fetches(tx, again)
        return again


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
