"""How many releases and files a project has: a thousand shapes, which every thousand projects have once each.

1. The tail is heavy, as PyPI's is: half of the projects have a handful of files, one of a thousand has ``MOST_FILES``.
2. So the large index is the small one many times over, and a sample with every shape once is like any other.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

SHAPES = 1_000
MOST_FILES = 2_000
# A project that is published to while it is measured.
USUAL_FILES = 20
_USUAL = 12

_MEDIAN_RELEASES = 4.2
_SPREAD = 1.40
_PLATFORMS = tuple(
    f"cp3{minor}-cp3{minor}-{platform}"
    for minor in (9, 10, 11, 12)
    for platform in (
        "manylinux_2_17_x86_64.manylinux2014_x86_64",
        "manylinux_2_17_aarch64.manylinux2014_aarch64",
        "macosx_11_0_arm64",
        "win_amd64",
        "musllinux_1_2_x86_64",
    )
)


@dataclass(frozen=True)
class Shape:
    """A project's releases, and the files of each: a wheel, an sdist, or one wheel for every platform."""

    releases: int
    files_each: int

    @property
    def files(self) -> int:
        """All files of the project."""
        return self.releases * self.files_each

    def endings(self) -> tuple[str, ...]:
        """What follows ``name-version`` in the file names of a release; the last one is the newest file."""
        if self.files_each == 1:
            return ("-py3-none-any.whl",)
        wheels = ("py3-none-any", *_PLATFORMS)[: self.files_each - 1]
        return (".tar.gz", *(f"-{tags}.whl" for tags in wheels))


_USUAL_SHAPE = Shape(USUAL_FILES // 2, 2)


@cache
def shapes() -> Sequence[Shape]:
    """All shapes, in an order that has no meaning."""
    usual = [_USUAL_SHAPE] * _USUAL
    largest = Shape(MOST_FILES // len(_PLATFORMS), len(_PLATFORMS))
    others = SHAPES - len(usual) - 1
    normal = NormalDist(math.log(_MEDIAN_RELEASES), _SPREAD)
    drawn = [
        Shape(max(1, round(math.exp(normal.inv_cdf((rank + 0.5) / others)))), _files_each(rank))
        for rank in range(others)
    ]
    found = [*usual, *drawn, largest]
    random.Random("shapes").shuffle(found)  # noqa: S311 - the same order in every run
    return found


def shape_of(number: int) -> Shape:
    """The shape of the project of that number."""
    return shapes()[number % SHAPES]


def usual_projects(count: int) -> Sequence[int]:
    """Some projects of ``USUAL_FILES`` files among so many, by their numbers."""
    places = [place for place, shape in enumerate(shapes()) if shape == _USUAL_SHAPE][:_USUAL]
    draw = random.Random("usual")  # noqa: S311 - the same ones in every run
    return [draw.randrange(count // SHAPES) * SHAPES + place for place in places]


def version(release: int) -> str:
    """The version of a project's release, counted from 0."""
    return f"{release // 30}.{release // 5 % 6}.{release % 5 + 1}"


def _files_each(rank: int) -> int:
    """One of thirty is built for platforms; of the others two of three bring an sdist."""
    if rank % 30 == 0:
        return 8
    return 1 if rank % 3 == 0 else 2
