"""Somebody who owns a project and may make tokens for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.invariants import broken
from tests.support.world import Fakes, add_person, add_project, fake_world

from homeport.domain.account import Caller


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes whose invariants hold at the end."""
    with fake_world(tmp_path) as fakes:
        yield fakes
        assert broken(fakes) == []


@pytest.fixture
def ada(fakes: Fakes) -> Caller:
    """Somebody who owns the project demo."""
    ada = Caller(add_person(fakes.world, "ada"))
    add_project(fakes.world, ada.user, "Demo")
    return ada
