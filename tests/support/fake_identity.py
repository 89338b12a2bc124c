"""The fake store's accounts, sessions and tokens."""

from dataclasses import replace
from datetime import datetime

from tests.support.fake_tables import Tables

from homeport.domain.account import Scope, Token, User
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict


class FakeUsers:
    """``ports.store.Users``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, name: str, email: str, password_hash: str | None, *, is_admin: bool, at: datetime) -> User:
        """See the port."""
        if any(name == user.name or email == user.email for user in self._tables.users.values()):
            raise Conflict(f"There is already an account {name} or {email}.", code="user-exists")
        user = User(self._tables.fresh_id("users"), name, email, is_admin)
        self._tables.users[user.id] = user
        self._tables.password_hashes[user.id] = password_hash
        return user

    def by_name(self, name: str) -> User | None:
        """See the port."""
        return next((user for user in self._tables.users.values() if user.name == name), None)

    def password_hash(self, user_id: int) -> str | None:
        """See the port."""
        return self._tables.password_hashes.get(user_id)

    def count(self) -> int:
        """See the port."""
        return len(self._tables.users)

    def put_password(self, user_id: int, password_hash: str) -> None:
        """See the port."""
        self._tables.password_hashes[user_id] = password_hash

    def make_administrator(self, user_id: int) -> None:
        """See the port."""
        self._tables.users[user_id] = replace(self._tables.users[user_id], is_admin=True)

    def has_administrator(self) -> bool:
        """See the port."""
        return any(user.is_admin for user in self._tables.users.values())

    def open_session(self, secret: Sha256, user_id: int, *, at: datetime, until: datetime) -> None:
        """See the port."""
        self._tables.sessions[secret] = (user_id, until)

    def session(self, secret: Sha256, now: datetime) -> User | None:
        """See the port."""
        user_id, until = self._tables.sessions.get(secret, (0, now))
        return self._tables.users[user_id] if now < until else None

    def close_session(self, secret: Sha256) -> None:
        """See the port."""
        self._tables.sessions.pop(secret, None)

    def put_setup_link(self, secret: Sha256, until: datetime) -> None:
        """See the port."""
        self._tables.setup_links = {secret: until}

    def take_setup_link(self, secret: Sha256, now: datetime) -> bool:
        """See the port."""
        is_usable = self.has_setup_link(secret, now)
        if is_usable:
            del self._tables.setup_links[secret]
        return is_usable

    def has_setup_link(self, secret: Sha256, now: datetime) -> bool:
        """See the port."""
        return now < self._tables.setup_links.get(secret, now)


class FakeTokens:
    """``ports.store.Tokens``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(
        self,
        digest: Sha256,
        user_id: int,
        *,
        scopes: frozenset[Scope],
        projects: frozenset[str],
        at: datetime,
        expires_at: datetime | None,
    ) -> None:
        """See the port."""
        user = self._tables.users[user_id].name
        token = Token(self._tables.fresh_id("tokens"), user, scopes, projects, at, expires_at)
        self._tables.tokens[digest] = (token, user_id)

    def by_digest(self, digest: Sha256, now: datetime) -> tuple[Token, User] | None:
        """See the port."""
        if digest not in self._tables.tokens:
            return None
        token, user_id = self._tables.tokens[digest]
        if token.expires_at is not None and token.expires_at <= now:
            return None
        return token, self._tables.users[user_id]
