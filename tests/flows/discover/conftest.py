"""An outside to look at."""

import pytest
from tests.support.source_looks import Look


@pytest.fixture
def look() -> Look:
    """A fresh outside."""
    return Look()
