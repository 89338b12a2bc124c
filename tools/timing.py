"""Whether time tells who has an account: the same wrong password for names that exist and for names that do not (T-27).

    python -m tools.timing --pairs 5000

Pairs are asked in turns, in random order, each at another hour, so that no limit on guessing is reached.
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.progress import track

from homeport.adapters.system import SystemClock
from homeport.domain.errors import Unauthenticated
from homeport.flows.sign_in import add_user, sign_in
from homeport.ports.world import World
from homeport.settings import read_settings
from homeport.wiring import open_world, prepare

_MOST_APART = 0.05
_USERS = 20


class HourlyClock(SystemClock):
    """Every try comes an hour after the one before: failures are forgotten by then."""

    def __init__(self) -> None:
        super().__init__()
        self.hours = 0

    def now(self) -> datetime:
        """The time, as many hours later as there were tries."""
        return super().now() + timedelta(hours=self.hours)


def measure(world: World, clock: HourlyClock, pairs: int) -> tuple[list[float], list[float]]:
    """Seconds of every refusal, for names that exist and for names that do not."""
    known, unknown = list[float](), list[float]()
    order = random.Random(27)  # noqa: S311 - an order, no secret
    for number in track(range(pairs), description="signing in"):
        tries: list[tuple[list[float], str]] = [
            (known, f"user{number % _USERS:02}"),
            (unknown, f"nobo{number % _USERS:02}"),
        ]
        order.shuffle(tries)
        for taken, name in tries:
            clock.hours += 1
            taken.append(seconds_of(partial(sign_in, world, name, "a wrong password", "192.0.2.7")))
    return known, unknown


def seconds_of(deed: Callable[[], object]) -> float:
    """How long a refusal takes."""
    started = time.perf_counter()
    with suppress(Unauthenticated):
        deed()
        raise AssertionError("a wrong password was taken")
    return time.perf_counter() - started


def main() -> int:
    """Measure, print, and say by the exit code whether the medians are close enough."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=500)
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        settings = read_settings({"HOMEPORT_HOME": folder}, Path(folder))
        prepare(settings)
        clock = HourlyClock()
        world = replace(open_world(settings), clock=clock)
        for number in range(_USERS):
            name = f"user{number:02}"
            add_user(world, name, f"{name}@example.org", "correct horse battery", is_admin=False)
        known, unknown = (statistics.median(taken) for taken in measure(world, clock, arguments.pairs))
    apart = abs(known - unknown) / min(known, unknown)
    print(
        f"{arguments.pairs} pairs: {known * 1000:.2f} ms for names that exist, {unknown * 1000:.2f} ms for names that do "
        f"not; the medians are {apart:.2%} apart, and at most {_MOST_APART:.0%} is wanted"
    )
    return int(apart >= _MOST_APART)


if __name__ == "__main__":
    sys.exit(main())
