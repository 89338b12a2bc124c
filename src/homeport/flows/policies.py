"""The policy of the index is read by everybody, and changed by administrators in person.

1. A change is one entry of the ledger with what was and what is, and every other administrator is told.
2. Two who change it at once do not overwrite each other: the later one is shown what changed (``revision``).
3. The two-person rule begins only where there are two, and ends only by two.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict
from homeport.domain.hosting_policy import (
    Decided,
    HostingPolicy,
    changed_fields,
    decided_policy,
    takes_back_two,
)
from homeport.domain.ledger import Kind
from homeport.domain.rights import require_admin
from homeport.flows.live_caller import require_live
from homeport.flows.notify import tell, write_notice
from homeport.flows.pieces import AT_ONCE, pieces
from homeport.flows.rehost.cool import cool_sooner
from homeport.flows.two_people import require_two, two_are_needed
from homeport.ports.store import Transaction
from homeport.ports.world import World

PATH = "/admin/policies/"
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class PolicyView:
    """The policy that holds, and what was decided before it, newest first."""

    now: Decided
    history: Sequence[Decided]


def show_policy(world: World) -> PolicyView:
    """The policy for everybody who is bound by it."""
    with world.store.read() as tx:
        return PolicyView(tx.policies.newest(), tx.policies.decided(limit=_SHOWN))


def every_decision(world: World, caller: Caller) -> Iterator[Sequence[Decided]]:
    """All that was ever decided, newest first, piece by piece, for administrators."""
    require_admin(caller)
    return pieces(
        world,
        lambda tx, before: tx.policies.decided(before=before, limit=AT_ONCE),
        lambda one: one.revision,
        0,
    )


def change_policy(
    world: World, caller: Caller, changes: Mapping[str, str], reason: str, *, revision: int | None = None
) -> Decided:
    """Change these fields; ``revision`` is the one that the caller looked at, ``None`` for whichever holds.

    Raises ``Invalid`` with everything that is wrong, and ``Conflict`` when somebody else changed it meanwhile, when
    nothing would change, or when it takes two administrators.
    """
    require_admin(caller)
    now = world.clock.now()
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        require_admin(caller)
        there = tx.policies.newest()
        if revision is not None and revision != there.revision:
            raise Conflict(
                f"{there.by} changed the policy meanwhile (revision {there.revision}): look at it, then decide again.",
                code="policy-changed",
            )
        after, why = decided_policy(changes, there.policy, reason, now.date())
        if takes_back_two(there.policy, after):
            raise two_are_needed()
        return _put(tx, caller, after, why, now)


def put_policy(
    tx: Transaction, caller: Caller, changes: Mapping[str, str], reason: str, now: datetime
) -> Decided:
    """Let the policy hold with these changes, in the transaction of whoever may decide that."""
    after, why = decided_policy(changes, tx.policies.current(), reason, now.date())
    return _put(tx, caller, after, why, now)


def _put(tx: Transaction, caller: Caller, after: HostingPolicy, reason: str, now: datetime) -> Decided:
    before = tx.policies.current()
    if after == before:
        raise Conflict("The policy says that already: nothing changes.", code="policy-unchanged")
    # A rule begins here when going back to what was would end one.
    if takes_back_two(after, before):
        require_two(tx, now)
    return record_policy(tx, after, reason, by=caller.user.name, at=now)


def record_policy(tx: Transaction, after: HostingPolicy, reason: str, *, by: str, at: datetime) -> Decided:
    """Let ``after`` hold: its revision, one entry of the ledger, and a notice to every administrator but ``by``."""
    before = tx.policies.current()
    changed = changed_fields(before, after)
    decided = tx.policies.put(after, by=by, reason=reason, at=at)
    if after.cooling_time < before.cooling_time:
        cool_sooner(tx, at)
    tx.ledger.append(
        Kind.POLICY_CHANGED,
        at=at,
        actor=by,
        project="",
        details={
            "revision": decided.revision,
            "before": {name: old for name, (old, _) in changed.items()},
            "after": {name: new for name, (_, new) in changed.items()},
            "reason": reason,
        },
    )
    lines = [f"{name}: {old or 'nothing'} → {new or 'nothing'}" for name, (old, new) in changed.items()]
    facts = {"by": by, "reason": reason, "changes": lines}
    told = write_notice("policy-changed", facts, path=PATH, at=at)
    tell(tx, tx.users.administrators(), told, but_not=by)
    return decided
