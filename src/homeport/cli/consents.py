"""``homeport consent``: a project's standing consent, under which registrations bring files home."""

from typing import TYPE_CHECKING, Annotated

import typer

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import hint, print_json, say
from homeport.cli.projects import NameArgument
from homeport.domain.exemption import parse_day

if TYPE_CHECKING:
    from homeport.flows.standing_consents import StandingView


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    consent = typer.Typer(
        help="Standing consent: where registrations of a project may bring files home from.",
        no_args_is_help=True,
    )
    consent.command("show")(_show)
    consent.command("give")(_give)
    consent.command("withdraw")(_withdraw)
    app.add_typer(consent, name="consent")


def _show(name: NameArgument, user: AsOption = None, as_json: JsonOption = False) -> None:
    """Show the standing consent of a project, the places that are named now, and what changed it."""
    from homeport.flows.standing_consents import show_standing

    opened = world()
    view = show_standing(opened, caller_for(opened, user, name), name)
    if as_json:
        _print(view)
        return
    _tell(view)
    for place in view.places:
        say(f"  named now: {place}{' (its host is not covered)' if place in view.unnamed else ''}")
    for line in view.lines:
        hint(f"{line.at:%Y-%m-%d}  {line.kind} by {line.by}, serial {line.serial}. {line.reason}".rstrip())


def _give(
    name: NameArgument,
    host: Annotated[
        list[str] | None,
        typer.Option(
            help="A host that pages of files lie on; may be repeated. Alone it means https; a port (NAME:8443) and plain "
            "http (http://NAME) are written."
        ),
    ] = None,
    path: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Only pages at such a path, like /acme/*; may be repeated."),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Only files of such a name, like *.whl; may be repeated."),
    ] = None,
    until: Annotated[
        str,
        typer.Option(metavar="DATE", help="The day on which it ends; a year from now when it is not said."),
    ] = "",
    revision: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", help="Only if the consent is still as it was then (show prints it)."),
    ] = None,
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a standing consent, renew it, or change it; what is not said stays as it was."""
    from homeport.flows.standing_consents import StandingWish, give_consent

    opened = world()
    wish = StandingWish(host or None, path or None, file or None, parse_day(until) if until else None)
    view = give_consent(opened, caller_for(opened, user, name), name, wish, revision=revision)
    if as_json:
        _print(view)
    else:
        _tell(view)


def _withdraw(
    name: NameArgument,
    reason: Annotated[str, typer.Option(help="Why; who maintains the project is told.")] = "",
    user: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the standing consent back: from now on no registration brings files home."""
    from homeport.flows.standing_consents import withdraw_consent

    opened = world()
    view = withdraw_consent(opened, caller_for(opened, user, name), name, reason)
    if as_json:
        _print(view)
    else:
        _tell(view)


_NO_HOST = "none, so it covers only addresses that a registration itself names; name a source, or --host HOST"


def _tell(view: "StandingView") -> None:
    standing = view.standing
    if standing is None:
        say(f"{view.project.name} has no standing consent.")
        return
    if standing.withdrawn_at:
        by = f" by {view.withdrawal.by}" if view.withdrawal else ""
        say(f"{view.project.name}: {view.condition}{by} on {standing.withdrawn_at:%Y-%m-%d}.")
    else:
        say(f"{view.project.name}: {view.condition}, by {standing.given_by}, until {standing.ends_on}.")
    say(f"  hosts: {', '.join(standing.hosts) or _NO_HOST}")
    say(f"  paths: {', '.join(standing.paths)}")
    say(f"  files: {', '.join(standing.patterns)}")
    hint(f"Its revision is {view.revision}.")


def _print(view: "StandingView") -> None:
    from homeport.formats.hosting_json import standing_story_json

    told = standing_story_json(
        view.project.name.normalized, view.standing, view.condition, view.places, view.unnamed, view.lines
    )
    print_json(told)
