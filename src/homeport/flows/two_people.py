"""The two-person rule where it counts: what takes two administrators is refused to one, in the transaction that would do it."""

from homeport.domain.errors import Conflict
from homeport.domain.proposal import Act, takes_two
from homeport.ports.store import Transaction

TAKES_TWO = "takes-two"


def require_one(tx: Transaction, act: Act) -> None:
    """``Conflict`` when the policy has two administrators do this."""
    if takes_two(act, tx.policies.current()):
        raise two_are_needed()


def two_are_needed() -> Conflict:
    """What one administrator alone is told."""
    return Conflict(
        "This takes two administrators here: propose it, and another one agrees (/admin/proposals/).",
        code=TAKES_TWO,
    )
