"""Accounts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from homeport.adapters.db.tables import organisations, setup_links, users
from homeport.domain.account import User
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.ports.identity import Account


def user_of(row: Row[Any]) -> User:
    """The account in a row that has all columns of ``users``."""
    return User(
        row.id,
        row.name,
        row.email,
        row.is_admin,
        is_verified=row.email_verified_at is not None,
        is_disabled=row.disabled_at is not None,
        mail_problem=row.mail_problem or "",
    )


def _account(row: Row[Any]) -> Account:
    return Account(user_of(row), row.created_at, row.disabled_at, has_password=row.password_hash is not None)


class SqlUsers:
    """``ports.identity.Users`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, name: str, email: str, password_hash: str | None, *, is_admin: bool, at: datetime) -> User:
        """See the port."""
        values = {
            "name": name,
            "email": email,
            "password_hash": password_hash,
            "is_admin": is_admin,
            "created_at": at,
            "uploaded_bytes": 0,
        }
        if self._connection.execute(select(organisations.c.id).where(organisations.c.name == name)).first():
            raise Conflict("There is already an organisation with this name.", code="user-exists")
        try:
            with self._connection.begin_nested():
                made = self._connection.execute(insert(users).values(values))
        except IntegrityError as error:
            taken = "name" if self.by_name(name) else "e-mail address"
            raise Conflict(f"There is already an account with this {taken}.", code="user-exists") from error
        return User(new_id(made.inserted_primary_key), name, email, is_admin)

    def by_name(self, name: str) -> User | None:
        """See the port."""
        return self._one(users.c.name == name)

    def by_email(self, email: str) -> User | None:
        """See the port."""
        return self._one(users.c.email == email)

    def by_id(self, user_id: int) -> User | None:
        """See the port."""
        return self._one(users.c.id == user_id)

    def _one(self, condition: ColumnElement[bool]) -> User | None:
        row = self._connection.execute(select(users).where(condition)).first()
        return user_of(row) if row else None

    def account(self, name: str) -> Account | None:
        """See the port."""
        row = self._connection.execute(select(users).where(users.c.name == name)).first()
        return _account(row) if row else None

    def search(self, text: str, *, after: str, limit: int) -> Sequence[Account]:
        """See the port."""
        holds = users.c.name.icontains(text, autoescape=True) | users.c.email.icontains(text, autoescape=True)
        rows = self._connection.execute(
            select(users).where(holds, users.c.name > after).order_by(users.c.name).limit(limit)
        )
        return [_account(row) for row in rows]

    def password_hash(self, user_id: int) -> str | None:
        """See the port."""
        wanted = select(users.c.password_hash).where(users.c.id == user_id, users.c.disabled_at.is_(None))
        return self._connection.execute(wanted).scalar()

    def count(self) -> int:
        """See the port."""
        return self._connection.execute(select(func.count()).select_from(users)).scalar_one()

    def put_password(self, user_id: int, password_hash: str) -> None:
        """See the port."""
        self._set(user_id, password_hash=password_hash)

    def put_email(self, user_id: int, email: str, *, verified_at: datetime | None) -> None:
        """See the port."""
        try:
            with self._connection.begin_nested():
                self._set(
                    user_id,
                    email=email,
                    email_verified_at=verified_at,
                    mail_problem=None,
                    mail_problem_at=None,
                )
        except IntegrityError as error:
            raise Conflict(
                "There is already an account with this e-mail address.", code="email-taken"
            ) from error

    def put_mail_problem(self, user_id: int, problem: str, at: datetime) -> None:
        """See the port."""
        self._set(user_id, mail_problem=problem, mail_problem_at=at)

    def unreachable(
        self, *, after: tuple[datetime, int] | None = None, limit: int
    ) -> Sequence[tuple[User, datetime]]:
        """See the port."""
        since = users.c.mail_problem_at
        wanted = select(users).where(since.is_not(None)).order_by(since.desc(), users.c.id).limit(limit)
        if after is not None:
            at, user_id = after
            wanted = wanted.where(or_(since < at, and_(since == at, users.c.id > user_id)))
        return [(user_of(row), row.mail_problem_at) for row in self._connection.execute(wanted)]

    def disable(self, user_id: int, at: datetime) -> None:
        """See the port."""
        self._set(user_id, disabled_at=at)

    def enable(self, user_id: int) -> None:
        """See the port."""
        self._set(user_id, disabled_at=None)

    def make_administrator(self, user_id: int) -> None:
        """See the port."""
        self._set(user_id, is_admin=True)

    def put_handed(self, user_id: int, at: datetime) -> None:
        """See the port."""
        self._connection.execute(update(users).where(users.c.id == user_id).values(handed_at=at))

    def handed_at(self, user_id: int) -> datetime | None:
        """See the port."""
        return self._connection.execute(select(users.c.handed_at).where(users.c.id == user_id)).scalar()

    def unmake_administrator(self, user_id: int) -> None:
        """See the port."""
        self._set(user_id, is_admin=False)

    def _set(self, user_id: int, **values: Any) -> None:
        self._connection.execute(update(users).where(users.c.id == user_id).values(values))

    def administrators(self) -> Sequence[User]:
        """See the port."""
        able = select(users).where(users.c.is_admin, users.c.disabled_at.is_(None)).order_by(users.c.name)
        return [user_of(row) for row in self._connection.execute(able)]

    def count_administrators(self) -> int:
        """See the port."""
        able = select(func.count()).select_from(users).where(users.c.is_admin, users.c.disabled_at.is_(None))
        return self._connection.execute(able).scalar_one()

    def has_administrator(self) -> bool:
        """See the port."""
        return (
            self._connection.execute(select(users.c.id).where(users.c.is_admin).limit(1)).first() is not None
        )

    def put_setup_link(self, secret: Sha256, until: datetime) -> None:
        """See the port."""
        self._connection.execute(delete(setup_links))
        self._connection.execute(insert(setup_links).values(secret_sha256=secret.hex, expires_at=until))

    def has_setup_link(self, secret: Sha256, now: datetime) -> bool:
        """See the port."""
        wanted = select(setup_links.c.expires_at).where(
            setup_links.c.secret_sha256 == secret.hex, setup_links.c.expires_at > now
        )
        return self._connection.execute(wanted).first() is not None

    def take_setup_link(self, secret: Sha256, now: datetime) -> bool:
        """See the port."""
        used = self._connection.execute(
            delete(setup_links).where(
                setup_links.c.secret_sha256 == secret.hex, setup_links.c.expires_at > now
            )
        )
        return used.rowcount == 1


def new_id(key: Row[Any] | None) -> int:
    """The key that the database gave a new row."""
    if key is None or not isinstance(key[0], int):
        raise AssertionError("the database gave a new row no key")
    return key[0]
