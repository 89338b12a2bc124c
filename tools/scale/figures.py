"""What was measured on both indexes, as values: what a thing costs, and the ratio of the large index to the small one.

1. A cost is the median of many, in seconds of the clock and of a processor; the large and the small index were asked
   in turns.
2. A ratio is wanted within ``BOUNDS``; where the cost must grow with the index, or chance rules, none is wanted.
3. The clock is what somebody waits for; on a machine with other people at work it is the processor's time that holds.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

BOUNDS = (0.8, 1.2)
_SLOWEST_PERCENT = 1


@dataclass(frozen=True)
class Cost:
    """What one thing costs on one index; ``None`` where it could not be told."""

    seconds: float
    p99_seconds: float | None = None
    processor_seconds: float | None = None


@dataclass(frozen=True)
class Figure:
    """One thing on both indexes."""

    what: str
    large: Cost
    small: Cost
    is_bounded: bool = True

    @property
    def ratio(self) -> float:
        """What somebody waits with the large index, for one with the small."""
        return self.large.seconds / self.small.seconds

    @property
    def processor_ratio(self) -> float | None:
        """The processor's time with the large index, for one with the small."""
        if not self.large.processor_seconds or not self.small.processor_seconds:
            return None
        return self.large.processor_seconds / self.small.processor_seconds

    @property
    def is_held(self) -> bool | None:
        """Within the bounds, by the clock; ``None`` where no ratio is wanted."""
        return is_within(self.ratio) if self.is_bounded else None


@dataclass(frozen=True)
class Size:
    """A number of bytes, or what else is no time, on both indexes."""

    what: str
    unit: str
    large: float
    small: float
    is_bounded: bool = False

    @property
    def ratio(self) -> float | None:
        """Large for small; ``None`` of nothing."""
        return self.large / self.small if self.small else None

    @property
    def is_held(self) -> bool | None:
        """Within the bounds; ``None`` where no ratio is wanted."""
        return is_within(self.ratio) if self.is_bounded and self.ratio is not None else None


@dataclass(frozen=True)
class Group:
    """What stands in one table."""

    title: str
    figures: Sequence[Figure | Size]


@dataclass(frozen=True)
class Results:
    """A whole run."""

    projects: int
    releases: int
    files: int
    small_projects: int
    database_bytes: int
    groups: Sequence[Group]

    @property
    def out_of_bounds(self) -> list[Figure | Size]:
        """Whose ratio is not as it is wanted."""
        return [figure for group in self.groups for figure in group.figures if figure.is_held is False]


def is_within(ratio: float) -> bool:
    """True for a ratio as it is wanted."""
    low, high = BOUNDS
    return low <= ratio <= high


def cost_of(seconds: Sequence[float], processor_seconds: Sequence[float] | float | None = None) -> Cost:
    """The medians of many; the processor's time of each, or of one."""
    each = processor_seconds
    processor = each if each is None or isinstance(each, float) else statistics.median(each)
    ranked = sorted(seconds)
    return Cost(statistics.median(seconds), ranked[-1 - len(ranked) * _SLOWEST_PERCENT // 100], processor)
