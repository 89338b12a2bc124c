"""An index that is open for everybody, and somebody with an account."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.accounts import OPEN, PASSWORD, verified
from tests.support.mail import Post, with_mail
from tests.support.world import Fakes, fake_world

from homeport.domain.account import User
from homeport.flows.sign_in import add_user


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """A world of fakes; it sends no mail."""
    with fake_world(tmp_path) as fakes:
        yield fakes


@pytest.fixture
def post(fakes: Fakes) -> Post:
    """The same world, open for everybody and sending mail."""
    return with_mail(fakes.world, accounts=OPEN)


@pytest.fixture
def ada(post: Post) -> User:
    """Somebody with a password and a verified address."""
    return verified(post, add_user(post.world, "ada", "ada@example.org", PASSWORD, is_admin=False))
