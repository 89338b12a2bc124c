"""A person's own account: made, its address verified or changed, its password changed or forgotten.

1. What opens an account is changed by its user in person: a token cannot give itself more (I-15).
2. Another password ends every session but the one that changed it, and every link to the account, also those on
   their way. Tokens stay: programs have them, and each is revoked by itself.
3. An address is verified when somebody who reads its mail has said so. Where mail is sent, another address takes the
   place of the old one only then, and the old one is told as soon as it is asked for.
4. Whether an address has an account is told to who reads its mail, and to nobody else (T-27).
"""

from dataclasses import dataclass
from datetime import datetime

from homeport.domain.account import Caller, User, require_email, require_open_name, require_password
from homeport.domain.account_link import HANDED_LASTS, LinkPurpose
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict, Forbidden, RateLimited, Unauthenticated, check_all
from homeport.domain.ledger import Kind
from homeport.domain.mail import LINKS_WITHIN, MOST_LINKS, forgotten_by
from homeport.domain.rights import require_fresh, require_in_person
from homeport.flows.account_links import (
    mail_taken,
    mail_verification,
    remember_verified,
    use_link,
    whose_link,
)
from homeport.flows.administrators import tell_of_link_used
from homeport.flows.attempts import count_asking
from homeport.flows.live_caller import require_live
from homeport.flows.notify import letter_of, tell, write_notice
from homeport.flows.sign_in import host_of, show_password
from homeport.ports.store import Transaction
from homeport.ports.world import World

ACCOUNT_PAGE = "/account/"
NO_MAIL = "This index sends no mail: ask an administrator."
_ENOUGH_MAIL = (
    "Enough mails with links were asked for lately. Look for them, also among the spam, or wait an hour."
)
_ASKED = "email-asked"


def sign_up(world: World, name: str, email: str, password: str, address: str = "") -> None:
    """A new account, made by who will use it; where mail is sent, its address gets a link to verify it.

    An e-mail address that has an account is answered like one that has none, and its owner is told by mail.
    ``address`` is where the request came from, empty when nobody knows.
    """
    if not world.accounts.sign_up_is_open:
        raise Forbidden(
            "Accounts are made by the administrators of this index: ask one.", code="sign-up-closed"
        )
    check_all(
        "The account",
        lambda: require_open_name(name),
        lambda: require_email(email),
        lambda: require_password(password, name, host_of(world)),
        code="account-invalid",
    )
    with world.store.write() as tx:
        # Counted by itself: a name that is taken rolls the rest back, and a hash has its price (T-28).
        count_asking(world, tx, address)
    hashed, now = world.passwords.hash(password), world.clock.now()
    with world.store.write() as tx:
        # Before the address, so that what is public, the name, is told alike whether there is one or not.
        if tx.users.by_name(name) or tx.organisations.by_name(name):
            raise Conflict(f"The name {name} is taken: choose another.", code="user-exists")
        owner = tx.users.by_email(email) if tx.mails.are_sent else None
        if owner is not None:
            mail_taken(tx, owner, f"a new account, {name}", now)
            return
        user = tx.users.add(name, email, hashed, is_admin=False, at=now)
        _record(tx, Kind.USER_ADDED, user, now, admin=False)
        mail_verification(tx, user, email, now)


def change_email(world: World, caller: Caller, email: str) -> bool:
    """Give the account another address, or verify the one it has.

    True when a link went to the address, and nothing is changed before it is used; False when the address was changed
    at once, because this index sends no mail.
    """
    require_in_person(caller)
    user, now = caller.user, world.clock.now()
    require_fresh(caller, now)
    require_email(email)
    with world.store.write() as tx:
        caller = require_live(tx, caller, now)
        if not tx.mails.are_sent:
            if email != user.email:
                _put_email(tx, user, email, None, now)
            return False
        if email != user.email:
            _ask_for(tx, user, email, now)
        elif not mail_verification(tx, user, email, now):
            raise _enough()
    return True


def _ask_for(tx: Transaction, user: User, email: str, now: datetime) -> None:
    """Write to another address. The limit is the user's own, and what became of the mail is not told (rule 4)."""
    if tx.notices.count(user.id, _ASKED, now - LINKS_WITHIN) >= MOST_LINKS:
        raise _enough()
    notice = write_notice(_ASKED, {"user": user.name}, path=ACCOUNT_PAGE, at=now)
    tell(tx, [user], notice, by_mail=False)
    # Also to an address that is not verified: whoever asks is signed in, and could read the inbox alone.
    tx.mails.add(letter_of(notice, user), now)
    owner = tx.users.by_email(email)
    if owner is None:
        mail_verification(tx, user, email, now)
    else:
        mail_taken(tx, owner, f"the account {user.name}", now)


