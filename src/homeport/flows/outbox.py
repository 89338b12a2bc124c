"""The outbox as administrators see it: what waits, what could not be sent and why, and whether mail works at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from homeport.domain.account import Caller
from homeport.domain.errors import Conflict, NotFound
from homeport.domain.mail import Mail
from homeport.domain.rights import require_admin
from homeport.flows.accounts import NO_MAIL
from homeport.flows.live_caller import require_live
from homeport.flows.notify import letter_of, write_notice
from homeport.flows.pieces import AT_ONCE, pieces
from homeport.ports.store import Transaction
from homeport.ports.world import World

_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Outbox:
    """How many mails wait, and those that could not be sent, newest first."""

    are_sent: bool
    waiting: int
    troubled: Sequence[Mail]


def show_outbox(world: World, caller: Caller) -> Outbox:
    """What an administrator has to know of mail."""
    require_admin(caller)
    with world.store.read() as tx:
        return Outbox(tx.mails.are_sent, tx.mails.waiting(), tx.mails.troubled(limit=_SHOWN))


def every_troubled(world: World, caller: Caller) -> Iterator[Sequence[Mail]]:
    """All that could not be sent, newest first, piece by piece."""
    require_admin(caller)
    return pieces(
        world,
        lambda tx, before: tx.mails.troubled(before=before, limit=AT_ONCE),
        lambda one: one.id,
        0,
    )


def try_mail_again(world: World, caller: Caller, mail_id: int) -> None:
    """Send a mail that was given up, or waits, at once."""
    require_admin(caller)
    with world.store.write() as tx:
        caller = require_live(tx, caller, world.clock.now())
        tx.mails.put(_find(tx, mail_id).again(world.clock.now()))


def drop_mail(world: World, caller: Caller, mail_id: int) -> None:
    """Give a mail up, and forget it."""
    require_admin(caller)
    with world.store.write() as tx:
        caller = require_live(tx, caller, world.clock.now())
        tx.mails.forget(_find(tx, mail_id).id)


def send_test_mail(world: World, caller: Caller) -> None:
    """Write the administrator a mail, verified address or not: it is their own doing."""
    require_admin(caller)
    with world.store.write() as tx:
        caller = require_live(tx, caller, world.clock.now())
        if not tx.mails.are_sent:
            raise Conflict(NO_MAIL, code="mail-off")
        notice = write_notice("test-mail", {}, path="/admin/mails/", at=world.clock.now())
        tx.mails.add(letter_of(notice, caller.user), notice.at)


def _find(tx: Transaction, mail_id: int) -> Mail:
    mail = tx.mails.find(mail_id)
    if mail is None or mail.sent_at is not None:
        raise NotFound("This mail has left, or was dropped.", code="mail-unknown")
    return mail
