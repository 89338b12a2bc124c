"""The door of an index that takes stages, and a session there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.staging import Client, StagingDoor, staging_door


@pytest.fixture
def door(tmp_path: Path) -> Iterator[StagingDoor]:
    """The door of an index that takes stages."""
    with staging_door(tmp_path) as door:
        yield door


@pytest.fixture
def ada(door: StagingDoor) -> Client:
    """Who opened a session for lark 1.0, which nobody had before."""
    ada = door.client("ada")
    assert ada.create().status == 201
    return ada
