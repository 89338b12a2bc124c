"""How people are signed in, as the database remembers it: sessions, second factors, and what was tried in vain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from homeport.domain.account import User
from homeport.domain.digests import Sha256
from homeport.domain.second_factor import SecondFactor


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, by the digest of its secret.

    ``is_whole`` is false while a second factor is still to be shown: such a session opens no page but that one.
    ``confirmed_at`` is when its user last showed who they are; ``challenge`` is what a passkey was asked to sign.
    """

    secret: Sha256
    user: User
    created_at: datetime
    expires_at: datetime
    confirmed_at: datetime
    is_whole: bool = True
    challenge: bytes | None = None
    agent: str = ""


class Sessions(Protocol):
    """Signed-in browsers."""

    def add(self, session: Session) -> None:
        """Remember a session; those that have ended by its beginning are forgotten."""
        ...

    def find(self, secret: Sha256, now: datetime) -> Session | None:
        """The session of that secret, while it lasts."""
        ...

    def of_user(self, user_id: int, now: datetime) -> Sequence[Session]:
        """A person's whole sessions that last, newest first."""
        ...

    def put_challenge(self, secret: Sha256, challenge: bytes | None) -> None:
        """Remember what a passkey is asked to sign, in the place of what it was asked before."""
        ...

    def close(self, secret: Sha256) -> bool:
        """Forget a session; False when there was none."""
        ...

    def close_all(self, user_id: int, *, but: Sha256 | None = None) -> int:
        """Forget every session of a person, except ``but``; how many there were."""
        ...


class SecondFactors(Protocol):
    """What people show besides their password, and the codes for when they lost it."""

    def add(self, user_id: int, factor: SecondFactor) -> SecondFactor:
        """A new factor; its id is given here. Raises ``Conflict`` when the key is somebody's already."""
        ...

    def of_user(self, user_id: int) -> Sequence[SecondFactor]:
        """A person's factors, oldest first."""
        ...

    def use(self, factor_id: int, counter: int, at: datetime) -> None:
        """A factor was shown: remember when, and its new counter."""
        ...

    def remove(self, factor_id: int) -> None:
        """Forget one factor."""
        ...

    def put_recovery_codes(self, user_id: int, codes: Sequence[Sha256]) -> None:
        """A person's recovery codes are these now, and no others."""
        ...

    def take_recovery_code(self, user_id: int, code: Sha256) -> bool:
        """Use a recovery code up; False when it is not one of theirs."""
        ...

    def recovery_codes_left(self, user_id: int) -> int:
        """How many recovery codes a person has not used."""
        ...


class Attempts(Protocol):
    """What was tried in vain, for as long as it counts."""

    def add(self, buckets: Sequence[str], at: datetime, *, forget_until: datetime) -> None:
        """A failure counts in each of ``buckets``; what failed until ``forget_until`` is forgotten everywhere."""
        ...

    def nth_newest(self, bucket: str, count: int, since: datetime) -> datetime | None:
        """When the ``count``-th newest failure after ``since`` was; ``None`` when there were fewer."""
        ...
