"""Somebody with a password."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.second_factors import PASSWORD
from tests.support.world import Fakes, fake_world

from homeport.domain.account import User
from homeport.flows.sign_in import add_user


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def ada(fakes: Fakes) -> User:
    """Somebody with a password."""
    return add_user(fakes.world, "ada", "ada@example.org", PASSWORD, is_admin=False)
