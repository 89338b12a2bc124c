"""A clock that stands still until it is told to move, and randomness that repeats itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)


class FakeClock:
    """``ports.clock.Clock``; ``on_sleep`` is what goes on elsewhere while somebody waits."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._drawn = 0
        self.on_sleep: Callable[[], object] = _nothing

    def now(self) -> datetime:
        """See the port."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """See the port; no time is lost."""
        self.advance(timedelta(seconds=seconds))
        self.on_sleep()

    def random_bytes(self, count: int) -> bytes:
        """See the port; anyone can guess these."""
        self._drawn += 1
        return self._drawn.to_bytes(count, "big")

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by


def _nothing() -> None:
    return
