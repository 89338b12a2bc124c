"""Who people are, as the database remembers it: accounts, sessions, tokens."""

from datetime import datetime
from typing import Protocol

from homeport.domain.account import Scope, Token, User
from homeport.domain.digests import Sha256


class Users(Protocol):
    """Accounts, their sessions, and the one-time link of a new index."""

    def add(self, name: str, email: str, password_hash: str | None, *, is_admin: bool, at: datetime) -> User:
        """A new account; raises ``Conflict`` when the name or address is taken."""
        ...

    def by_name(self, name: str) -> User | None:
        """The account of that name."""
        ...

    def password_hash(self, user_id: int) -> str | None:
        """What is stored of the password, if one was set."""
        ...

    def count(self) -> int:
        """How many accounts there are."""
        ...

    def put_password(self, user_id: int, password_hash: str) -> None:
        """Set, or replace, a password."""
        ...

    def make_administrator(self, user_id: int) -> None:
        """Let a user administer the index."""
        ...

    def has_administrator(self) -> bool:
        """True when somebody administers the index."""
        ...

    def open_session(self, secret: Sha256, user_id: int, *, at: datetime, until: datetime) -> None:
        """Remember a signed-in browser by the digest of its secret."""
        ...

    def session(self, secret: Sha256, now: datetime) -> User | None:
        """Whose session this is, while it lasts."""
        ...

    def close_session(self, secret: Sha256) -> None:
        """Forget a session."""
        ...

    def put_setup_link(self, secret: Sha256, until: datetime) -> None:
        """Remember the link that makes the first administrator; it replaces an earlier one."""
        ...

    def take_setup_link(self, secret: Sha256, now: datetime) -> bool:
        """Use the link up; False when there is no such link, or it ended."""
        ...

    def has_setup_link(self, secret: Sha256, now: datetime) -> bool:
        """True while the link can be used."""
        ...


class Tokens(Protocol):
    """API tokens, by the digest of their text."""

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
        """A new token."""
        ...

    def by_digest(self, digest: Sha256, now: datetime) -> tuple[Token, User] | None:
        """The token and its user, unless it expired."""
        ...
