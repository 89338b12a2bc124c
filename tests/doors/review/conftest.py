"""A plan that waits for its maintainer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.browser import Browser
from tests.support.review_page import ITEMS
from tests.support.web_index import WebIndex, web_index

from homeport.domain.project import Project
from homeport.domain.rehost import Rehost


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WebIndex]:
    """An index with a person."""
    with web_index(tmp_path) as opened:
        yield opened


@pytest.fixture
def ada(index: WebIndex) -> Browser:
    """Ada's browser."""
    return index.signed_in("ada")


@pytest.fixture
def demo(index: WebIndex) -> Project:
    """Ada's project."""
    return index.project("demo", "ada")


@pytest.fixture
def rehost(index: WebIndex, demo: Project) -> Rehost:
    """A rehost of it with an item of every sort."""
    return index.plan(demo, ITEMS)
