"""Sessions, second factors, and what was tried in vain."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from homeport.adapters.db.identity import new_id, user_of
from homeport.adapters.db.tables import attempts, recovery_codes, second_factors, sessions, users
from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.second_factor import FactorKind, SecondFactor
from homeport.ports.sessions import Session

_AND_ITS_USER = (
    select(sessions, users).join(users, users.c.id == sessions.c.user_id).where(users.c.disabled_at.is_(None))
)


class SqlSessions:
    """``ports.sessions.Sessions`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: Session) -> None:
        """See the port."""
        self._connection.execute(delete(sessions).where(sessions.c.expires_at <= session.confirmed_at))
        self._connection.execute(
            insert(sessions).values(
                secret_sha256=session.secret.hex,
                user_id=session.user.id,
                created_at=session.created_at,
                expires_at=session.expires_at,
                confirmed_at=session.confirmed_at,
                is_whole=session.is_whole,
                challenge=session.challenge,
                agent=session.agent,
            )
        )

    def find(self, secret: Sha256, now: datetime) -> Session | None:
        """See the port."""
        row = self._connection.execute(
            _AND_ITS_USER.where(sessions.c.secret_sha256 == secret.hex, sessions.c.expires_at > now)
        ).first()
        return _session(row) if row else None

    def of_user(self, user_id: int, now: datetime) -> Sequence[Session]:
        """See the port."""
        rows = self._connection.execute(
            _AND_ITS_USER.where(
                sessions.c.user_id == user_id, sessions.c.expires_at > now, sessions.c.is_whole
            ).order_by(sessions.c.confirmed_at.desc(), sessions.c.secret_sha256)
        )
        return [_session(row) for row in rows]

    def put_challenge(self, secret: Sha256, challenge: bytes | None) -> None:
        """See the port."""
        self._connection.execute(
            update(sessions).where(sessions.c.secret_sha256 == secret.hex).values(challenge=challenge)
        )

    def close(self, secret: Sha256) -> bool:
        """See the port."""
        closed = self._connection.execute(delete(sessions).where(sessions.c.secret_sha256 == secret.hex))
        return closed.rowcount == 1

    def close_all(self, user_id: int, *, but: Sha256 | None = None) -> int:
        """See the port."""
        theirs = delete(sessions).where(sessions.c.user_id == user_id)
        if but is not None:
            theirs = theirs.where(sessions.c.secret_sha256 != but.hex)
        return self._connection.execute(theirs).rowcount


def _session(row: Row[Any]) -> Session:
    return Session(
        secret=Sha256(row.secret_sha256),
        user=user_of(row),
        created_at=row.created_at,
        expires_at=row.expires_at,
        confirmed_at=row.confirmed_at,
        is_whole=row.is_whole,
        challenge=row.challenge,
        agent=row.agent,
    )


class SqlSecondFactors:
    """``ports.sessions.SecondFactors`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, user_id: int, factor: SecondFactor) -> SecondFactor:
        """See the port."""
        values = {
            "user_id": user_id,
            "kind": factor.kind.value,
            "label": factor.label,
            "secret": factor.secret,
            "credential_id": factor.credential_id,
            "counter": factor.counter,
            "created_at": factor.created_at,
            "last_used_at": factor.last_used_at,
        }
        try:
            with self._connection.begin_nested():
                made = self._connection.execute(insert(second_factors).values(values))
        except IntegrityError as error:
            raise Conflict("This key is in use here already.", code="factor-exists") from error
        return replace(factor, id=new_id(made.inserted_primary_key))

    def of_user(self, user_id: int) -> Sequence[SecondFactor]:
        """See the port."""
        rows = self._connection.execute(
            select(second_factors).where(second_factors.c.user_id == user_id).order_by(second_factors.c.id)
        )
        return [_factor(row) for row in rows]

    def use(self, factor_id: int, counter: int, at: datetime) -> None:
        """See the port."""
        used = update(second_factors).where(second_factors.c.id == factor_id)
        self._connection.execute(used.values(counter=counter, last_used_at=at))

    def remove(self, factor_id: int) -> None:
        """See the port."""
        self._connection.execute(delete(second_factors).where(second_factors.c.id == factor_id))

    def put_recovery_codes(self, user_id: int, codes: Sequence[Sha256]) -> None:
        """See the port."""
        self._connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
        rows = [{"user_id": user_id, "code_sha256": code.hex} for code in codes]
        if rows:
            self._connection.execute(insert(recovery_codes), rows)

    def take_recovery_code(self, user_id: int, code: Sha256) -> bool:
        """See the port."""
        taken = self._connection.execute(
            delete(recovery_codes).where(
                recovery_codes.c.user_id == user_id, recovery_codes.c.code_sha256 == code.hex
            )
        )
        return taken.rowcount == 1

    def recovery_codes_left(self, user_id: int) -> int:
        """See the port."""
        theirs = select(func.count()).select_from(recovery_codes).where(recovery_codes.c.user_id == user_id)
        return self._connection.execute(theirs).scalar_one()


def _factor(row: Row[Any]) -> SecondFactor:
    return SecondFactor(
        id=row.id,
        kind=FactorKind(row.kind),
        label=row.label,
        secret=row.secret,
        counter=row.counter,
        created_at=row.created_at,
        credential_id=row.credential_id,
        last_used_at=row.last_used_at,
    )


class SqlAttempts:
    """``ports.sessions.Attempts`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, buckets: Sequence[str], at: datetime, *, forget_until: datetime) -> None:
        """See the port."""
        self._connection.execute(delete(attempts).where(attempts.c.at <= forget_until))
        self._connection.execute(insert(attempts), [{"bucket": bucket, "at": at} for bucket in buckets])

    def nth_newest(self, bucket: str, count: int, since: datetime) -> datetime | None:
        """See the port."""
        newest = select(attempts.c.at).where(attempts.c.bucket == bucket, attempts.c.at > since)
        return self._connection.execute(
            newest.order_by(attempts.c.at.desc()).limit(1).offset(count - 1)
        ).scalar()
