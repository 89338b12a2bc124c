"""``homeport release``."""

from typing import Annotated

import typer

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import hint, print_json, say
from homeport.cli.projects import NameArgument

VersionArgument = Annotated[str, typer.Argument(metavar="VERSION", help="The version.")]
FileOption = Annotated[
    list[str] | None, typer.Option("--file", help="Only this file of the release; may be given again.")
]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    release = typer.Typer(help="Releases.", no_args_is_help=True)
    release.command("yank")(_yank)
    release.command("unyank")(_unyank)
    app.add_typer(release, name="release")


def _yank(
    name: NameArgument,
    version: VersionArgument,
    file: FileOption = None,
    reason: Annotated[str, typer.Option(help="Why; installers show it.")] = "",
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Yank a release: installers take it only when asked for exactly this version. Nothing is removed."""
    from homeport.flows.yank import yank

    opened = world()
    caller = caller_for(opened, user, name)
    changed = yank(opened, caller, name, version, filenames=file or (), reason=reason)
    _tell(name, version, "yanked", changed, as_json=as_json)


def _unyank(
    name: NameArgument,
    version: VersionArgument,
    file: FileOption = None,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a yank back."""
    from homeport.flows.yank import unyank

    opened = world()
    changed = unyank(opened, caller_for(opened, user, name), name, version, filenames=file or ())
    _tell(name, version, "unyanked", changed, as_json=as_json)


def _tell(name: str, version: str, verb: str, changed: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({"project": name, "version": version, verb: list(changed)})
        return
    say(f"{name} {version}: {len(changed)} {'file' if len(changed) == 1 else 'files'} {verb}.")
    for filename in changed:
        say(f"  {filename}")
    if not changed:
        hint("No file changed.")
