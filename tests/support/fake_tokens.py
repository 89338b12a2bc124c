"""The fake store's API tokens."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from tests.support.fake_tables import Tables

from homeport.domain.account import Scope, Token, User
from homeport.domain.digests import Sha256


class FakeTokens:
    """``ports.identity.Tokens``."""

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
        label: str = "",
        parent_id: int | None = None,
    ) -> Token:
        """See the port."""
        user = self._tables.users[user_id].name
        token = Token(
            self._tables.fresh_id("tokens"),
            user,
            scopes,
            projects,
            at,
            expires_at,
            label,
            parent_id=parent_id,
        )
        self._tables.tokens[digest] = (token, user_id)
        return token

    def by_digest(self, digest: Sha256, now: datetime) -> tuple[Token, User] | None:
        """See the port."""
        if digest not in self._tables.tokens:
            return None
        token, user_id = self._tables.tokens[digest]
        if token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
            return None
        user = self._tables.users[user_id]
        return None if user.is_disabled else (token, user)

    def by_text(self, digest: Sha256) -> tuple[Token, User] | None:
        """See the port."""
        found = self._tables.tokens.get(digest)
        return (found[0], self._tables.users[found[1]]) if found else None

    def find(self, token_id: int) -> tuple[Token, User] | None:
        """See the port."""
        found = ((token, user_id) for token, user_id in self._tables.tokens.values() if token.id == token_id)
        return next(((token, self._tables.users[user_id]) for token, user_id in found), None)

    def of_user(self, user_id: int, *, ended_after: datetime, limit: int) -> Sequence[Token]:
        """See the port."""
        listed = [
            token
            for token, owner_id in self._tables.tokens.values()
            if owner_id == user_id
            and (token.revoked_at is None or token.revoked_at > ended_after)
            and (token.expires_at is None or token.expires_at > ended_after)
        ]
        return sorted(listed, key=lambda token: -token.id)[:limit]

    def made_by(self, token_id: int) -> Sequence[Token]:
        """See the port."""
        made = [token for token, _ in self._tables.tokens.values() if token.parent_id == token_id]
        return sorted(made, key=lambda token: token.id)

    def revoke(self, token_id: int, at: datetime) -> None:
        """See the port."""
        self._change(token_id, lambda token: replace(token, revoked_at=at))

    def note_use(self, token_id: int, at: datetime) -> None:
        """See the port."""
        self._change(token_id, lambda token: replace(token, last_used_at=at))

    def _change(self, token_id: int, changed: Callable[[Token], Token]) -> None:
        for digest, (token, user_id) in list(self._tables.tokens.items()):
            if token.id == token_id:
                self._tables.tokens[digest] = (changed(token), user_id)
