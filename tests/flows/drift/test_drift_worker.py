"""The worker's clock: looks when it is time, goes on while there is much, and survives what nobody expected."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.drift import begin_home

from homeport.flows.drift.run import AT_ONCE
from homeport.worker import drift


class Stop(threading.Event):
    """An event that happens after so many rounds, and remembers how long it was waited for."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Nobody really waits."""
        self.waited.append(timeout or 0.0)
        self.left -= 1
        return self.left < 0


@contextmanager
def looking(monkeypatch: pytest.MonkeyPatch, *found: int | Exception) -> Iterator[list[object]]:
    """Rounds that end so."""
    rounds: list[object] = list(found)

    def look(_: object) -> int:
        end = rounds.pop(0)
        if isinstance(end, Exception):
            raise end
        assert isinstance(end, int)
        return end

    with monkeypatch.context() as patched:
        patched.setattr(drift, "look_at_due", look)
        yield rounds


def test_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Every minute; at once while there is more than fits one round; ten minutes after trouble, which is told."""
    stop = Stop(after=4)
    with begin_home(tmp_path) as home, looking(monkeypatch, 0, AT_ONCE, 3, OSError("disk")) as rounds:
        drift.keep_looking(home.world, stop)
        assert rounds == []
    assert stop.waited == [60.0, 60.0, 0.0, 60.0, 600.0]
    assert "sources could not be looked at" in caplog.text


def test_off(tmp_path: Path) -> None:
    """Where nobody looks, the thread ends at once."""
    stop = Stop(after=1)
    with begin_home(tmp_path, every=timedelta()) as home:
        drift.keep_looking(home.world, stop)
    assert stop.waited == []
