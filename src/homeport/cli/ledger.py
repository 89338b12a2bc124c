"""``homeport ledger``: what happened, and the proof that it was not changed."""

import json
from typing import Annotated

import typer
from rich.markup import escape

from homeport.cli.context import JsonOption, world
from homeport.cli.errors import Exit
from homeport.cli.output import print_json, say, table
from homeport.domain.ledger import verify


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    ledger = typer.Typer(help="The ledger of every publishing and change.", no_args_is_help=True)
    ledger.command("show")(_show)
    ledger.command("verify")(_verify)
    app.add_typer(ledger, name="ledger")


def _show(
    project: Annotated[str | None, typer.Option(help="Only entries of this project.")] = None,
    after: Annotated[int, typer.Option(help="Only entries with a greater number.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Show entries, oldest first."""
    from homeport.flows.manage_project import find_project
    from homeport.formats.management_json import ledger_json

    with world().store.read() as tx:
        wanted = find_project(tx, project).name.normalized if project else None
        entries = ledger_json(tx.ledger.entries(after=after))
    if wanted:
        entries = [entry for entry in entries if entry["project"] == wanted]
    if as_json:
        print_json(entries)
        return
    rows = [
        (
            str(e["seq"]),
            e["at"][:19],
            escape(e["kind"]),
            escape(e["actor"]),
            escape(e["project"]),
            _told(e["details"]),
        )
        for e in entries
    ]
    table(("#", "at (UTC)", "kind", "by", "project", "details"), rows)


def _told(details: dict[str, object]) -> str:
    told = " ".join(
        f"{name}={json.dumps(value)}" for name, value in details.items() if value not in (None, "", [])
    )
    return escape(told)


def _verify(as_json: JsonOption = False) -> None:
    """Recompute every hash of the ledger; exit 1 when an entry was changed or is missing."""
    with world().store.read() as tx:
        verification = verify(tx.ledger.entries())
    if as_json:
        print_json(
            {
                "entries": verification.entries,
                "head": verification.head,
                "problem": verification.problem or None,
            }
        )
    else:
        say(
            verification.problem
            or f"{verification.entries} entries, every hash holds. Head {verification.head}"
        )
    if verification.problem:
        raise typer.Exit(Exit.REFUSED)
