"""An open index that sends mail."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.account_pages import OPEN, PASSWORD
from tests.support.mail import Post, mail_index
from tests.support.web_index import WebIndex

from homeport.flows.sign_in import add_user


@pytest.fixture
def posted(tmp_path: Path) -> Iterator[tuple[WebIndex, Post]]:
    """An open index that sends mail; ada has a verified address, root administers."""
    with mail_index(tmp_path, accounts=OPEN) as (index, post):
        ada = add_user(index.world, "ada", "ada@example.org", PASSWORD, is_admin=False)
        add_user(index.world, "root", "root@example.org", PASSWORD, is_admin=True)
        with index.world.store.write() as tx:
            tx.users.put_email(ada.id, ada.email, verified_at=index.world.clock.now())
        yield index, post


@pytest.fixture
def index(posted: tuple[WebIndex, Post]) -> WebIndex:
    """That index."""
    return posted[0]


@pytest.fixture
def post(posted: tuple[WebIndex, Post]) -> Post:
    """Its mail."""
    return posted[1]
