"""Somebody who opens stages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.world import Fakes, add_person, fake_world

from homeport.domain.account import Caller


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def ada(fakes: Fakes) -> Caller:
    """Who opens stages."""
    return Caller(add_person(fakes.world, "ada"))
