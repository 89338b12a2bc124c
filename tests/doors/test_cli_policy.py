"""Removals, quotas and overridden names from the shell."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.catalogue import publish
from tests.support.command_line import Run, commands

from homeport.cli import accounts, files, ledger, projects, releases, tokens
from homeport.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from homeport.flows.sign_in import find_user
from homeport.settings import read_settings
from homeport.wiring import open_world

WHEELS = {version: f"demo-{version}-py3-none-any.whl" for version in ("1.0", "2.0")}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command, with what is typed, on a home where ada owns demo with two releases; what it printed."""
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    run = commands(accounts, projects, releases, files, ledger, tokens)

    run("user", "add", "ada", "--email", "ada@example.org")
    run("user", "add", "root", "--email", "root@example.org", "--admin")
    run("project", "create", "demo", "--owner", "ada")
    world = open_world(read_settings({"HOMEPORT_HOME": str(tmp_path)}, tmp_path))
    for version in WHEELS:
        publish(world, find_user(world, "ada"), "demo", version)
    return run


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command believe that somebody sits there."""
    monkeypatch.setattr("typer.testing._NamedTextIOWrapper.isatty", lambda self: True, raising=False)


def there(run: Run) -> list[str]:
    """The files of the project."""
    told: dict[str, Any] = json.loads(run("project", "show", "demo", "--json"))
    return [file["filename"] for file in told["files"]]


def test_the_ledger_of_no_project(run: Run) -> None:
    """A project that is not there is told as that, and not as one without a history."""
    assert json.loads(run("ledger", "show", "--project", "Demo", "--json"))[0]["kind"] == "project-created"
    with pytest.raises(NotFound, match="There is no project no-such here"):
        run("ledger", "show", "--project", "no-such")


def test_a_list_of_tokens_tells_when_each_ended(run: Run) -> None:
    """The end of a revoked token is when that was, whatever it was made for."""
    run("token", "create", "--user", "ada", "--expires", "52w")
    (before,) = json.loads(run("token", "list", "--user", "ada", "--json"))
    run("token", "revoke", str(before["id"]), "--as", "ada")
    (after,) = json.loads(run("token", "list", "--user", "ada", "--json"))
    told = run("token", "list", "--user", "ada")
    assert after["revoked"][:10] in told
    assert before["expires"][:10] not in told


REMOVE = ("release", "remove", "demo", "1.0", "--reason", "It holds a key.")


def test_who_types_the_version_removes_it(run: Run, at_a_terminal: None) -> None:
    """What goes is shown first; another version than the one that is meant removes nothing."""
    with pytest.raises(Invalid) as refused:
        run(*REMOVE, typed="2.0\n")
    assert refused.value.code == "confirmation-wrong"
    assert there(run) == list(WHEELS.values())
    told = run(*REMOVE, typed="1.0\n")
    assert f"stop being installable, at once and for everybody:\n  {WHEELS['1.0']}\n" in told
    assert f"demo 1.0: 1 file removed.\n  {WHEELS['1.0']}\n" in told
    assert there(run) == [WHEELS["2.0"]]


def test_a_script_says_yes(run: Run) -> None:
    """Where nobody can type it the command wants ``--yes``, and tells a script what is gone."""
    with pytest.raises(Invalid) as refused:
        run(*REMOVE)
    assert refused.value.code == "confirmation-missing"
    told = json.loads(run(*REMOVE, "--file", WHEELS["1.0"], "--yes", "--json"))
    assert told == {"project": "demo", "version": "1.0", "removed": [WHEELS["1.0"]]}
    assert "No file changed." in run(*REMOVE, "--yes"), "the version went, which had no file any more"
    with pytest.raises(Refusal, match="has no release"):
        run(*REMOVE, "--yes")


def test_a_version_without_files_is_shown_as_that(run: Run, at_a_terminal: None) -> None:
    """Who removes a release that has none reads that there is none."""
    run(*REMOVE, "--file", WHEELS["1.0"], "--yes")
    assert "for everybody: none, only the version goes" in run(*REMOVE, typed="1.0\n")


def test_quotas(run: Run) -> None:
    """A project and a person get quotas of their own, and give them back."""
    as_root = ("--as", "root")
    used = sum(map(len, WHEELS.values()))
    assert (
        run("project", "quota", "demo", "1GiB", *as_root)
        == f"demo has {used} bytes; its own quota is 1 GiB.\n"
    )
    told = json.loads(run("user", "quota", "ada", "1KiB", *as_root, "--json"))
    assert told == {"user": "ada", "used": used, "quota": 1024}
    assert run("user", "quota", "ada", "default", *as_root).endswith("the index's quota holds.\n")
    with pytest.raises(Forbidden):
        run("project", "quota", "demo", "1GiB", "--as", "ada")
    with pytest.raises(Invalid, match="Say for whom"):
        run("project", "quota", "demo", "1GiB")


def test_an_administrator_overrides(run: Run) -> None:
    """A look-alike is created when an administrator is named, and by nobody else."""
    create = ("project", "create", "dem0", "--owner", "ada")
    with pytest.raises(Conflict, match="too similar to that of the project demo"):
        run(*create)
    with pytest.raises(Forbidden):
        run(*create, "--override", "ada")
    assert run(*create, "--override", "root") == "Created dem0: pypi-only, owned by ada.\n"
