"""The machine itself: its clock, its randomness, and slow password hashes."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from homeport.domain.errors import Unavailable

# Being hashed and waiting for it together: nobody who is let in waits longer than for a few hashes.
_IN_LINE_PER_PLACE = 4


class SystemClock:
    """``ports.clock.Clock`` of this machine: time that never goes back (I-19, T-41).

    When the machine's clock is set back, time goes on from where it was, at the same pace, until the clock is past it
    again: what has ended stays ended. ``not_before`` is the newest moment that earlier processes knew of.
    """

    def __init__(self, not_before: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._steady = time.monotonic()
        self._newest = not_before or datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """See the port."""
        with self._lock:
            told, steady = datetime.now(UTC), time.monotonic()  # noqa: TID251 - this is the port
            self._newest = max(told, self._newest + timedelta(seconds=steady - self._steady))
            self._steady = steady
            return self._newest

    def seconds_ahead(self) -> float:
        """How far the time told here is ahead of the machine's clock; 0 when nobody set that one back."""
        return (self.now() - datetime.now(UTC)).total_seconds()  # noqa: TID251 - this is the port

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
