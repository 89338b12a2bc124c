"""Administration of accounts: added, listed, given a link, disabled and enabled, made administrators.

1. It is done by an administrator in person, or (``by`` is ``None``) by whoever runs the index, at its own shell, which
   then acts for the account itself (ADR 0004).
2. There is always somebody who administers the index: the last one is neither disabled nor unmade.
3. A disabled account is opened by nothing: its sessions and links end, its password and tokens are refused. What it
   published stays, and its name is given to nobody else.
4. Every other administrator learns of a new one, and of what may put the account of one into other hands; whose account
   was in the hands of another is no second person for a while (``domain/proposal`` rule 5).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from homeport.domain.account import Caller, User, require_email, require_password, require_user_name
from homeport.domain.account_link import HANDED_LASTS, LinkPurpose, link_path
from homeport.domain.errors import Conflict, NotFound, check_all
from homeport.domain.ledger import Kind
from homeport.domain.rights import require_admin, require_fresh
from homeport.flows.account_links import new_link
from homeport.flows.accounts import ACCOUNT_PAGE, replace_password
from homeport.flows.administrators import Reset, doer, tell_of_joining, tell_of_reset
from homeport.flows.live_caller import require_live
from homeport.flows.notify import tell, write_notice
from homeport.flows.pieces import AT_ONCE, pieces
from homeport.flows.sign_in import host_of
from homeport.flows.two_people import note_hand
from homeport.ports.identity import Account
from homeport.ports.store import Transaction
from homeport.ports.world import World

PAGE_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """Some accounts; ``after`` asks for those that follow, and is empty when there are none."""

    accounts: Sequence[Account]
    after: str


@dataclass(frozen=True, slots=True)
class HandedLink:
    """A one-time link to set a password, for an administrator to hand on; it is not shown again."""

    user: User
    url: str
    until: datetime


def list_users(world: World, by: Caller | None, text: str = "", *, after: str = "") -> Listed:
    """The accounts whose name or address holds ``text``, by name."""
    _require_right(world, by, changes=False)
    with world.store.read() as tx:
        found = tx.users.search(text, after=after, limit=PAGE_LENGTH + 1)
    shown = found[:PAGE_LENGTH]
    return Listed(shown, shown[-1].user.name if len(found) > PAGE_LENGTH else "")


def every_account(world: World, by: Caller, text: str = "") -> Iterator[Sequence[Account]]:
    """All of :func:`list_users`, piece by piece."""
    _require_right(world, by, changes=False)
    return pieces(
        world,
        lambda tx, after: tx.users.search(text, after=after, limit=AT_ONCE),
        lambda one: one.user.name,
        "",
    )


def show_user(world: World, by: Caller | None, name: str) -> Account:
    """The account of that name."""
    _require_right(world, by, changes=False)
    with world.store.read() as tx:
        account = tx.users.account(name)
    if account is None:
        raise _unknown(name)
    return account


def invite_user(world: World, by: Caller | None, name: str, email: str, *, is_admin: bool) -> HandedLink:
    """A new account, and the link by which its user sets a password."""
    check_all(
        "The account", lambda: require_user_name(name), lambda: require_email(email), code="account-invalid"
    )
    now = world.clock.now()
    with _administering(world, by) as tx:
        user = tx.users.add(name, email, None, is_admin=is_admin, at=now)
        _record(tx, Kind.USER_ADDED, by, user, now, admin=is_admin)
        if is_admin:
            tell_of_joining(tx, by, user, now)
        note_hand(tx, by, user, now)
        return _hand_link(world, tx, user)


def make_link(world: World, by: Caller | None, name: str) -> HandedLink:
    """A link by which a user sets a password, to be handed on where no mail is sent."""
    now = world.clock.now()
    with _administering(world, by) as tx:
        user = _find(tx, name)
        if user.is_disabled:
            raise Conflict(f"{name} is disabled: enable the account first.", code="user-disabled")
        _record(tx, Kind.PASSWORD_LINK_MADE, by, user, now)
        note_hand(tx, by, user, now)
        facts = {"by": doer(by)}
        tell(tx, [user], write_notice("password-link", facts, path=ACCOUNT_PAGE, at=now))
        tell_of_reset(tx, by, user, Reset.LINK, now)
        return _hand_link(world, tx, user)


def _hand_link(world: World, tx: Transaction, user: User) -> HandedLink:
    secret = new_link(world, tx, user, LinkPurpose.SET_PASSWORD, user.email, HANDED_LASTS)
    url = world.base_url + link_path(LinkPurpose.SET_PASSWORD, secret)
    return HandedLink(user, url, world.clock.now() + HANDED_LASTS)


def set_password(world: World, name: str, password: str) -> None:
    """Set, or replace, the password of an account: for the shell alone, which may say whose."""
    hashed, now = world.passwords.hash(require_password(password, name, host_of(world))), world.clock.now()
    with world.store.write() as tx:
        user = _find(tx, name)
        replace_password(tx, user, hashed, by=user.name, at=now)
        tell_of_reset(tx, None, user, Reset.PASSWORD, now)


def disable_user(world: World, by: Caller | None, name: str) -> User:
    """Let nothing open the account any more."""
    now = world.clock.now()
    with _administering(world, by) as tx:
        user = _find(tx, name)
        if not user.is_disabled:
            _require_another_administrator(tx, user)
            tx.users.disable(user.id, now)
            tx.sessions.close_all(user.id)
            tx.account_links.close(user.id)
            _record(tx, Kind.USER_DISABLED, by, user, now)
        return _find(tx, name)


def enable_user(world: World, by: Caller | None, name: str) -> User:
    """Let the account be used again, with the password and the tokens it had."""
    now = world.clock.now()
    with _administering(world, by) as tx:
        user = _find(tx, name)
        if user.is_disabled:
            tx.users.enable(user.id)
            _record(tx, Kind.USER_ENABLED, by, user, now)
            tell_of_reset(tx, by, user, Reset.ENABLED, now)
            note_hand(tx, by, user, now)
        return _find(tx, name)


def promote_user(world: World, by: Caller | None, name: str) -> User:
    """Let a user administer the index."""
    now = world.clock.now()
    with _administering(world, by) as tx:
        user = _find(tx, name)
        if not user.is_admin:
            tx.users.make_administrator(user.id)
            _record(tx, Kind.ADMINISTRATOR_MADE, by, user, now)
            tell_of_joining(tx, by, user, now)
            note_hand(tx, by, user, now)
            facts = {"by": doer(by)}
            tell(tx, [user], write_notice("administrator-made", facts, path="/manage/", at=now))
        return _find(tx, name)


def demote_user(world: World, by: Caller | None, name: str) -> User:
    """Let a user administer the index no longer."""
    now = world.clock.now()
    with _administering(world, by) as tx:
        user = _find(tx, name)
        if user.is_admin:
            _require_another_administrator(tx, user)
            tx.users.unmake_administrator(user.id)
            _record(tx, Kind.ADMINISTRATOR_UNMADE, by, user, now)
            facts = {"by": doer(by)}
            tell(tx, [user], write_notice("administrator-unmade", facts, path="/manage/", at=now))
        return _find(tx, name)


def _require_right(world: World, by: Caller | None, *, changes: bool = True) -> None:
    if by is not None:
        require_admin(by)
        if changes:
            require_fresh(by, world.clock.now())


@contextmanager
def _administering(world: World, by: Caller | None) -> Iterator[Transaction]:
    """A transaction of an administrator, who is asked for before it and again inside; nobody means the shell."""
    _require_right(world, by)
    with world.store.write() as tx:
        if by is not None:
            require_admin(require_live(tx, by, world.clock.now()))
        yield tx


def _require_another_administrator(tx: Transaction, user: User) -> None:
    if user.is_admin and not user.is_disabled and tx.users.count_administrators() == 1:
        raise Conflict(
            f"{user.name} is the only administrator: make another one first.", code="last-administrator"
        )


def _find(tx: Transaction, name: str) -> User:
    user = tx.users.by_name(name)
    if user is None:
        raise _unknown(name)
    return user


def _unknown(name: str) -> NotFound:
    return NotFound(f"There is no user {name}.", code="user-unknown")


def _actor(by: Caller | None, user: User) -> str:
    return by.user.name if by else user.name


def _record(
    tx: Transaction, kind: Kind, by: Caller | None, user: User, at: datetime, **details: bool
) -> None:
    actor = _actor(by, user)
    tx.ledger.append(kind, at=at, actor=actor, project="", details={"user": user.name, **details})
