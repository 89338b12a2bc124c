"""The two-person rule where it counts: what takes two administrators is refused to one, in the transaction that would do it."""

from datetime import datetime

from homeport.domain.account import Caller, User
from homeport.domain.errors import Conflict
from homeport.domain.proposal import (
    Act,
    Proposal,
    is_settled,
    require_settled,
    require_two_settled,
    takes_two,
)
from homeport.ports.store import Transaction

TAKES_TWO = "takes-two"


def require_one(tx: Transaction, act: Act) -> None:
    """``Conflict`` when the policy has two administrators do this."""
    if takes_two(act, tx.policies.current()):
        raise two_are_needed()


def require_two(tx: Transaction, now: datetime) -> None:
    """``Conflict`` unless there are two administrators whose accounts count by themselves: nobody else ends such a rule."""
    require_two_settled({one.name: tx.users.handed_at(one.id) for one in tx.users.administrators()}, now)


def require_counting(tx: Transaction, by: Caller, now: datetime, asked: Proposal | None = None) -> None:
    """``Forbidden`` while the account of ``by`` does not count by itself, with who could do it instead (``require_settled``)."""
    parties = {by.user.id, asked.user_id if asked else 0}
    others = (one for one in tx.users.administrators() if one.id not in parties)
    others_do = any(is_settled(tx.users.handed_at(one.id), now) for one in others)
    require_settled(tx.users.handed_at(by.user.id), now, asked, others_do=others_do)


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
