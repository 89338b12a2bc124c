"""Who is asking: accounts, passwords, tokens, and the first administrator's link."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urlsplit

from homeport.domain.account import (
    TOKEN_USER,
    Caller,
    User,
    require_email,
    require_password,
    require_user_name,
    token_digest,
)
from homeport.domain.digests import Sha256
from homeport.domain.errors import Forbidden, NotFound, Unauthenticated, check_all
from homeport.domain.ledger import Kind
from homeport.domain.throttle import Trier
from homeport.flows.administrators import tell_of_joining
from homeport.flows.attempts import count_failure, require_room
from homeport.ports.store import Transaction
from homeport.ports.world import World

SETUP_LINK_LASTS = timedelta(days=7)
NOT_KNOWN = "The user name or password, or the token, is not known here."


def host_of(world: World) -> str:
    """The index's own host: it belongs in no password."""
    return urlsplit(world.base_url).hostname or ""


def add_user(world: World, name: str, email: str, password: str | None, *, is_admin: bool) -> User:
    """A new account; without a password it can be used by tokens only."""
    _require_account(world, name, email, password)
    hashed = world.passwords.hash(password) if password is not None else None
    with world.store.write() as tx:
        return _add(world, tx, name, email, hashed, is_admin=is_admin)


def _require_account(world: World, name: str, email: str, password: str | None) -> None:
    """``Invalid`` with everything that is wrong with what an account begins with."""
    check_all(
        "The account",
        lambda: require_user_name(name),
        lambda: require_email(email),
        lambda: password is None or require_password(password, name, host_of(world)),
        code="account-invalid",
    )


def _add(world: World, tx: Transaction, name: str, email: str, hashed: str | None, *, is_admin: bool) -> User:
    now = world.clock.now()
    user = tx.users.add(name, email, hashed, is_admin=is_admin, at=now)
    tx.ledger.append(
        Kind.USER_ADDED, at=now, actor=name, project="", details={"user": name, "admin": is_admin}
    )
    if is_admin:
        tell_of_joining(tx, None, user, now)
    return user


def find_user(world: World, name: str) -> User:
    """The account of that name, or ``NotFound``."""
    with world.store.read() as tx:
        user = tx.users.by_name(name)
    if user is None:
        raise NotFound(f"There is no user {name}: add one with homeport user add.", code="user-unknown")
    return user


def sign_in(world: World, name: str, password: str, address: str = "") -> Caller:
    """The caller behind a user name and password, or ``__token__`` and a token; else ``Unauthenticated``.

    For programs: they can show nothing else, so a password is refused where its user has a second factor.
    """
    if name == TOKEN_USER:
        return sign_in_with_token(world, password)
    user = check_password(world, name, password, address)
    with world.store.read() as tx:
        has_second_factor = bool(tx.second_factors.of_user(user.id))
    if has_second_factor:
        raise Forbidden(
            f"{name} has a second factor, which a password alone would go around: sign in as __token__ with a token "
            f"({world.base_url}/account/tokens/, or homeport token create --user {name}).",
            code="password-not-enough",
        )
    return Caller(user, confirmed_at=world.clock.now())


@dataclass(frozen=True, slots=True)
class Shown:
    """Who has just shown a password, and what was stored of it then; ``repr`` does not show that."""

    user: User
    hashed: str | None = field(repr=False)

    def is_still_stored(self, tx: Transaction) -> bool:
        """False when the password was replaced, or the account disabled, since it was shown."""
        return tx.users.password_hash(self.user.id) == self.hashed


def check_password(world: World, name: str, password: str, address: str) -> User:
    """The user with that name and password, as ``show_password`` finds it."""
    return show_password(world, name, password, address).user


def show_password(world: World, name: str, password: str, address: str) -> Shown:
    """The user with that name and password, else ``Unauthenticated``; ``RateLimited`` after too many failures.

    ``address`` is where the try came from, empty when nobody knows.
    """
    trier = Trier(name, address)
    with world.store.read() as tx:
        require_room(world, tx, trier)
        user = tx.users.by_name(name)
        stored = tx.users.password_hash(user.id) if user else None
    # The hash is computed for unknown names too, so that time does not tell who has an account (T-27).
    if not world.passwords.matches(stored, password) or user is None:
        with world.store.write() as tx:
            count_failure(world, tx, trier)
        raise Unauthenticated(NOT_KNOWN, code="credentials-wrong")
    # Asked again: of guesses made side by side, the right one must not be answered past the limit either.
    with world.store.read() as tx:
        require_room(world, tx, trier)
    return Shown(user, stored)


def sign_in_with_token(world: World, text: str) -> Caller:
    """The caller behind a token, or ``Unauthenticated``."""
    digest = token_digest(text)
    if digest is None:
        raise Unauthenticated(NOT_KNOWN, code="credentials-wrong")
    with world.store.read() as tx:
        found = tx.tokens.by_digest(digest, world.clock.now())
    if found is None:
        raise Unauthenticated(NOT_KNOWN, code="credentials-wrong")
    token, user = found
    return Caller(user, token)


def offer_setup_link(world: World) -> str | None:
    """The secret of a fresh one-time link while there is no administrator yet, else ``None``."""
    with world.store.write() as tx:
        if tx.users.has_administrator():
            return None
        secret = world.clock.random_bytes(24).hex()
        tx.users.put_setup_link(Sha256.of(secret.encode()), world.clock.now() + SETUP_LINK_LASTS)
        return secret


def is_setup_link(world: World, secret: str) -> bool:
    """True while the link can be used."""
    with world.store.read() as tx:
        return not tx.users.has_administrator() and tx.users.has_setup_link(
            Sha256.of(secret.encode()), world.clock.now()
        )


def become_first_admin(world: World, secret: str, name: str, email: str, password: str) -> User:
    """Use the one-time link up and become the first administrator; ``NotFound`` when it cannot be used.

    It ends with the first administrator, whoever made that: a link in an old log must not make another. An account
    that was made in the terminal and has no password yet is taken over: both came from whoever runs the index.
    """
    _require_account(world, name, email, password)
    hashed = world.passwords.hash(password)
    with world.store.write() as tx:
        if tx.users.has_administrator() or not tx.users.take_setup_link(_digest(secret), world.clock.now()):
            raise NotFound(
                "This link was used or has ended: ask an administrator for an account, or, while there is none, "
                "restart the index to get a new link.",
                code="setup-link",
            )
        there = tx.users.by_name(name)
        if there is None or there.is_disabled or tx.users.password_hash(there.id) is not None:
            return _add(world, tx, name, email, hashed, is_admin=True)
        tx.users.put_password(there.id, hashed)
        tx.users.make_administrator(there.id)
        tx.ledger.append(
            Kind.ADMINISTRATOR_MADE, at=world.clock.now(), actor=name, project="", details={"user": name}
        )
        return replace(there, is_admin=True)


def _digest(secret: str) -> Sha256:
    return Sha256.of(secret.encode())
