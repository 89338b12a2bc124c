"""Children that look, and a file for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.archives import make_wheel
from tests.support.looks import WHEEL

from homeport.adapters.inspect.isolation import ChildIsolation


@pytest.fixture
def children() -> Iterator[ChildIsolation]:
    """The isolation with its usual limits."""
    with_defaults = ChildIsolation()
    yield with_defaults
    with_defaults.close()


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A good wheel on disk."""
    path = tmp_path / WHEEL.filename
    path.write_bytes(make_wheel())
    return path
