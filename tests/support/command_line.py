"""Commands, run in this process as a shell would run them, on the home that the environment names."""

from typing import Protocol

import typer
from typer.testing import CliRunner

from homeport.domain.errors import Refusal


class CommandModule(Protocol):
    """A module of ``homeport.cli`` that has commands."""

    def add_commands(self, app: typer.Typer) -> None:
        """Hang them into the tree."""
        ...


class Run(Protocol):
    """Runs a command."""

    def __call__(self, *words: str, typed: str = "", status: int = 0) -> str:
        """What it printed, with what is ``typed``; its refusal is raised, and any other ``status`` is a failure."""
        ...


def commands(*modules: CommandModule) -> Run:
    """A command line with the commands of these modules."""
    app = typer.Typer()
    for module in modules:
        module.add_commands(app)

    def run(*words: str, typed: str = "", status: int = 0) -> str:
        done = CliRunner().invoke(app, list(words), input=typed)
        if isinstance(done.exception, Refusal):
            raise done.exception
        assert done.exit_code == status, done.output
        return done.output

    return run
