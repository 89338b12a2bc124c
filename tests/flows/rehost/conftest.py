"""A project with files outside, which most tests of coming home begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.story import SDIST, WHEEL, Story, begin_story, sdist, wheel


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project with two files outside."""
    with begin_story(tmp_path) as story:
        story.offer({WHEEL: wheel(), SDIST: sdist()})
        yield story
