"""A project whose site is heard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.story import Story, begin_story


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A pypi-cache project."""
    with begin_story(tmp_path) as story:
        yield story
