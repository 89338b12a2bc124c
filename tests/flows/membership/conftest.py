"""A project's owner, and somebody without a role."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.invariants import broken
from tests.support.world import Fakes, add_person, add_project, fake_world

from homeport.domain.account import Caller
from homeport.domain.project import Project


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes whose invariants hold at the end."""
    with fake_world(tmp_path) as fakes:
        yield fakes
        assert broken(fakes) == []


@pytest.fixture
def ada(fakes: Fakes) -> Caller:
    """Who owns the project My.Demo."""
    return Caller(add_person(fakes.world, "ada"))


@pytest.fixture
def bob(fakes: Fakes) -> Caller:
    """Somebody without a role."""
    return Caller(add_person(fakes.world, "bob"))


@pytest.fixture
def demo(fakes: Fakes, ada: Caller) -> Project:
    """Ada's project."""
    return add_project(fakes.world, ada.user, "My.Demo")
