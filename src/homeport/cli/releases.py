"""``homeport release``."""

import sys
from functools import partial
from typing import Annotated

import typer
from rich.markup import escape

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import errors, hint, print_json, say
from homeport.cli.policies import tell_waiting
from homeport.cli.projects import NameArgument
from homeport.domain.errors import Invalid

VersionArgument = Annotated[str, typer.Argument(metavar="VERSION", help="The version.")]
FileOption = Annotated[
    list[str] | None, typer.Option("--file", help="Only this file of the release; may be given again.")
]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    release = typer.Typer(help="Releases.", no_args_is_help=True)
    release.command("yank")(_yank)
    release.command("unyank")(_unyank)
    release.command("remove")(_remove)
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


def _remove(
    name: NameArgument,
    version: VersionArgument,
    reason: Annotated[str, typer.Option(help="Why; whoever maintains the project is told it.")],
    file: FileOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove a release, or some of its files, for good. Their names are never given to other bytes; to warn, yank."""
    from homeport.domain.proposal import Act, Deed, Proposal
    from homeport.flows.proposals import or_propose
    from homeport.flows.remove import remove, show_doomed

    opened = world()
    caller = caller_for(opened, user, name)
    if not yes:
        doomed = show_doomed(opened, caller, name, version, filenames=file or ())
        _confirm(doomed.project.name.display, doomed.version.text, doomed.filenames)
    filenames = tuple(file or ())
    deed = Deed(Act.DELETE, name, version, filenames)
    do = partial(remove, opened, caller, name, version, reason=reason, filenames=filenames)
    removed = or_propose(opened, caller, deed, reason, do)
    if isinstance(removed, Proposal):
        tell_waiting(removed, as_json=as_json)
        return
    _tell(name, version, "removed", removed.filenames, as_json=as_json)
    if not as_json:
        hint("Their bytes stay in the store until somebody collects them: homeport verify counts them.")


def _confirm(name: str, version: str, filenames: tuple[str, ...]) -> None:
    listed = "".join(f"\n  {filename}" for filename in filenames) or " none, only the version goes"
    told = f"These files of {name} {version} stop being installable, at once and for everybody:{listed}"
    errors.print(escape(told), soft_wrap=True)
    if not sys.stdin.isatty():
        raise Invalid("Nobody is there to confirm it: say --yes.", code="confirmation-missing")
    if typer.prompt("Type the version to remove them", err=True).strip() != version:
        raise Invalid("That is another version: nothing was removed.", code="confirmation-wrong")


def _tell(name: str, version: str, verb: str, changed: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({"project": name, "version": version, verb: list(changed)})
        return
    say(f"{name} {version}: {len(changed)} {'file' if len(changed) == 1 else 'files'} {verb}.")
    for filename in changed:
        say(f"  {filename}")
    if not changed:
        hint("No file changed.")
