"""An index with a project, whose owner has to answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.browser import Browser
from tests.support.builders import item
from tests.support.web_index import WebIndex, web_index

from homeport.domain.project import Project


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index where ada owns demo, whose rehost 1 waits for her answer."""
    with web_index(tmp_path) as opened:
        opened.signed_in("ada")
        opened.plan(opened.project("demo", "ada"), [item(0)])
        yield opened


@pytest.fixture
def ada(index: WebIndex) -> Browser:
    """Ada's browser."""
    return index.signed_in("ada")


@pytest.fixture
def demo(index: WebIndex) -> Project:
    """The project."""
    with index.world.store.read() as tx:
        found = tx.projects.find("demo")
    assert found is not None
    return found
