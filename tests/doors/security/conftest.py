"""An index with one account."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.security_pages import PASSWORD
from tests.support.web_index import WebIndex, web_index

from homeport.flows.sign_in import add_user


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index with one account."""
    with web_index(tmp_path) as index:
        add_user(index.world, "ada", "ada@example.org", PASSWORD, is_admin=False)
        yield index
