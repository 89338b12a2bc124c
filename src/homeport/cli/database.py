"""``homeport db``: the schema."""

import typer

from homeport.cli.context import JsonOption, settings
from homeport.cli.output import print_json, say


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    database = typer.Typer(help="The database.", no_args_is_help=True)
    database.command("upgrade")(_upgrade)
    # With one command only, Typer would hide its name without a callback.
    database.callback()(_database)
    app.add_typer(database, name="db")


def _database() -> None:
    """The database."""


def _upgrade(as_json: JsonOption = False) -> None:
    """Bring the database to the schema of this version; serve does it too."""
    from homeport.adapters.db.driver import HEAD
    from homeport.wiring import prepare

    chosen = settings()
    prepare(chosen)
    if as_json:
        print_json({"revision": HEAD})
    else:
        say(f"The database is at revision {HEAD}.")
