"""Accounts, sessions and tokens."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from homeport.adapters.db.tables import sessions, setup_links, tokens, users
from homeport.domain.account import Scope, Token, User
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict


def _user(row: Row[Any]) -> User:
    return User(row.id, row.name, row.email, row.is_admin)


class SqlUsers:
    """``ports.store.Users`` over one connection."""

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
        try:
            with self._connection.begin_nested():
                made = self._connection.execute(insert(users).values(values))
        except IntegrityError as error:
            taken = "name" if self.by_name(name) else "e-mail address"
            raise Conflict(f"There is already an account with this {taken}.", code="user-exists") from error
        return User(_new_id(made.inserted_primary_key), name, email, is_admin)

    def by_name(self, name: str) -> User | None:
        """See the port."""
        row = self._connection.execute(select(users).where(users.c.name == name)).first()
        return _user(row) if row else None

    def password_hash(self, user_id: int) -> str | None:
        """See the port."""
        return self._connection.execute(select(users.c.password_hash).where(users.c.id == user_id)).scalar()

    def count(self) -> int:
        """See the port."""
        return self._connection.execute(select(func.count()).select_from(users)).scalar_one()

    def put_password(self, user_id: int, password_hash: str) -> None:
        """See the port."""
        self._connection.execute(
            update(users).where(users.c.id == user_id).values(password_hash=password_hash)
        )

    def make_administrator(self, user_id: int) -> None:
        """See the port."""
        self._connection.execute(update(users).where(users.c.id == user_id).values(is_admin=True))

    def has_administrator(self) -> bool:
        """See the port."""
        return (
            self._connection.execute(select(users.c.id).where(users.c.is_admin).limit(1)).first() is not None
        )

    def open_session(self, secret: Sha256, user_id: int, *, at: datetime, until: datetime) -> None:
        """See the port."""
        self._connection.execute(delete(sessions).where(sessions.c.expires_at <= at))
        self._connection.execute(
            insert(sessions).values(
                secret_sha256=secret.hex,
                user_id=user_id,
                created_at=at,
                expires_at=until,
                confirmed_at=at,
                is_whole=True,
                agent="",
            )
        )

    def session(self, secret: Sha256, now: datetime) -> User | None:
        """See the port."""
        row = self._connection.execute(
            select(users)
            .join(sessions, sessions.c.user_id == users.c.id)
            .where(sessions.c.secret_sha256 == secret.hex, sessions.c.expires_at > now)
        ).first()
        return _user(row) if row else None

    def close_session(self, secret: Sha256) -> None:
        """See the port."""
        self._connection.execute(delete(sessions).where(sessions.c.secret_sha256 == secret.hex))

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


class SqlTokens:
    """``ports.store.Tokens`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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
        self._connection.execute(
            insert(tokens).values(
                text_sha256=digest.hex,
                user_id=user_id,
                scopes=sorted(scopes),
                projects=sorted(projects),
                created_at=at,
                expires_at=expires_at,
                label="",
            )
        )

    def by_digest(self, digest: Sha256, now: datetime) -> tuple[Token, User] | None:
        """See the port."""
        row = self._connection.execute(
            select(tokens, users.c.name, users.c.email, users.c.is_admin)
            .join(users, users.c.id == tokens.c.user_id)
            .where(tokens.c.text_sha256 == digest.hex)
        ).first()
        if row is None or (row.expires_at is not None and row.expires_at <= now):
            return None
        scopes = frozenset(Scope(scope) for scope in row.scopes)
        token = Token(row.id, row.name, scopes, frozenset(row.projects), row.created_at, row.expires_at)
        return token, User(row.user_id, row.name, row.email, row.is_admin)


def _new_id(key: Row[Any] | None) -> int:
    if key is None or not isinstance(key[0], int):
        raise AssertionError("the database gave a new row no key")
    return key[0]
