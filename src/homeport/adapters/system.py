"""The machine itself: its clock, its randomness, and slow password hashes."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from homeport.domain.errors import Unavailable

# Being hashed and waiting for it together: nobody who is let in waits longer than for a few hashes.
_IN_LINE_PER_PLACE = 4


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

    Only a few hashes are computed at once, and only some more wait for it: each costs its memory, waiting costs a
    thread, and anyone may ask (T-28).
    """

    def __init__(self, *, memory_kib: int = 47_104, passes: int = 1, at_once: int | None = None) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        places = at_once or 2 * (os.cpu_count() or 1)
        self._room = threading.Semaphore(places)
        self._queue = threading.Semaphore(_IN_LINE_PER_PLACE * places)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._queue.acquire(blocking=False):
            raise Unavailable(
                "Too many people sign in at this moment. Try again in a few seconds; tokens work meanwhile.",
                code="sign-in-busy",
                retry_after_seconds=5,
            )
        try:
            with self._room:
                yield
        finally:
            self._queue.release()

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """See the port."""
        with self._turn():
            return self._hasher.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """See the port."""
        try:
            with self._turn():
                self._hasher.verify(stored or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return bool(stored)
