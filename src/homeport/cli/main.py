"""The command tree, and the one place where refusals become words and exit codes."""

import sys

import typer

from homeport.cli import accounts, database, files, hosting, ledger, projects, rehosts, serve
from homeport.cli.errors import Exit, tell_refusal
from homeport.domain.errors import Refusal

app = typer.Typer(
    name="homeport",
    help="A Python package index that brings release files home.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)


def _grow() -> None:
    for module in (serve, accounts, projects, hosting, rehosts, files, ledger, database):
        module.add_commands(app)


def main() -> None:
    """Run one command; never a traceback for what a person did."""
    _grow()
    try:
        app()
    except Refusal as refusal:
        sys.exit(tell_refusal(refusal, as_json="--json" in sys.argv))
    except BrokenPipeError:
        # The reader of our output has gone (… | head): that is no failure of ours.
        sys.stderr.close()
        sys.exit(Exit.OK)
