"""The run itself: everything that is measured, group by group, and what is told while it goes on."""

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from tools.scale.changes import Changer, changes, measure_change, measure_uploads
from tools.scale.figures import Figure, Group, Results
from tools.scale.homes import Home
from tools.scale.listing import CODINGS, FORMS, measure_list
from tools.scale.looks import looks, measure_look
from tools.scale.servers import both_running, idle_memory, measure_starts, memory_of, memory_sizes
from tools.scale.shapes import SHAPES, shape_of
from tools.scale.traffic import loads, measure_traffic

T = TypeVar("T")


def measure(homes: tuple[Home, Home], cores: tuple[int, int], scratch: Path, console: Console) -> Results:
    """The large home and the small one; the servers have the first core, this process moves to the other."""
    serving, asking = cores
    os.sched_setaffinity(0, {asking})
    told = _Told(console)
    starts = told("start", partial(measure_starts, homes, serving))
    with both_running(homes, serving) as sides:
        found, listed = looks(*sides), [(form, coding) for form in FORMS for coding in CODINGS]
        told.steps = len(loads()) + len(found) + len(changes()) + len(listed) + 3
        idle = told("memory", partial(idle_memory, *sides))
        asked = [told(load.what, partial(measure_traffic, load, *sides, asking, scratch)) for load in loads()]
        looked = [told(look.what, partial(measure_look, look, *sides)) for look in found]
        changers = (Changer(homes[0]), Changer(homes[1]))
        changed = [told(change.what, partial(measure_change, change, *changers)) for change in changes()]
        changed.append(told("uploads", partial(measure_uploads, *sides, changers)))
        used = memory_sizes("after all but the list", *(memory_of(side.server) for side in sides))
        lists = [
            told(f"list, {form}, {coding}", partial(measure_list, form, coding, sides, changers))
            for form, coding in listed
        ]
    groups = (
        Group("What installers ask", asked),
        Group("What changes the index", changed),
        Group("What people, scripts and mirrors ask", looked),
        Group("Start", [starts]),
        Group("Memory", [*idle, *used]),
        *lists,
    )
    return _results(homes[0], groups)


def _results(large: Home, groups: Sequence[Group]) -> Results:
    numbers = range(len(large.names))
    return Results(
        projects=len(numbers),
        releases=sum(shape_of(number).releases for number in numbers),
        files=sum(shape_of(number).files for number in numbers),
        small_projects=SHAPES,
        database_bytes=large.database.stat().st_size,
        groups=groups,
    )


class _Told:
    """Says what is measured now, what came of it, and how long the rest takes if it goes on like this."""

    def __init__(self, console: Console) -> None:
        self.steps = 0
        self._done = 0
        self._console = console
        self._began = time.monotonic()

    def __call__(self, what: str, measured: Callable[[], T]) -> T:
        spent = time.monotonic() - self._began
        left = spent / self._done * (self.steps - self._done) / 60 if self._done and self.steps else None
        self._done += 1
        self._console.print(f"{f'{left:.0f} min left, ' if left is not None else ''}{what}", end=" … ")
        figure = measured()
        self._console.print(f"{figure.ratio:.2f}" if isinstance(figure, Figure) else "done")
        return figure
