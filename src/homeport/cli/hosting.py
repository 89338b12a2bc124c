"""``homeport mode``."""

from typing import Annotated

import typer

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import print_json, say
from homeport.cli.projects import NameArgument
from homeport.domain.exemption import parse_day
from homeport.domain.hosting import HostingMode


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    mode = typer.Typer(help="Hosting modes: who holds a project's files.", no_args_is_help=True)
    mode.command("set")(_set)
    app.add_typer(mode, name="mode")


def _set(
    name: NameArgument,
    mode: Annotated[str, typer.Argument(metavar="MODE", help="pypi-ext, pypi-cache or pypi-only.")],
    reason: Annotated[str, typer.Option(help="Why; an exemption needs it.")] = "",
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day on which an exemption ends.")
    ] = None,
    consent: Annotated[
        bool, typer.Option("--consent", help="Files at the project's sources may be hosted here.")
    ] = False,
    acknowledge_loss: Annotated[
        bool, typer.Option("--acknowledge-loss", help="I know which files stop being installable.")
    ] = False,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move a project to another hosting mode."""
    from homeport.flows.change_hosting import Wish, change_hosting

    day = parse_day(until) if until else None
    opened = world()
    wish = Wish(HostingMode.parse(mode), reason, day, consent, acknowledge_loss)
    changed = change_hosting(opened, caller_for(opened, user, name), name, wish)
    if as_json:
        print_json(
            {"project": name, "mode": changed.project.mode.value, "no_longer_listed": list(changed.lost)}
        )
        return
    say(f"{changed.project.name} is {changed.project.mode} now.")
    for filename in changed.lost:
        say(f"  no longer listed: {filename}")
