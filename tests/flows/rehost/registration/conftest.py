"""A project that is registered, and a worker that works whenever somebody waits."""

import pytest
from tests.support.story import Story
from tests.support.world import run_jobs


@pytest.fixture
def story(story: Story) -> Story:
    """The project with two files outside, and that worker."""
    story.fakes.clock.on_sleep = lambda: run_jobs(story.fakes)
    return story
