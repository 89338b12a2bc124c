"""``homeport mode``: the hosting mode of a project, and what each other one would mean for it."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import hint, print_json, say, table
from homeport.cli.projects import NameArgument
from homeport.domain.exemption import parse_day
from homeport.domain.hosting import HostingMode

if TYPE_CHECKING:
    from homeport.domain.outlook import ExternalFile, Option, Outlook

_MOST_FILES = 20


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    mode = typer.Typer(help="Hosting modes: who holds a project's files.", no_args_is_help=True)
    mode.command("show")(_show)
    mode.command("set")(_set)
    app.add_typer(mode, name="mode")


def _show(name: NameArgument, user: AsOption = None, as_json: JsonOption = False) -> None:
    """Show the hosting mode of a project, and what each other mode would mean for it."""
    from homeport.flows.outlook import show_outlook
    from homeport.formats.hosting_json import outlook_json

    opened = world()
    story = show_outlook(opened, caller_for(opened, user, name), name)
    if as_json:
        told = outlook_json(
            story.project.name.normalized,
            story.outlook,
            exemption=story.exemption,
            standing=story.standing,
            condition=story.condition,
            past=story.past,
        )
        print_json(told)
        return
    say(f"{story.project.name} is {story.project.mode}. {_counted(story.outlook)}")
    if story.exemption and story.exemption.until:
        say(f"Its exemption ends on {story.exemption.until}; then it becomes pypi-only.")
    if story.standing and story.condition:
        gone = story.standing.withdrawn_at
        when = f" on {gone:%Y-%m-%d}" if gone else f", until {story.standing.ends_on}"
        say(f"Standing consent: {story.condition}{when}.")
    _print_files(story.outlook.external)
    for option in story.outlook.options:
        _print_option(option)
    for past in story.past:
        hint(f"{past.at:%Y-%m-%d}  {past.sentence} By {past.by}. {past.reason}".rstrip())


def _counted(outlook: "Outlook") -> str:
    from homeport.domain.outlook import Chance

    hosted = f"Hosted here: {_files(outlook.hosted)}."
    if not outlook.external:
        return f"{hosted} None is external."
    how = "listed" if outlook.mode.lists_external else "recorded, not listed"
    return (
        f"{hosted} External ({how}): {_files(len(outlook.external))}, of which {outlook.count(Chance.CAN)} can come home, "
        f"{outlook.count(Chance.CANNOT)} cannot, and {outlook.count(Chance.UNKNOWN)} nobody looked at."
    )


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _print_files(files: "tuple[ExternalFile, ...]") -> None:
    if not files:
        return
    rows = [(escape(one.filename), one.chance.words, escape(one.why)) for one in files[:_MOST_FILES]]
    table(("external file", "chance", "why"), rows)
    if len(files) > _MOST_FILES:
        hint(f"and {len(files) - _MOST_FILES} more; --json has them all")


def _print_option(option: "Option") -> None:
    who = {"owner": "an owner moves", "admin": "an administrator moves"}[option.mover]
    say(f"\nTo {option.target} ({who}){'; one way, you cannot undo it alone' if option.is_one_way else ''}")
    if option.closed:
        say(f"  Closed: {option.closed}")
        return
    if option.loses:
        say(
            f"  {_files(len(option.loses))} would stop being installable; {option.rescuable} of them can come home first."
        )
    if option.gains:
        verb = "would be listed" if option.target.lists_external else "can come home"
        say(f"  External, {verb}: {_files(len(option.gains))}.")
    for number, stage in enumerate(option.way, 1):
        say(f"  {number}. {'✓ ' if stage.is_done else ''}{stage.step.sentence}")


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
    """Move a project to another hosting mode; homeport mode show NAME says beforehand what that means."""
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
