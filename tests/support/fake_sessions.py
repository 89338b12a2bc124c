"""The fake store's sessions, second factors, and what was tried in vain."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.support.fake_tables import Tables

from homeport.domain.digests import Sha256
from homeport.domain.errors import Conflict
from homeport.domain.second_factor import SecondFactor
from homeport.ports.sessions import Session


class FakeSessions:
    """``ports.sessions.Sessions``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, session: Session) -> None:
        """See the port."""
        for secret, other in list(self._tables.sessions.items()):
            if other.expires_at <= session.confirmed_at:
                del self._tables.sessions[secret]
        self._tables.sessions[session.secret] = session

    def find(self, secret: Sha256, now: datetime) -> Session | None:
        """See the port."""
        session = self._tables.sessions.get(secret)
        is_over = session is None or session.expires_at <= now or session.user.id in self._tables.disabled_at
        return self._with_user(session) if session and not is_over else None

    def of_user(self, user_id: int, now: datetime) -> Sequence[Session]:
        """See the port."""
        theirs = [
            self._with_user(session)
            for session in self._tables.sessions.values()
            if session.user.id == user_id and now < session.expires_at and session.is_whole
        ]
        in_order = sorted(theirs, key=lambda session: session.secret.hex)
        return sorted(in_order, key=lambda session: session.confirmed_at, reverse=True)

    def put_challenge(self, secret: Sha256, challenge: bytes | None) -> None:
        """See the port."""
        if secret in self._tables.sessions:
            self._tables.sessions[secret] = replace(self._tables.sessions[secret], challenge=challenge)

    def close(self, secret: Sha256) -> bool:
        """See the port."""
        return self._tables.sessions.pop(secret, None) is not None

    def close_all(self, user_id: int, *, but: Sha256 | None = None) -> int:
        """See the port."""
        theirs = [
            secret
            for secret, session in self._tables.sessions.items()
            if session.user.id == user_id and secret != but
        ]
        for secret in theirs:
            del self._tables.sessions[secret]
        return len(theirs)

    def _with_user(self, session: Session) -> Session:
        return replace(session, user=self._tables.users[session.user.id])


class FakeSecondFactors:
    """``ports.sessions.SecondFactors``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, user_id: int, factor: SecondFactor) -> SecondFactor:
        """See the port."""
        there = {other.credential_id for _, other in self._tables.second_factors.values()} - {None}
        if factor.credential_id in there:
            raise Conflict("This key is in use here already.", code="factor-exists")
        made = replace(factor, id=self._tables.fresh_id("second_factors"))
        self._tables.second_factors[made.id] = (user_id, made)
        return made

    def of_user(self, user_id: int) -> Sequence[SecondFactor]:
        """See the port."""
        return [factor for owner, factor in self._tables.second_factors.values() if owner == user_id]

    def use(self, factor_id: int, counter: int, at: datetime) -> None:
        """See the port."""
        owner, factor = self._tables.second_factors[factor_id]
        self._tables.second_factors[factor_id] = (owner, replace(factor, counter=counter, last_used_at=at))

    def remove(self, factor_id: int) -> None:
        """See the port."""
        self._tables.second_factors.pop(factor_id, None)

    def put_recovery_codes(self, user_id: int, codes: Sequence[Sha256]) -> None:
        """See the port."""
        others = {entry for entry in self._tables.recovery_codes if entry[0] != user_id}
        self._tables.recovery_codes = others | {(user_id, code) for code in codes}

    def take_recovery_code(self, user_id: int, code: Sha256) -> bool:
        """See the port."""
        is_theirs = (user_id, code) in self._tables.recovery_codes
        self._tables.recovery_codes -= {(user_id, code)}
        return is_theirs

    def recovery_codes_left(self, user_id: int) -> int:
        """See the port."""
        return sum(owner == user_id for owner, _ in self._tables.recovery_codes)


class FakeAttempts:
    """``ports.sessions.Attempts``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, buckets: Sequence[str], at: datetime, *, forget_until: datetime) -> None:
        """See the port."""
        kept = [entry for entry in self._tables.attempts if entry[1] > forget_until]
        self._tables.attempts = kept + [(bucket, at) for bucket in buckets]

    def nth_newest(self, bucket: str, count: int, since: datetime) -> datetime | None:
        """See the port."""
        newest = sorted(
            (at for name, at in self._tables.attempts if name == bucket and at > since), reverse=True
        )
        return newest[count - 1] if len(newest) >= count else None
