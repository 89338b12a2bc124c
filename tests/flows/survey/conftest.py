"""An index to survey."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.surveyed_index import Index
from tests.support.world import add_person, fake_world

from homeport.domain.account import Caller


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An index without projects."""
    with fake_world(tmp_path) as fakes:
        admin = Caller(add_person(fakes.world, "root", is_admin=True))
        yield Index(fakes, admin, Caller(add_person(fakes.world, "ada")))
