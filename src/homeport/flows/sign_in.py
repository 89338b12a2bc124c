"""Who is asking: accounts, passwords, tokens, sessions, and the first administrator's link."""

from dataclasses import dataclass, replace
from datetime import timedelta

from homeport.domain.account import (
    TOKEN_RANDOM_BYTES,
    TOKEN_USER,
    Caller,
    Scope,
    User,
    require_email,
    require_password,
    require_user_name,
    token_digest,
    token_text,
)
from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid, NotFound, Unauthenticated
from homeport.domain.ledger import Kind
from homeport.domain.names import ProjectName
from homeport.flows.manage_project import find_project
from homeport.ports.store import Transaction
from homeport.ports.world import World

SESSION_LASTS = timedelta(hours=12)
SETUP_LINK_LASTS = timedelta(days=7)
_NO = "The user name or password, or the token, is not known here."


def add_user(world: World, name: str, email: str, password: str | None, *, is_admin: bool) -> User:
    """A new account; without a password it can be used by tokens only."""
    require_user_name(name)
    require_email(email)
    hashed = world.passwords.hash(require_password(password)) if password is not None else None
    with world.store.write() as tx:
        return _add(world, tx, name, email, hashed, is_admin=is_admin)


def _add(world: World, tx: Transaction, name: str, email: str, hashed: str | None, *, is_admin: bool) -> User:
    now = world.clock.now()
    user = tx.users.add(name, email, hashed, is_admin=is_admin, at=now)
    tx.ledger.append(
        Kind.USER_ADDED, at=now, actor=name, project="", details={"user": name, "admin": is_admin}
    )
    return user


def find_user(world: World, name: str) -> User:
    """The account of that name, or ``NotFound``."""
    with world.store.read() as tx:
        user = tx.users.by_name(name)
    if user is None:
        raise NotFound(f"There is no user {name}: add one with homeport user add.", code="user-unknown")
    return user


@dataclass(frozen=True, slots=True)
class TokenWish:
    """What a new token shall be good for; no ``projects`` means all of its user's."""

    scopes: frozenset[Scope]
    projects: tuple[str, ...] = ()
    lasts: timedelta | None = None


def create_token(world: World, user: User, wish: TokenWish) -> str:
    """The text of a new token: shown now, stored only as its digest."""
    text, now = token_text(world.clock.random_bytes(TOKEN_RANDOM_BYTES)), world.clock.now()
    if wish.lasts is not None and wish.lasts <= timedelta(0):
        raise Invalid("A token must last for some time: for example 90d.", code="token-expired")
    with world.store.write() as tx:
        projects = frozenset(_token_project(tx, name) for name in wish.projects)
        tx.tokens.add(
            Sha256.of(text.encode()),
            user.id,
            scopes=wish.scopes,
            projects=projects,
            at=now,
            expires_at=now + wish.lasts if wish.lasts is not None else None,
        )
    return text


def _token_project(tx: Transaction, name: str) -> str:
    return find_project(tx, ProjectName.parse(name).display).name.normalized


def sign_in(world: World, name: str, password: str) -> Caller:
    """The caller behind a user name and password, or ``__token__`` and a token; else ``Unauthenticated``."""
    if name == TOKEN_USER:
        return sign_in_with_token(world, password)
    with world.store.read() as tx:
        user = tx.users.by_name(name)
        stored = tx.users.password_hash(user.id) if user else None
    # The hash is computed for unknown names too, so that time does not tell who has an account (T-27).
    if not world.passwords.matches(stored, password) or user is None:
        raise Unauthenticated(_NO, code="credentials-wrong")
    return Caller(user)


def sign_in_with_token(world: World, text: str) -> Caller:
    """The caller behind a token, or ``Unauthenticated``."""
    digest = token_digest(text)
    if digest is None:
        raise Unauthenticated(_NO, code="credentials-wrong")
    with world.store.read() as tx:
        found = tx.tokens.by_digest(digest, world.clock.now())
    if found is None:
        raise Unauthenticated(_NO, code="credentials-wrong")
    token, user = found
    return Caller(user, token)


def open_session(world: World, user: User) -> str:
    """A fresh secret for the browser of a user who has just shown who they are."""
    secret, now = world.clock.random_bytes(32).hex(), world.clock.now()
    with world.store.write() as tx:
        tx.users.open_session(Sha256.of(secret.encode()), user.id, at=now, until=now + SESSION_LASTS)
    return secret


def session_user(world: World, secret: str) -> User | None:
    """Whose browser this is."""
    with world.store.read() as tx:
        return tx.users.session(Sha256.of(secret.encode()), world.clock.now())


def close_session(world: World, secret: str) -> None:
    """Sign a browser out."""
    with world.store.write() as tx:
        tx.users.close_session(Sha256.of(secret.encode()))


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
    require_user_name(name)
    require_email(email)
    hashed = world.passwords.hash(require_password(password))
    with world.store.write() as tx:
        if tx.users.has_administrator() or not tx.users.take_setup_link(_digest(secret), world.clock.now()):
            raise NotFound(
                "This link was used or has ended: ask an administrator for an account, or, while there is none, "
                "restart the index to get a new link.",
                code="setup-link",
            )
        there = tx.users.by_name(name)
        if there is None or tx.users.password_hash(there.id) is not None:
            return _add(world, tx, name, email, hashed, is_admin=True)
        tx.users.put_password(there.id, hashed)
        tx.users.make_administrator(there.id)
        tx.ledger.append(
            Kind.ADMINISTRATOR_MADE, at=world.clock.now(), actor=name, project="", details={"user": name}
        )
        return replace(there, is_admin=True)


def set_password(world: World, name: str, password: str) -> None:
    """Set, or replace, the password of an account; the shell that asks is trusted to say whose."""
    hashed = world.passwords.hash(require_password(password))
    user = find_user(world, name)
    with world.store.write() as tx:
        tx.users.put_password(user.id, hashed)


def _digest(secret: str) -> Sha256:
    return Sha256.of(secret.encode())
