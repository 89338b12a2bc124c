"""Who people are, as the database remembers it: accounts and tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from homeport.domain.account import Scope, Token, User
from homeport.domain.account_link import AccountLink, LinkPurpose
from homeport.domain.digests import Sha256


@dataclass(frozen=True, slots=True)
class Account:
    """An account as administrators see it."""

    user: User
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool


class Users(Protocol):
    """Accounts, and the one-time link of a new index."""

    def add(self, name: str, email: str, password_hash: str | None, *, is_admin: bool, at: datetime) -> User:
        """A new account; raises ``Conflict`` when the name, also as an organisation's, or the address is taken."""
        ...

    def by_name(self, name: str) -> User | None:
        """The account of that name."""
        ...

    def by_email(self, email: str) -> User | None:
        """The account with that address, verified or not."""
        ...

    def by_id(self, user_id: int) -> User | None:
        """The account of that id."""
        ...

    def account(self, name: str) -> Account | None:
        """The account of that name, as administrators see it."""
        ...

    def search(self, text: str, *, after: str, limit: int) -> Sequence[Account]:
        """Accounts whose name or address holds ``text``, by name, from the first name after ``after`` on."""
        ...

    def password_hash(self, user_id: int) -> str | None:
        """What is stored of the password; ``None`` when none was set, and when the account is disabled."""
        ...

    def count(self) -> int:
        """How many accounts there are."""
        ...

    def put_password(self, user_id: int, password_hash: str) -> None:
        """Set, or replace, a password."""
        ...

    def put_email(self, user_id: int, email: str, *, verified_at: datetime | None) -> None:
        """Set the address; raises ``Conflict`` when it is another account's. It takes mail, as far as anybody knows."""
        ...

    def put_mail_problem(self, user_id: int, problem: str, at: datetime) -> None:
        """Remember that mail to the account's address is refused for good."""
        ...

    def unreachable(
        self, *, after: tuple[datetime, int] | None = None, limit: int
    ) -> Sequence[tuple[User, datetime]]:
        """Whose address takes no mail, and since when, the newest first; ``after`` is since when the one before, and whose id."""
        ...

    def disable(self, user_id: int, at: datetime) -> None:
        """Let no way of signing in open the account."""
        ...

    def enable(self, user_id: int) -> None:
        """Let the account be used again."""
        ...

    def make_administrator(self, user_id: int) -> None:
        """Let a user administer the index."""
        ...

    def put_handed(self, user_id: int, at: datetime) -> None:
        """Remember that somebody else decided in whose hands the account is."""
        ...

    def handed_at(self, user_id: int) -> datetime | None:
        """When that was the last time; ``None`` when it never was."""
        ...

    def unmake_administrator(self, user_id: int) -> None:
        """Let a user administer the index no longer."""
        ...

    def administrators(self) -> Sequence[User]:
        """Who administers the index, by name, without accounts that are disabled."""
        ...

    def count_administrators(self) -> int:
        """How many accounts administer the index and are not disabled."""
        ...

    def has_administrator(self) -> bool:
        """True when somebody administers the index."""
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


class AccountLinks(Protocol):
    """One-time links, by the digest of their secrets."""

    def add(self, secret: Sha256, link: AccountLink, now: datetime) -> None:
        """Remember a link; those that have ended by now are forgotten."""
        ...

    def find(self, secret: Sha256, purpose: LinkPurpose, now: datetime) -> AccountLink | None:
        """The link for that purpose, while it can be used."""
        ...

    def take(self, secret: Sha256, purpose: LinkPurpose, now: datetime) -> AccountLink | None:
        """Use the link up; ``None`` when there is no such link, or it ended, or it was used."""
        ...

    def close(self, user_id: int, purpose: LinkPurpose | None = None) -> None:
        """End every link of an account for that purpose, or for all of them."""
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
        label: str = "",
        parent_id: int | None = None,
    ) -> Token:
        """A new token; ``parent_id`` is the token that asked for it."""
        ...

    def by_digest(self, digest: Sha256, now: datetime) -> tuple[Token, User] | None:
        """The token and its user, unless it expired or was revoked, or the account is disabled."""
        ...

    def by_text(self, digest: Sha256) -> tuple[Token, User] | None:
        """The token whose text has this digest, and its user, also when it opens nothing."""
        ...

    def find(self, token_id: int) -> tuple[Token, User] | None:
        """The token and its user, also when it has ended."""
        ...

    def of_user(self, user_id: int, *, ended_after: datetime, limit: int) -> Sequence[Token]:
        """The user's tokens, newest first, without those that had ended before; not more than ``limit``."""
        ...

    def made_by(self, token_id: int) -> Sequence[Token]:
        """The tokens that the token itself asked for, oldest first, also those that have ended."""
        ...

    def revoke(self, token_id: int, at: datetime) -> None:
        """Let the token be good for nothing from now on."""
        ...

    def note_use(self, token_id: int, at: datetime) -> None:
        """Remember that the token was used."""
        ...
