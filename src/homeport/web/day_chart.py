"""Numbers over the days as stacked areas: a picture without text, because pages carry no style of their own.

The picture is 100 wide and 40 high, today at its right end. What it shows is written beside it, and stands in a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

_HIGH = 40.0
# More could not be seen on any screen; the first and the last day are always there.
_MOST_POINTS = 200


@dataclass(frozen=True, slots=True)
class Series:
    """One thing that is counted: its words, its colour, where it leads to, and its number on every day."""

    words: str
    tone: str
    path: str
    counts: Sequence[int]

    @property
    def last(self) -> int:
        """The number on the last day."""
        return self.counts[-1] if self.counts else 0


@dataclass(frozen=True, slots=True)
class Area:
    """One series as drawn: the corners of its area, as SVG wants them."""

    tone: str
    points: str


@dataclass(frozen=True, slots=True)
class DayChart:
    """A drawn chart: its areas from below, its first and last day, and what its height stands for."""

    areas: tuple[Area, ...]
    series: tuple[Series, ...]
    first: date
    last: date
    most: int


def day_chart(days: Sequence[date], series: Sequence[Series]) -> DayChart:
    """Stacked areas of these series over ``days``, of which there is one at least."""
    shown = _shown(len(days))
    most = max(sum(one.counts[place] for one in series) for place in shown)
    below = [0] * len(days)
    areas = []
    for one in series:
        above = [low + more for low, more in zip(below, one.counts, strict=True)]
        upper = [_point(place, len(days), above[place], most) for place in shown]
        lower = [_point(place, len(days), below[place], most) for place in reversed(shown)]
        areas.append(Area(one.tone, " ".join(_wide([*upper, *lower], len(days)))))
        below = above
    return DayChart(tuple(areas), tuple(series), days[0], days[-1], most)


def _shown(count: int) -> list[int]:
    """The places of the days that are drawn."""
    if count <= _MOST_POINTS:
        return list(range(count))
    return sorted({round(step * (count - 1) / (_MOST_POINTS - 1)) for step in range(_MOST_POINTS)})


def _point(place: int, count: int, much: int, most: int) -> str:
    across = 100 * place / (count - 1) if count > 1 else 0.0
    return f"{across:.2f},{_HIGH - (_HIGH * much / most if most else 0):.2f}"


def _wide(points: list[str], count: int) -> list[str]:
    """A single day as wide as the picture."""
    if count > 1:
        return points
    upper, lower = (point.partition(",")[2] for point in points)
    return [f"0,{upper}", f"100,{upper}", f"100,{lower}", f"0,{lower}"]
