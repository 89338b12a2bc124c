"""``homeport user``: accounts from the shell."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from homeport.cli import accounts
from homeport.domain.errors import Conflict, Forbidden, NotFound, Refusal

Run = Callable[..., str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with ada, and the administrator root."""
    folder = tmp_path_factory.mktemp("home")
    run = runner(folder)
    assert run("user", "list") == "There is no account yet: homeport user add.\n"
    said = run("user", "add", "ada", "--email", "ada@example.org")
    assert "homeport user link ada" in said
    run("user", "add", "root", "--email", "root@example.org", "--admin")
    return folder


def runner(home: Path) -> Run:
    """Runs a command on that home; what it printed."""
    app = typer.Typer()
    accounts.add_commands(app)

    def run(*words: str, stdin: str = "") -> str:
        done = CliRunner().invoke(app, list(words), input=stdin, env={"HOMEPORT_HOME": str(home)})
        if isinstance(done.exception, Refusal):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    return run


@pytest.fixture
def run(home: Path) -> Run:
    """Runs a command on the module's home."""
    return runner(home)


def test_accounts_are_listed_and_shown(run: Run) -> None:
    """All, or those whose name or address holds a text; to people and to scripts."""
    assert {"ada", "root"} <= set(run("user", "list").split())
    assert "root@example.org" not in run("user", "list", "ada@")
    assert run("user", "list", "nobody") == "There is no such account.\n"
    (told,) = json.loads(run("user", "list", "ada", "--json"))
    assert (told["name"], told["email"], told["admin"], told["disabled"]) == (
        "ada",
        "ada@example.org",
        False,
        False,
    )
    assert (
        run("user", "show", "root")
        == "root <root@example.org>: administrator, address not verified, no password.\n"
    )
    assert json.loads(run("user", "show", "root", "--json"))["admin"] is True
    with pytest.raises(NotFound):
        run("user", "show", "nobody")


def test_a_link_is_printed_alone(run: Run) -> None:
    """The first line is the link, and nothing else; a script gets it with its end."""
    first, *rest = run("user", "link", "ada").splitlines()
    assert first.startswith("http://127.0.0.1:8417/set-password/")
    assert "works once" in " ".join(rest)
    told = json.loads(run("user", "link", "ada", "--as", "root", "--json"))
    assert told["link"] != first
    assert told["until"] > "2026"


def test_disabled_and_enabled(run: Run) -> None:
    """Each says what it did; an account that is disabled gets no link."""
    assert "is disabled" in run("user", "disable", "ada")
    assert "disabled" in run("user", "show", "ada")
    with pytest.raises(Conflict):
        run("user", "link", "ada")
    assert json.loads(run("user", "enable", "ada", "--as", "root", "--json"))["disabled"] is False
    assert run("user", "disable", "ada", "--json")
    assert "is enabled" in run("user", "enable", "ada")


def test_administrators_are_made_and_unmade(run: Run) -> None:
    """The shell may; acting for somebody it may what they may; the last one stays."""
    with pytest.raises(Forbidden):
        run("user", "promote", "ada", "--as", "ada")
    with pytest.raises(Conflict):
        run("user", "demote", "root")
    assert run("user", "promote", "ada") == "ada is an administrator now.\n"
    assert run("user", "demote", "ada", "--as", "root") == "ada is no administrator any more.\n"


def test_a_password_from_standard_input(run: Run) -> None:
    """It is set, and then the account has one."""
    said = run("user", "set-password", "ada", "--password-stdin", stdin="correct horse battery\n")
    assert said == "ada can sign in with this password now.\n"
    assert "no password" not in run("user", "show", "ada")
