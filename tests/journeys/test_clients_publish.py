"""Every client publishes, and shows its user what docs/reference/publishers.md says it shows."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.journeys.conftest import PASSWORD, People
from tests.support.clients import SetupPy, python_with, require_success, said
from tests.support.index import Finished, Index
from tests.support.publishers import PUBLISHERS, Publisher, Workshop
from tests.support.releases import host

from homeport.domain.account import Caller, Scope
from homeport.flows.tokens import TokenWish, create_token
from homeport.settings import read_settings
from homeport.wiring import open_world

pytestmark = [pytest.mark.journey, pytest.mark.clients]

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "publishers.md"


def documented() -> list[str]:
    """The lines of the table of what clients show."""
    return [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and line.count("|") == 8][
        1:
    ]


@pytest.fixture(scope="module")
def ended(shared: Index, people: People) -> str:
    """A token of ada's that ended long ago."""
    world = open_world(read_settings({"HOMEPORT_HOME": str(shared.home)}, shared.home))
    with world.store.read() as tx:
        ada = tx.users.by_name("ada")
    assert ada is not None
    wish = TokenWish(scopes=frozenset({Scope.UPLOAD}), lasts=timedelta(microseconds=1))
    return create_token(world, Caller(ada), wish).text


def shown(done: Finished, status: int, sentence: str) -> str:
    """What a client that failed tells: the sentence, at least the status, or nothing of either."""
    assert done.returncode != 0, said(done)
    if sentence in said(done):
        return "sentence"
    return "status" if str(status) in said(done) else "nothing"


@pytest.mark.parametrize("name", PUBLISHERS)
def test_w02_publishes(
    index: Index, people: People, project: str, tmp_path: Path, ended: str, name: str
) -> None:
    """It publishes; each refusal leaves everything as it was, and is shown as the table says."""
    publish, workshop = PUBLISHERS[name], Workshop(tmp_path, project)
    workshop.write()
    unknown = shown(publish(index, workshop, "hp_none"), 401, "is not known here")
    assert shown(publish(index, workshop, ended), 401, "is not known here") == unknown
    assert index.hosted(project) == {}

    require_success(publish(index, workshop, people.ada))
    before = index.hosted(project)
    assert list(before) == [workshop.wheel.name]
    again = publish(index, workshop, people.ada)
    assert (again.returncode, index.hosted(project)) == (0, before), said(again)

    workshop.write(note="It sings.")
    exists = f"File already exists: {workshop.wheel.name}"
    other = shown(publish(index, workshop, people.ada), 400, exists)
    passed = "-"
    if publish.passes_over:
        done = publish(index, workshop, people.ada, *publish.passes_over)
        passed = f"`{publish.passes_over[0]}`: {'stops' if done.returncode else 'goes on'}"
    assert index.hosted(project) == before

    refused = shown(publish(index, workshop, people.bob), 403, "bob does not maintain")
    assert index.hosted(project) == before
    more = _told_more(index, workshop, publish, people.bob)
    assert f"| {name} | {refused} | {more} | done | {other} | {passed} | {unknown} |" in documented()


def _told_more(index: Index, workshop: Workshop, publish: Publisher, token: str) -> str:
    if not publish.tells_more:
        return "-"
    done = publish(index, workshop, token, *publish.tells_more)
    return f"`{publish.tells_more[0]}`: {shown(done, 403, 'bob does not maintain')}"


def test_w03_distutils_shows(index: Index, people: People, project: str, tmp_path: Path) -> None:
    """The oldest client of all shows the status, whatever it is asked."""
    python = python_with("distutils.command.upload", "3.8", "3.7", "3.6", "2.7")
    about = {"name": project, "version": "1.0"}
    strange = SetupPy.write(tmp_path / "strange", python, index, "wrong", **about)
    unknown = shown(strange("sdist", "--formats=gztar", "upload", "-r", "here"), 401, "is not known here")
    setup = SetupPy.write(tmp_path / "own", python, index, PASSWORD, **about)
    require_success(setup("sdist", "--formats=gztar", "upload", "-r", "here"))
    (tmp_path / "own" / f"{project}.py").write_text("sings = True\n")
    other = shown(setup("sdist", "--formats=gztar", "upload", "-r", "here"), 400, "File already exists")
    host(index, people.bob, f"{project}bob", "0.9")
    about["name"] = f"{project}bob"
    setup = SetupPy.write(tmp_path / "bobs", python, index, PASSWORD, **about)
    upload = ("sdist", "--formats=gztar", "upload", "-r", "here")
    refused = shown(setup(*upload), 403, "ada does not maintain")
    # --show-response shows the body of what succeeded.
    assert shown(setup(*upload, "--show-response"), 403, "ada does not maintain") == refused
    assert f"| distutils | {refused} | - | - | {other} | - | {unknown} |" in documented()


def test_every_client_is_in_the_table() -> None:
    """The table speaks of the clients that are tried, and of no others but distutils."""
    assert {line.split(" | ")[0].removeprefix("| ") for line in documented()} == {*PUBLISHERS, "distutils"}
