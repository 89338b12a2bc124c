"""Time, waiting, and randomness: the things tests must own."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Where now, waiting and fresh secrets come from."""

    def now(self) -> datetime:
        """The time in UTC, with its zone."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after ``seconds``."""
        ...

    def random_bytes(self, count: int) -> bytes:
        """``count`` bytes nobody can guess."""
        ...
