"""A project is kept: releases are yanked, markers set, readers let in; from the terminal, and as installers see it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.journeys.conftest import People
from tests.support.archives import make_wheel
from tests.support.clients import Pip, require_success, said
from tests.support.forms import basic
from tests.support.index import SIMPLE_JSON, Finished, Index, running

pytestmark = pytest.mark.journey

REFUSED = 1


@pytest.fixture
def published(index: Index, people: People, project: str) -> str:
    """A project of ada's with two releases."""
    for version in ("1.0", "2.0"):
        upload(index, people.ada, project, version)
    return project


def upload(index: Index, token: str, project: str, version: str) -> int:
    """Publish a wheel; the status of the answer."""
    return index.upload(f"{project}-{version}-py3-none-any.whl", make_wheel(project, version), token).status


def read(index: Index, path: str, token: str = "") -> int:
    """The status that somebody is answered who reads."""
    credentials = basic("__token__", token) if token else {}
    return index.request("GET", path, headers={"Accept": SIMPLE_JSON} | credentials).status


@pytest.mark.usefixtures("people")
def test_a_release_is_yanked_in_the_terminal(index: Index, published: str, pip: Pip, tmp_path: Path) -> None:
    """Q04: pip passes a yanked release over, and takes it with a warning and its reason when it is pinned."""
    name = f"{published}-2.0-py3-none-any.whl"
    told = index.ask("release", "yank", published, "2.0", "--reason", "It forgets [red]feathers[/red].")
    assert told == f"{published} 2.0: 1 file yanked.\n  {name}\n"
    assert index.simple(published)[name]["yanked"] == "It forgets [red]feathers[/red]."
    require_success(pip.install(index, tmp_path / "any", published))
    assert (tmp_path / "any" / f"{published}-1.0.dist-info").is_dir()
    pinned = require_success(pip.install(index, tmp_path / "pinned", f"{published}==2.0"))
    assert "It forgets [red]feathers[/red]." in said(pinned)
    assert "yanked It forgets [red]feathers[/red]." in index.ask("project", "show", published)

    again = index.ask("release", "yank", published, "2.0", "--reason", "It forgets [red]feathers[/red].")
    assert again == f"{published} 2.0: 0 files yanked.\nNo file changed.\n"
    told = index.ask("release", "unyank", published, "2.0")
    assert told == f"{published} 2.0: 1 file unyanked.\n  {name}\n"
    assert index.simple(published)[name]["yanked"] is False


def test_an_archived_project_takes_no_upload(index: Index, people: People, published: str) -> None:
    """Q05, Q11: the upload is refused in words until the marker is gone; then it is taken at once."""
    told = index.ask("project", "status", published, "archived", "--reason", "No time any more.")
    assert told == f"{published} is archived now.\n"
    assert "because: No time any more." in index.ask("project", "show", published)
    assert upload(index, people.ada, published, "3.0") == 400
    assert len(index.hosted(published)) == 2
    index.ask("project", "status", published, "active")
    assert upload(index, people.ada, published, "3.0") == 200


def test_a_quarantine(index: Index, people: People, published: str) -> None:
    """Q06, Q10: only an administrator begins it; then nothing is offered, listed or taken, and no file is given."""
    index.cli("user", "add", "root", "--email", "root@example.org", "--admin")
    file = index.simple(published)[f"{published}-1.0-py3-none-any.whl"]["url"]
    assert index.request("GET", file).status == 200
    refused = index.cli("project", "status", published, "quarantined", "--reason", "x", "--as", "ada")
    assert require_sentence(refused) == "homeport: Only an administrator may do this.\n"
    index.ask("project", "status", published, "quarantined", "--reason", "Malware.", "--as", "root")
    assert upload(index, people.ada, published, "3.0") == 400
    assert index.simple(published) == {}
    assert (index.request("GET", file).status, index.request("GET", f"{file}.metadata").status) == (404, 404)
    assert published not in index.request("GET", "/simple/").body.decode()
    index.ask("project", "status", published, "active", "--as", "root")
    assert index.request("GET", file).status == 200


def require_sentence(done: Finished) -> str:
    """It was refused, in words; the words."""
    assert done.returncode == REFUSED, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_private_project(index: Index, people: People, published: str, pip: Pip, tmp_path: Path) -> None:
    """Strangers are asked to sign in, other accounts find nothing, and a reader installs with a token to read."""
    told = index.ask("project", "visibility", published, "private")
    assert f"homeport project grant {published} USER --role reader" in told
    assert published not in index.request("GET", "/simple/").body.decode()
    path = f"/simple/{published}/"
    reader = f"{published}-reader"
    index.ask("user", "add", reader, "--email", f"{reader}@example.org")
    token = index.ask("token", "create", "--user", reader, "--scope", "read").strip()
    assert (read(index, path), read(index, path, token), read(index, path, people.bob)) == (401, 404, 404)
    told = index.ask("project", "grant", published, reader, "--role", "reader")
    assert told == f"{reader} is reader of {published} now.\n"
    assert read(index, path, token) == 200
    assert upload(index, token, published, "3.0") == 403

    source = f"http://__token__:{token}@127.0.0.1:{index.port}/simple/"
    require_success(pip("install", "--index-url", source, "--target", str(tmp_path / "in"), published))
    assert (tmp_path / "in" / f"{published}-2.0.dist-info").is_dir()
    assert pip.install(index, tmp_path / "out", published).returncode != 0
    index.ask("project", "visibility", published, "public")
    assert read(index, path) == 200


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """An index where everybody must sign in."""
    with running(tmp_path_factory.mktemp("closed"), "web", HOMEPORT_PRIVATE="yes") as index:
        yield index


def test_a_private_index(closed: Index) -> None:
    """Nothing is read without an account: programs are asked for credentials, browsers led to the sign-in page."""
    token = closed.add_user("ada")
    reads = closed.ask("token", "create", "--user", "ada", "--scope", "read").strip()
    assert upload(closed, token, "lark", "1.0") == 200
    for path in ("/simple/", "/simple/lark/", "/simple/nobody-has-this/"):
        assert read(closed, path) == 401
        assert read(closed, path, token) == 404, "this token is not for reading"
    assert [read(closed, path, reads) for path in ("/simple/", "/simple/lark/")] == [200, 200]
    for path in ("/", "/search/", "/project/lark/", "/project/nobody-has-this/"):
        answer = closed.request("GET", path, headers={"Accept": "text/html"})
        assert (answer.status, answer.headers["location"].partition("?")[0]) == (303, "/sign-in/"), path
        assert b"lark" not in answer.body
    for path in ("/sign-in/", "/about/crawler/", "/healthz"):
        assert closed.request("GET", path, headers={"Accept": "text/html"}).status == 200, path