def _enough() -> RateLimited:
    seconds = int(LINKS_WITHIN.total_seconds())
    return RateLimited(_ENOUGH_MAIL, code="mail-enough", retry_after_seconds=seconds)


def verify_email(world: World, secret: str) -> User:
    """Use a link up: its address is the account's, and verified."""
    now = world.clock.now()
    with world.store.write() as tx:
        user, link = use_link(world, tx, secret, LinkPurpose.VERIFY_EMAIL)
        _put_email(tx, user, link.email, now, now)
        tx.account_links.close(user.id, LinkPurpose.VERIFY_EMAIL)
        remember_verified(tx, secret, link, now)
    return user


def _put_email(tx: Transaction, user: User, email: str, verified_at: datetime | None, now: datetime) -> None:
    is_other = email != user.email
    tx.users.put_email(user.id, email, verified_at=verified_at)
    if is_other:
        # A link that lies in the old mailbox must not open the account any more.
        tx.account_links.close(user.id, LinkPurpose.SET_PASSWORD)
        _record(tx, Kind.EMAIL_CHANGED, user, now)
        # ``user`` is the account as it was: the old address learns of it.
        tell(tx, [user], write_notice("email-changed", {"user": user.name}, path=ACCOUNT_PAGE, at=now))
    if verified_at is not None:
        _record(tx, Kind.EMAIL_VERIFIED, user, now)


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """The password that is, and the one that shall be; ``address`` is where the request came from."""

    present: str
    wanted: str
    address: str = ""


def change_password(
    world: World, caller: Caller, change: PasswordChange, *, but: Sha256 | None = None
) -> None:
    """Replace one's own password; every session ends, except ``but``, the one that asks."""
    require_in_person(caller)
    user = caller.user
    require_password(change.wanted, user.name, host_of(world))
    try:
        shown = show_password(world, user.name, change.present, change.address)
    except Unauthenticated:
        raise _wrong() from None
    hashed = world.passwords.hash(change.wanted)
    with world.store.write() as tx:
        # Replaced meanwhile, also by a link: who knows the old one decides nothing any more.
        caller = require_live(tx, caller, world.clock.now())
        if not shown.is_still_stored(tx):
            raise _wrong()
        replace_password(tx, user, hashed, by=user.name, at=world.clock.now(), but=but)


def _wrong() -> Forbidden:
    return Forbidden("The present password is another one.", code="password-wrong")


def ask_reset(world: World, who: str, address: str = "") -> None:
    """Mail a link to set a password to the account of that name or address, if there is one with a verified address.

    Whether there is one is not even looked up here (``send_mails`` does): nobody learns it, from the time neither.
    """
    if world.mailer is None:
        raise Conflict(NO_MAIL, code="mail-off")
    with world.store.write() as tx:
        count_asking(world, tx, address)
        tx.mails.add(forgotten_by(who), world.clock.now())


def set_password_by_link(world: World, secret: str, password: str) -> User:
    """Use a link up, and set its account's password."""
    user, _ = whose_link(world, secret, LinkPurpose.SET_PASSWORD)
    hashed = world.passwords.hash(require_password(password, user.name, host_of(world)))
    now = world.clock.now()
    with world.store.write() as tx:
        user, _ = use_link(world, tx, secret, LinkPurpose.SET_PASSWORD)
        replace_password(tx, user, hashed, by=user.name, at=now)
        tell_of_link_used(tx, user, now)
        handed_at = tx.users.handed_at(user.id)
        if handed_at is not None and now <= handed_at + HANDED_LASTS:
            # It may be the link that an administrator made: whoever used it has the account from now on.
            tx.users.put_handed(user.id, now)
    return user


def replace_password(
    tx: Transaction, user: User, hashed: str, *, by: str, at: datetime, but: Sha256 | None = None
) -> None:
    """Store a password (rule 2), record it, and tell its user."""
    tx.users.put_password(user.id, hashed)
    tx.sessions.close_all(user.id, but=but)
    # Those to verify an address, too: whoever had the old password may have asked for them.
    tx.account_links.close(user.id)
    tx.mails.forget_links(user.id)
    tx.ledger.append(Kind.PASSWORD_CHANGED, at=at, actor=by, project="", details={"user": user.name})
    tell(tx, [user], write_notice("password-changed", {"user": user.name}, path=ACCOUNT_PAGE, at=at))


def _record(tx: Transaction, kind: Kind, user: User, at: datetime, **details: bool) -> None:
    tx.ledger.append(kind, at=at, actor=user.name, project="", details={"user": user.name, **details})
