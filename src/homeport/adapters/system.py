"""The machine itself: its clock, its randomness, and slow password hashes."""

import os
import threading
import time
from datetime import UTC, datetime
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class SystemClock:
    """``ports.clock.Clock`` of this machine."""

    def now(self) -> datetime:
        """See the port."""
        return datetime.now(UTC)  # noqa: TID251 - this is the port

    def sleep(self, seconds: float) -> None:
        """See the port."""
        time.sleep(seconds)

    def random_bytes(self, count: int) -> bytes:
        """See the port."""
        return os.urandom(count)


class Argon2Passwords:
    """``ports.passwords.Passwords`` by argon2id, 46 MiB and one pass (OWASP's first choice).

    Only a few hashes are computed at once: each costs its memory, and anyone may ask for one (T-28).
    """

    def __init__(self, *, memory_kib: int = 47_104, passes: int = 1) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._room = threading.Semaphore(2 * (os.cpu_count() or 1))

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """See the port."""
        with self._room:
            return self._hasher.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """See the port."""
        try:
            with self._room:
                self._hasher.verify(stored or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return bool(stored)
