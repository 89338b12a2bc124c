"""One Homeport for all journeys that do no harm to it, and the clients that travel."""

import itertools
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.abroad import Abroad
from tests.support.clients import Pip, make_pip
from tests.support.http_site import serve
from tests.support.index import Index, running
from tests.support.maintainer import Maintainer, begin
from tests.support.outside import Outside

PASSWORD = "correct horse battery stable"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class People:
    """Tokens: ``ada`` owns what the tests make, ``bob`` is a stranger."""

    ada: str
    bob: str


@pytest.fixture(scope="session", autouse=True)
def ctrl_c() -> None:
    """Programs that are started can be ended by Ctrl-C, also where this run was started in the background."""
    # What is ignored stays ignored in every child; what is handled is the child's own affair.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """A Homeport that may reach this machine's own ports."""
    with running(tmp_path_factory.mktemp("homeport"), HOMEPORT_OUTSIDE_ALLOW="127.0.0.1:*") as index:
        yield index


@pytest.fixture(scope="session")
def people(shared: Index) -> People:
    """The accounts."""
    return People(ada=shared.add_user("ada", password=PASSWORD), bob=shared.add_user("bob"))


@pytest.fixture
def index(shared: Index, people: People) -> Iterator[Index]:
    """That Homeport; a test fails that made it say what nobody expected, or leave something half received."""
    # All tests come from one address: each has the tries of five minutes to itself.
    shared.forget_attempts()
    yield shared
    shared.require_no_traceback()
    assert shared.incoming() == []


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Index]:
    """A Homeport of the test's own, not started; nothing of it outlives the test."""
    index = Index(tmp_path / "own", HOMEPORT_OUTSIDE_ALLOW="127.0.0.1:*")
    yield index
    index.kill()


@pytest.fixture
def project() -> str:
    """The name of a project that nobody has yet."""
    return f"lark{next(_numbers)}"


@pytest.fixture
def abroad() -> Iterator[Abroad]:
    """A site that answers 404 until something is put there."""
    outside = Outside()
    with serve(outside) as site:
        yield Abroad(outside, site.base_url)


@pytest.fixture(scope="session")
def pip(tmp_path_factory: pytest.TempPathFactory) -> Pip:
    """The newest pip."""
    return make_pip(tmp_path_factory.mktemp("pip") / "newest", sys.executable, "pip")


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A folder for built files."""
    folder = tmp_path / "dist"
    folder.mkdir()
    return folder


@pytest.fixture
def ada(index: Index, people: People, project: str, abroad: Abroad) -> Maintainer:
    """The owner of a new pypi-cache project whose home page is the site's root."""
    begin(index, people.ada, project, abroad.url + "/")
    return Maintainer(index, people.ada, project)


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """A home with one user and one project; nothing runs."""
    index = Index(tmp_path_factory.mktemp("quiet"), HOMEPORT_OUTSIDE_ALLOW="127.0.0.1:*")
    index.add_user("ada")
    index.ask("project", "create", "lark", "--owner", "ada", "--mode", "pypi-cache")
    index.ask("project", "create", "finch", "--owner", "ada")
    return index
