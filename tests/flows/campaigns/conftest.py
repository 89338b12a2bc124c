"""A campaign with something to do for one project."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.campaigns import Play, begin_play


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """Project ``bare`` has nothing elsewhere, ``demo`` two files."""
    with begin_play(tmp_path) as play:
        play.add("bare")
        play.add("demo", "demo-1.0.tar.gz", "demo-1.1.tar.gz")
        yield play
