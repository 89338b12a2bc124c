"""What the worker does again and again: when, how often, and what becomes of trouble."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from inspect import signature
from itertools import count
from pathlib import Path

import pytest
from dbos._sys_db import SystemDatabase
from tests.support.mail import with_mail
from tests.support.world import Fakes, fake_world

from homeport.ports.world import World
from homeport.worker.chores import Chore, every_chore, keep_at
from homeport.worker.quiet import Quiet, Stamp
from homeport.worker.run import spare_looks

NAMED = {chore.name: chore for chore in every_chore()}


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


def restless() -> Stamp:
    """Somebody writes all the time."""
    return count().__next__


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes, in which nothing is due."""
    with fake_world(tmp_path) as fakes:
        yield fakes


def ending(*rounds: int | Exception) -> Chore:
    """A chore whose rounds end so."""
    left = list(rounds)

    def work(_: World) -> int:
        end = left.pop(0)
        if isinstance(end, Exception):
            raise end
        return end

    return Chore("dishes", work, 60.0, "dishes could not be washed", 600.0, at_once=20, told="dishes washed")


def test_a_chore_is_done_again_and_again(fakes: Fakes, caplog: pytest.LogCaptureFixture) -> None:
    """At once when the worker begins and while there is much, now and then otherwise, later after trouble, which is told."""
    stop = Stop(after=5)
    with caplog.at_level("INFO", "homeport"):
        keep_at(ending(0, 20, 3, OSError("disk"), 0), fakes.world, stop, restless())
    assert stop.waited == [0.0, 60.0, 0.0, 60.0, 600.0, 60.0]
    assert "dishes could not be washed" in caplog.text
    assert caplog.text.count("dishes washed") == 2


def test_what_nobody_wants_is_not_done(fakes: Fakes) -> None:
    """Without a mail server no mails are sent, and where nobody looks for drift, that thread ends at once."""
    still = replace(fakes.world, drift=replace(fakes.world.drift, every=type(fakes.world.drift.every)()))
    for name in ("mails", "drift"):
        stop = Stop(after=1)
        keep_at(NAMED[name], still, stop, restless())
        assert stop.waited == []
    stop = Stop(after=1)
    keep_at(NAMED["mails"], with_mail(fakes.world).world, stop, restless())
    assert stop.waited == [0.0, 1.0]


@pytest.mark.parametrize("name", sorted(NAMED.keys() - {"mails", "ended work"}))
def test_every_chore_survives_what_nobody_expected(
    fakes: Fakes, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A round where nothing is due passes; one that fails is told in words of its own, and another follows."""
    chore, stop = NAMED[name], Stop(after=1)
    keep_at(chore, fakes.world, stop, restless())
    assert stop.waited == [0.0, chore.every_seconds]
    stop = Stop(after=1)
    keep_at(chore, replace(fakes.world, store=None), stop, restless())  # type: ignore[arg-type]
    assert stop.waited == [0.0, chore.after_trouble_seconds]
    assert chore.trouble in caplog.text


def test_nothing_is_looked_at_while_nobody_writes(fakes: Fakes) -> None:
    """What found nothing is left alone until something was committed, or its quiet has lasted long enough."""
    looked: list[int] = []
    stamps = iter([b"one", b"one", b"one", b"two", b"two"])

    def work(_: World) -> int:
        looked.append(1)
        return 0

    dishes = Chore("dishes", work, 1.0, "dishes could not be washed", quiet_seconds=60.0)
    stop = Stop(after=5)
    keep_at(dishes, fakes.world, stop, lambda: next(stamps))
    assert (len(looked), stop.waited) == (2, [0.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    assert [Quiet(lambda: b"one", 0.0).lasts() for _ in range(2)] == [False, False]


def test_a_quiet_does_not_last_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time makes things due, too: there is a look again and again, whatever was written."""
    times = iter([10.0, 11.0, 12.5, 13.0])
    monkeypatch.setattr("homeport.worker.quiet.time.monotonic", lambda: next(times))
    quiet = Quiet(lambda: b"one", 2.0)
    assert [quiet.lasts() for _ in range(4)] == [False, True, False, True]


def test_the_engine_finds_its_queues_empty() -> None:
    """Each queue by itself, without asking, while nobody writes; what is committed is looked for at once."""
    asked: list[str] = []
    stamp = [b"one"]

    class Database:
        """The part of the engine's database that says where the work of a queue may be."""

        def dequeue_scopes(self, queue_name: str) -> list[None]:
            """As the engine has it."""
            asked.append(queue_name)
            return [None]

    assert list(signature(SystemDatabase.dequeue_scopes).parameters) == ["self", "queue_name"]
    database = Database()
    spare_looks(database, lambda: stamp[0])
    ask = database.dequeue_scopes
    assert [ask("rehosts"), ask("rehosts"), ask("surveys")] == [[None], [], [None]]
    stamp[0] = b"two"
    assert [ask("rehosts"), ask("rehosts")] == [[None], []]
    assert asked == ["rehosts", "surveys", "rehosts"]
