"""Administrators are told what happens to the accounts of others of them: who takes one over has the whole index.

1. Every administrator is told but whose account it is, who is told by a notice of their own, and who did it.
2. What is done at the shell is done by whoever runs the index; whom it is told then is everybody else.
"""

from datetime import datetime
from enum import StrEnum

from homeport.domain.account import Caller, User
from homeport.flows.notify import tell, write_notice
from homeport.ports.notices import Notice
from homeport.ports.store import Transaction

_THE_SHELL = "Whoever runs this index"


class Reset(StrEnum):
    """What may put an account into other hands, as a sentence says it between who did it and whose account it is."""

    LINK = "made a link that sets the password of"
    PASSWORD = "set the password of"  # noqa: S105 - no password
    FACTORS = "removed the second factors of"
    ENABLED = "enabled the account of"


def doer(by: Caller | None) -> str:
    """Who does something to an account, as a sentence about it begins (rule 2)."""
    return by.user.name if by else _THE_SHELL


def tell_of_joining(tx: Transaction, by: Caller | None, user: User, at: datetime) -> None:
    """Tell the others that ``user`` administers the index from now on."""
    facts = {"by": by.user.name if by else user.name, "user": user.name}
    _tell(tx, by, user, write_notice("administrator-joined", facts, path=_page(user), at=at))


def tell_of_reset(tx: Transaction, by: Caller | None, user: User, reset: Reset, at: datetime) -> None:
    """Tell the others, when ``user`` administers the index, what was done to the account."""
    if user.is_admin:
        _tell_of(tx, by, user, f"{doer(by)} {reset} {user.name}", at)


def tell_of_link_used(tx: Transaction, user: User, at: datetime) -> None:
    """The same when the password was set by a link, by whoever had it."""
    if user.is_admin:
        _tell_of(tx, None, user, f"Somebody used a link that sets the password of {user.name}", at)


def _tell_of(tx: Transaction, by: Caller | None, user: User, what: str, at: datetime) -> None:
    facts = {"what": what, "user": user.name}
    _tell(tx, by, user, write_notice("administrator-reset", facts, path=_page(user), at=at))


def _tell(tx: Transaction, by: Caller | None, user: User, notice: Notice) -> None:
    others = [one for one in tx.users.administrators() if one.id != user.id]
    tell(tx, others, notice, but_not=by.user.name if by else "")


def _page(user: User) -> str:
    return f"/admin/users/{user.name}/"
