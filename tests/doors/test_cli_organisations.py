"""``homeport organisation``: people, projects and teams from the shell."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.command_line import Run, commands

from homeport.cli import accounts, organisations, projects
from homeport.domain.errors import Conflict, Invalid, NotFound


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a home with the users ada, bob and cyd, and ada's project demo; what it printed."""
    monkeypatch.setenv("HOMEPORT_HOME", str(tmp_path))
    run = commands(accounts, projects, organisations)

    for name in ("ada", "bob", "cyd"):
        run("user", "add", name, "--email", f"{name}@example.org")
    run("project", "create", "demo", "--owner", "ada")
    return run


def shown(run: Run, *acting: str) -> dict[str, Any]:
    """What ``show`` tells a script."""
    told: dict[str, Any] = json.loads(run("organisation", "show", "acme", *acting, "--json"))
    return told


def test_an_organisation_from_the_shell(run: Run) -> None:
    """People are let in, a project moves in, a team gets a role, and all of it is taken back."""
    assert "No organisation yet" in run("organisation", "list")
    assert "Created acme, owned by ada." in run(
        "organisation", "create", "acme", "--owner", "ada", "--display-name", "Acme [Labs]"
    )
    assert "Acme [Labs]" in run("organisation", "list")
    assert "No project yet" in run("organisation", "show", "acme")
    assert run("organisation", "grant", "acme", "bob") == "bob is member of acme now.\n"
    assert run("organisation", "add-project", "acme", "demo") == "demo belongs to acme now.\n"
    assert run("organisation", "team", "create", "acme", "core") == "Created the team acme/core.\n"
    assert "team core: nobody; no role" in run("organisation", "show", "acme")
    assert run("organisation", "team", "add", "acme", "core", "bob") == "bob is in acme/core now.\n"
    granted = run("organisation", "team", "grant", "acme", "core", "demo", "--role", "reader")
    assert granted == "acme/core is reader of demo now.\n"
    told = shown(run)
    assert told["members"] == [{"user": "ada", "role": "owner"}, {"user": "bob", "role": "member"}]
    assert told["teams"] == [
        {"name": "core", "members": ["bob"], "projects": [{"project": "demo", "role": "reader"}]}
    ]
    assert "team core: bob; reader of demo" in run("organisation", "show", "acme")
    assert "team acme/core" in run("project", "members", "demo")
    assert run("organisation", "team", "revoke", "acme", "core", "demo").endswith("in demo any more.\n")
    assert run("organisation", "team", "remove", "acme", "core", "bob") == "bob is no longer in acme/core.\n"
    assert run("organisation", "team", "delete", "acme", "core") == "The team acme/core is gone.\n"
    assert run("organisation", "remove-project", "acme", "demo") == "demo no longer belongs to acme.\n"
    assert run("organisation", "revoke", "acme", "bob") == "bob is no longer in acme.\n"
    told = shown(run)
    assert (told["members"], told["teams"], told["projects"]) == ([{"user": "ada", "role": "owner"}], [], [])


def test_scripts_are_told_the_same(run: Run) -> None:
    """Every command that changes something tells a script what it did."""
    made = json.loads(run("organisation", "create", "acme", "--owner", "ada", "--json"))
    assert (made["name"], made["display_name"], made["role"]) == ("acme", "acme", "owner")
    assert [one["name"] for one in json.loads(run("organisation", "list", "--json"))] == ["acme"]
    words: dict[tuple[str, ...], dict[str, object]] = {
        ("grant", "acme", "bob"): {"organisation": "acme", "user": "bob", "role": "member"},
        ("add-project", "acme", "demo"): {"project": "demo", "organisation": "acme"},
        ("team", "create", "acme", "core"): {"organisation": "acme", "team": "core"},
        ("team", "add", "acme", "core", "bob"): {"team": "core", "user": "bob", "member": True},
        ("team", "grant", "acme", "core", "demo"): {"team": "core", "project": "demo", "role": "maintainer"},
        ("team", "revoke", "acme", "core", "demo"): {"team": "core", "project": "demo", "role": None},
        ("team", "remove", "acme", "core", "bob"): {"team": "core", "user": "bob", "member": False},
        ("team", "delete", "acme", "core"): {"organisation": "acme", "deleted": "core"},
        ("remove-project", "acme", "demo"): {"project": "demo", "organisation": None},
        ("revoke", "acme", "bob"): {"organisation": "acme", "user": "bob", "role": None},
    }
    for command, told in words.items():
        assert json.loads(run("organisation", *command, "--json")) == told


def test_the_shell_says_for_whom_it_acts(run: Run) -> None:
    """With two owners it must be said; with one it is that one; words that are no role change nothing."""
    run("organisation", "create", "acme", "--owner", "ada")
    run("organisation", "grant", "acme", "bob", "--role", "owner")
    with pytest.raises(Invalid, match="owned by ada, bob") as unsaid:
        run("organisation", "grant", "acme", "cyd")
    assert unsaid.value.code == "user-missing"
    run("organisation", "grant", "acme", "cyd", "--as", "bob")
    assert {"user": "cyd", "role": "member"} in shown(run, "--as", "cyd")["members"]
    with pytest.raises(Invalid):
        run("organisation", "grant", "acme", "cyd", "--role", "manager", "--as", "bob")
    run("organisation", "revoke", "acme", "bob", "--as", "bob")
    with pytest.raises(Conflict, match="last owner"):
        run("organisation", "revoke", "acme", "ada")
    with pytest.raises(NotFound):
        run("organisation", "show", "nothing")
