"""The fake store's accounts, and the one-time links to them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.support.fake_tables import Tables

from homeport.domain.account import User
from homeport.domain.account_link import AccountLink, LinkPurpose
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.ports.identity import Account


class FakeUsers:
    """``ports.identity.Users``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, name: str, email: str, password_hash: str | None, *, is_admin: bool, at: datetime) -> User:
        """See the port."""
        if any(name == user.name or email == user.email for user in self._tables.users.values()):
            raise Conflict(f"There is already an account {name} or {email}.", code="user-exists")
        if any(name == organisation.name for organisation in self._tables.organisations.values()):
            raise Conflict("There is already an organisation with this name.", code="user-exists")
        user = User(self._tables.fresh_id("users"), name, email, is_admin)
        self._tables.users[user.id] = user
        self._tables.password_hashes[user.id] = password_hash
        self._tables.made_at[user.id] = at
        return user

    def by_name(self, name: str) -> User | None:
        """See the port."""
        return next((user for user in self._tables.users.values() if user.name == name), None)

    def by_email(self, email: str) -> User | None:
        """See the port."""
        return next((user for user in self._tables.users.values() if user.email == email), None)

    def by_id(self, user_id: int) -> User | None:
        """See the port."""
        return self._tables.users.get(user_id)

    def account(self, name: str) -> Account | None:
        """See the port."""
        user = self.by_name(name)
        return self._account(user) if user else None

    def search(self, text: str, *, after: str, limit: int) -> Sequence[Account]:
        """See the port."""
        by_name = sorted(self._tables.users.values(), key=lambda user: user.name)
        holds = [user for user in by_name if text.lower() in f"{user.name}\n{user.email}".lower()]
        return [self._account(user) for user in holds if user.name > after][:limit]

    def _account(self, user: User) -> Account:
        return Account(
            user,
            self._tables.made_at[user.id],
            self._tables.disabled_at.get(user.id),
            has_password=self._tables.password_hashes[user.id] is not None,
        )

    def password_hash(self, user_id: int) -> str | None:
        """See the port."""
        return None if user_id in self._tables.disabled_at else self._tables.password_hashes.get(user_id)

    def count(self) -> int:
        """See the port."""
        return len(self._tables.users)

    def put_password(self, user_id: int, password_hash: str) -> None:
        """See the port."""
        self._tables.password_hashes[user_id] = password_hash

    def put_email(self, user_id: int, email: str, *, verified_at: datetime | None) -> None:
        """See the port."""
        there = self.by_email(email)
        if there is not None and there.id != user_id:
            raise Conflict(f"The address {email} is taken.", code="email-taken")
        self._tables.mail_problem_at.pop(user_id, None)
        self._set(user_id, email=email, is_verified=verified_at is not None, mail_problem="")

    def put_mail_problem(self, user_id: int, problem: str, at: datetime) -> None:
        """See the port."""
        self._tables.mail_problem_at[user_id] = at
        self._set(user_id, mail_problem=problem)

    def unreachable(
        self, *, after: tuple[datetime, int] | None = None, limit: int
    ) -> Sequence[tuple[User, datetime]]:
        """See the port."""
        newest = sorted(
            ((at, -user_id) for user_id, at in self._tables.mail_problem_at.items()), reverse=True
        )
        if after is not None:
            newest = [one for one in newest if one < (after[0], -after[1])]
        return [(self._tables.users[-negated], at) for at, negated in newest][:limit]

    def disable(self, user_id: int, at: datetime) -> None:
        """See the port."""
        self._tables.disabled_at[user_id] = at
        self._set(user_id, is_disabled=True)

    def enable(self, user_id: int) -> None:
        """See the port."""
        self._tables.disabled_at.pop(user_id, None)
        self._set(user_id, is_disabled=False)

    def make_administrator(self, user_id: int) -> None:
        """See the port."""
        self._set(user_id, is_admin=True)

    def put_handed(self, user_id: int, at: datetime) -> None:
        """See the port."""
        self._tables.handed_at[user_id] = at

    def handed_at(self, user_id: int) -> datetime | None:
        """See the port."""
        return self._tables.handed_at.get(user_id)

    def unmake_administrator(self, user_id: int) -> None:
        """See the port."""
        self._set(user_id, is_admin=False)

    def _set(self, user_id: int, **values: Any) -> None:
        self._tables.users[user_id] = replace(self._tables.users[user_id], **values)

    def administrators(self) -> Sequence[User]:
        """See the port."""
        able = (user for user in self._tables.users.values() if user.is_admin and not user.is_disabled)
        return sorted(able, key=lambda user: user.name)

    def count_administrators(self) -> int:
        """See the port."""
        return sum(user.is_admin and not user.is_disabled for user in self._tables.users.values())

    def has_administrator(self) -> bool:
        """See the port."""
        return any(user.is_admin for user in self._tables.users.values())

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


class FakeAccountLinks:
    """``ports.identity.AccountLinks``."""

    def __init__(self, tables: Tables) -> None:
        self._links = tables.account_links

    def add(self, secret: Sha256, link: AccountLink, now: datetime) -> None:
        """See the port."""
        for other, ended in list(self._links.items()):
            if ended.expires_at <= now:
                del self._links[other]
        self._links[secret] = link

    def find(self, secret: Sha256, purpose: LinkPurpose, now: datetime) -> AccountLink | None:
        """See the port."""
        link = self._links.get(secret)
        return link if link and link.purpose is purpose and now < link.expires_at else None

    def take(self, secret: Sha256, purpose: LinkPurpose, now: datetime) -> AccountLink | None:
        """See the port."""
        link = self.find(secret, purpose, now)
        if link is not None:
            del self._links[secret]
        return link

    def close(self, user_id: int, purpose: LinkPurpose | None = None) -> None:
        """See the port."""
        for secret, link in list(self._links.items()):
            if link.user_id == user_id and purpose in {None, link.purpose}:
                del self._links[secret]
