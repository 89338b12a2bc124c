"""The list of projects, and which of a project's files are taken."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

_LINE = re.compile(r"([A-Za-z0-9._-]+)(?: sdists=([0-9]+))?")


@dataclass(frozen=True)
class Wanted:
    """One project, and how many of its sdists."""

    name: str
    sdists: int = 0


def read_names(path: Path) -> list[Wanted]:
    """The projects in the list; a line that cannot be read is a mistake."""
    wanted = []
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            read = _LINE.fullmatch(line)
            if not read:
                raise ValueError(f"{path.name} holds a line that is no name: {line!r}")
            wanted.append(Wanted(read[1], int(read[2] or 0)))
    return wanted


_Item = TypeVar("_Item")


def spread(items: Sequence[_Item], count: int) -> list[_Item]:
    """At most ``count`` of ``items``, the first and the last among them, evenly apart."""
    if count >= len(items):
        return list(items)
    if count < 2:  # noqa: PLR2004 - there is no distance between fewer
        return list(items[-count:]) if count else []
    step = (len(items) - 1) / (count - 1)
    return [items[round(number * step)] for number in range(count)]
