"""The maintainer's old command, given to a project with two files outside."""

from collections.abc import Callable

import pytest
from tests.support.story import Story
from tests.support.world import register_release

from homeport.domain.account import Caller
from homeport.domain.errors import Refusal
from homeport.domain.metadata import CoreMetadata
from homeport.flows.rehost.registration import Registered

METADATA = CoreMetadata("1.0", "Demo", "1.0", summary="A demo")


def register(story: Story, metadata: CoreMetadata = METADATA, caller: Caller | None = None) -> Registered:
    """Register as the owner, unless somebody else is named."""
    return register_release(story.world, caller or story.owner, metadata)


def refused(story: Story, kind: type[Refusal], metadata: CoreMetadata = METADATA) -> Refusal:
    """The refusal of a registration that leaves no file and no release."""
    with pytest.raises(kind) as refusal:
        register(story, metadata)
    with story.world.store.read() as tx:
        assert list(tx.releases.of_project(story.project.id)) == []
    assert story.files() == {}
    return refusal.value


def at_work(story: Story, work: Callable[[], object]) -> None:
    """Let ``work`` be done, once, when somebody first waits."""

    def once() -> None:
        story.fakes.clock.on_sleep = lambda: None
        work()

    story.fakes.clock.on_sleep = once
