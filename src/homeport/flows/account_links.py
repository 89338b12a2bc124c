"""One-time links: written into mails, handed to administrators, looked at.

1. A mailed link is made when its mail leaves (``send_mails``): until then there is no secret to lose.
2. Few mails with links go to one address within an hour: nobody's mailbox is flooded.
3. A link to set a password counts while its account has the address that it was made for.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from homeport.domain.account import User
from homeport.domain.account_link import SECRET_BYTES, AccountLink, LinkPurpose
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, NotFound
from homeport.domain.mail import LINKS_WITHIN, MOST_LINKS
from homeport.flows.notify import letter_of, write_notice
from homeport.ports.notices import Notice
from homeport.ports.store import Transaction
from homeport.ports.world import World


def new_link(
    world: World, tx: Transaction, user: User, purpose: LinkPurpose, email: str, lasts: timedelta
) -> str:
    """The secret of a fresh link: only its digest is kept."""
    secret, now = world.clock.random_bytes(SECRET_BYTES).hex(), world.clock.now()
    tx.account_links.add(digest_of(secret), AccountLink(purpose, user.id, email, now + lasts), now)
    return secret


def mail_verification(tx: Transaction, user: User, email: str, at: datetime) -> bool:
    """Write ``email`` a link that makes it the verified address of ``user``; False when there were enough lately."""
    notice = write_notice("verify-address", {"user": user.name}, path="", at=at)
    return _mail(tx, user, LinkPurpose.VERIFY_EMAIL, email, notice)


def mail_reset(tx: Transaction, user: User, at: datetime) -> bool:
    """Write ``user`` a link to set a password; False when there were enough lately."""
    notice = write_notice("set-password", {"user": user.name}, path="", at=at)
    return _mail(tx, user, LinkPurpose.SET_PASSWORD, user.email, notice)


def mail_taken(tx: Transaction, owner: User, wish: str, at: datetime) -> None:
    """Tell ``owner`` that somebody wants their address for ``wish``."""
    if owner.is_disabled:
        return
    if not owner.is_verified:
        # Whoever reads the mail decides which account the address belongs to.
        mail_verification(tx, owner, owner.email, at)
        return
    notice = write_notice("address-taken", {"user": owner.name, "wish": wish}, path="", at=at)
    _mail(tx, owner, LinkPurpose.SET_PASSWORD, owner.email, notice)


def _mail(tx: Transaction, user: User, purpose: LinkPurpose, email: str, notice: Notice) -> bool:
    if tx.mails.links_since(notice.at - LINKS_WITHIN, recipient=email) >= MOST_LINKS:
        return False
    tx.mails.add(replace(letter_of(notice, user), recipient=email, purpose=purpose), notice.at)
    return True


def whose_link(world: World, secret: str, purpose: LinkPurpose) -> tuple[User, AccountLink]:
    """The account that a link is to, and the link, or ``NotFound`` when it cannot be used. Nothing changes."""
    with world.store.read() as tx:
        link = tx.account_links.find(digest_of(secret), purpose, world.clock.now())
        if link is None and purpose is LinkPurpose.VERIFY_EMAIL:
            _require_not_verified(tx, secret, world.clock.now())
        return _opened(tx, link)


def remember_verified(tx: Transaction, secret: str, link: AccountLink, at: datetime) -> None:
    """Who opens a link again that has verified their address is told so, for as long as it would have counted."""
    tx.account_links.add(digest_of(secret), replace(link, purpose=LinkPurpose.VERIFIED), at)


def _require_not_verified(tx: Transaction, secret: str, now: datetime) -> None:
    used = tx.account_links.find(digest_of(secret), LinkPurpose.VERIFIED, now)
    user = tx.users.by_id(used.user_id) if used else None
    if used and user and user.is_verified and user.email == used.email and not user.is_disabled:
        raise Conflict("This link was used: the address is verified already. Sign in.", code="link-verified")


def use_link(world: World, tx: Transaction, secret: str, purpose: LinkPurpose) -> tuple[User, AccountLink]:
    """The same, and the link is used up with what else the transaction does."""
    link = tx.account_links.take(digest_of(secret), purpose, world.clock.now())
    if link is None and purpose is LinkPurpose.VERIFY_EMAIL:
        _require_not_verified(tx, secret, world.clock.now())
    return _opened(tx, link)


def _opened(tx: Transaction, link: AccountLink | None) -> tuple[User, AccountLink]:
    user = tx.users.by_id(link.user_id) if link else None
    if link is None or user is None or user.is_disabled or not is_meant(link.purpose, link.email, user):
        raise NotFound(
            "This link was used or has ended. Ask for a new one where you asked for this one.",
            code="link-ended",
        )
    return user, link


def is_meant(purpose: LinkPurpose, email: str, user: User) -> bool:
    """False when ``user`` has another address than the one that a link to set a password was for (rule 3)."""
    return purpose is not LinkPurpose.SET_PASSWORD or email == user.email


def digest_of(secret: str) -> Sha256:
    """What a link is stored by."""
    return Sha256.of(secret.encode())
