"""The two-person rule where it counts: what takes two administrators is refused to one, in the transaction that would do it."""

from datetime import datetime

from homeport.domain.account import Caller, User
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


def note_hand(tx: Transaction, by: Caller | None, user: User, at: datetime) -> None:
    """Remember that another administrator decided in whose hands the account of ``user`` is (``require_settled``).

    The shell acts for the account itself (ADR 0004): whoever has it could agree as anybody.
    """
    if by is not None and by.user.id != user.id:
        tx.users.put_handed(user.id, at)
