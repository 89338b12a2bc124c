"""Addresses that take no mail: marked when a mail server says so for good, at once or by a report that comes later.

1. A mark is on the account, for the address that it has at that moment; it goes when the address is verified again, or
   becomes another one.
2. Who is marked gets no notices by mail: everything is in their inbox, they are told when they sign in, and
   administrators see whom to reach otherwise.
3. A report counts only for a mail that left here for that address and is still remembered: nobody can mark strangers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from homeport.domain.account import Caller, User, require_email
from homeport.domain.errors import NotFound
from homeport.domain.mail import Letter
from homeport.domain.rights import require_admin
from homeport.flows.pieces import AT_ONCE, pieces
from homeport.formats.delivery_report import read_report
from homeport.observe.events import event
from homeport.ports.store import Transaction
from homeport.ports.world import World

_LISTED = 500
_LONGEST_PROBLEM = 500


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Who has to be reached otherwise than by mail, since when and why."""

    user: User
    since: datetime


def show_unreachable(world: World, caller: Caller) -> Sequence[Unreachable]:
    """Whose address takes no mail, the newest first; so many as a page has room for."""
    require_admin(caller)
    with world.store.read() as tx:
        return [Unreachable(user, since) for user, since in tx.users.unreachable(limit=_LISTED)]


def every_unreachable(world: World, caller: Caller) -> Iterator[Sequence[tuple[User, datetime]]]:
    """All of them, piece by piece: who, and since when."""
    require_admin(caller)
    return pieces(
        world,
        lambda tx, after: tx.users.unreachable(after=after, limit=AT_ONCE),
        _place,
        None,
    )


def _place(one: tuple[User, datetime]) -> tuple[datetime, int] | None:
    user, since = one
    return since, user.id


def mark_refused(world: World, letter: Letter, problem: str) -> None:
    """Remember what the mail server said of the address that ``letter`` went to."""
    with world.store.write() as tx:
        user = tx.users.by_email(letter.recipient)
        if user is not None and user.id == letter.user_id:
            _mark(tx, user, problem, world.clock.now())


def mark_bounced(world: World, email: str, problem: str = "") -> User:
    """Mark an address by hand: for the shell, whose user saw the mail come back."""
    with world.store.write() as tx:
        user = tx.users.by_email(require_email(email))
        if user is None:
            raise NotFound(f"No account has the address {email}.", code="user-unknown")
        return _mark(tx, user, problem or "A mail came back.", world.clock.now())


def take_report(world: World, report: bytes) -> Sequence[User]:
    """Mark what a delivery report says of mails that left here; whose address that is."""
    bounces = read_report(report)
    with world.store.write() as tx:
        marked = []
        for bounce in bounces:
            mail = tx.mails.find(int(bounce.message_id.split(".")[1]))
            if mail is None or mail.message_id != bounce.message_id or mail.letter.user_id is None:
                continue
            user = tx.users.by_id(mail.letter.user_id)
            is_theirs = user is not None and user.email == mail.letter.recipient
            if user is not None and is_theirs and bounce.recipient.lower() == user.email.lower():
                marked.append(_mark(tx, user, f"A mail came back: {bounce.said}", world.clock.now()))
        return marked


def _mark(tx: Transaction, user: User, problem: str, at: datetime) -> User:
    tx.users.put_mail_problem(user.id, problem[:_LONGEST_PROBLEM], at)
    event("an address takes no mail", user=user.name)
    return tx.users.by_id(user.id) or user
