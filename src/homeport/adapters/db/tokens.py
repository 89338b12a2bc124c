"""API tokens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, or_, select, update
from sqlalchemy.engine import Row

from homeport.adapters.db.identity import user_of
from homeport.adapters.db.tables import tokens, users
from homeport.domain.account import Scope, Token, User
from homeport.domain.digests import Sha256


class SqlTokens:
    """``ports.identity.Tokens`` over one connection."""

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
        label: str = "",
        parent_id: int | None = None,
    ) -> Token:
        """See the port."""
        self._connection.execute(
            insert(tokens).values(
                text_sha256=digest.hex,
                user_id=user_id,
                scopes=sorted(scopes),
                projects=sorted(projects),
                created_at=at,
                expires_at=expires_at,
                label=label,
                parent_id=parent_id,
            )
        )
        row = self._connection.execute(_WITH_USER.where(tokens.c.text_sha256 == digest.hex)).one()
        return _token(row)

    def by_digest(self, digest: Sha256, now: datetime) -> tuple[Token, User] | None:
        """See the port."""
        return self._one(
            _WITH_USER.where(
                tokens.c.text_sha256 == digest.hex,
                tokens.c.revoked_at.is_(None),
                or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
                users.c.disabled_at.is_(None),
            )
        )

    def by_text(self, digest: Sha256) -> tuple[Token, User] | None:
        """See the port."""
        return self._one(_WITH_USER.where(tokens.c.text_sha256 == digest.hex))

    def find(self, token_id: int) -> tuple[Token, User] | None:
        """See the port."""
        return self._one(_WITH_USER.where(tokens.c.id == token_id))

    def of_user(self, user_id: int, *, ended_after: datetime, limit: int) -> Sequence[Token]:
        """See the port."""
        wanted = _WITH_USER.where(
            tokens.c.user_id == user_id,
            or_(tokens.c.revoked_at.is_(None), tokens.c.revoked_at > ended_after),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > ended_after),
        )
        newest_first = wanted.order_by(tokens.c.id.desc()).limit(limit)
        return [_token(row) for row in self._connection.execute(newest_first)]

    def made_by(self, token_id: int) -> Sequence[Token]:
        """See the port."""
        wanted = _WITH_USER.where(tokens.c.parent_id == token_id).order_by(tokens.c.id)
        return [_token(row) for row in self._connection.execute(wanted)]

    def revoke(self, token_id: int, at: datetime) -> None:
        """See the port."""
        self._connection.execute(update(tokens).where(tokens.c.id == token_id).values(revoked_at=at))

    def note_use(self, token_id: int, at: datetime) -> None:
        """See the port."""
        self._connection.execute(update(tokens).where(tokens.c.id == token_id).values(last_used_at=at))

    def _one(self, wanted: Select[Any]) -> tuple[Token, User] | None:
        row = self._connection.execute(wanted).first()
        return (_token(row), user_of(row)) if row else None


_WITH_USER = select(users, *(column.label(f"token_{column.name}") for column in tokens.c)).join(
    tokens, tokens.c.user_id == users.c.id
)


def _token(row: Row[Any]) -> Token:
    return Token(
        row.token_id,
        row.name,
        frozenset(map(Scope, row.token_scopes)),
        frozenset(row.token_projects),
        row.token_created_at,
        row.token_expires_at,
        row.token_label,
        row.token_last_used_at,
        row.token_revoked_at,
        row.token_parent_id,
    )
