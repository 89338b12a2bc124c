"""``homeport exemption``: projects that may stay in ``pypi-ext`` for a while."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import print_json, say, table
from homeport.cli.projects import NameArgument
from homeport.domain.errors import Invalid

if TYPE_CHECKING:
    from homeport.domain.exemption import Exemption

ReasonOption = Annotated[str, typer.Option(help="Why; everybody may read it.")]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    exemption = typer.Typer(help="Projects that may stay in pypi-ext for a while.", no_args_is_help=True)
    exemption.command("list")(_list)
    exemption.command("extend")(_extend)
    exemption.command("end")(_end)
    app.add_typer(exemption, name="exemption")


def _list(
    project: Annotated[str, typer.Argument(metavar="[NAME]", help="Only those of this project.")] = "",
    standing: Annotated[str, typer.Option(help="Only those that are dated, without-end or ended.")] = "",
    ends_by: Annotated[
        str, typer.Option(metavar="DATE", help="Only those that end on this day or sooner.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """List exemptions, newest first; homeport mode set NAME pypi-ext gives one."""
    from homeport.domain.exemption import Standing, parse_day
    from homeport.domain.names import ProjectName
    from homeport.flows.exemptions import every_exemption
    from homeport.formats.exemption_json import exemption_json
    from homeport.ports.hosting import ExemptionFilter

    if standing and standing not in set(Standing):
        raise Invalid(f"{standing[:40]!r} is none of {', '.join(Standing)}.", code="standing-unknown")
    wanted = ExemptionFilter(
        ProjectName.parse(project).normalized if project else "",
        Standing(standing) if standing else None,
        parse_day(ends_by) if ends_by else None,
    )
    found = [one for piece in every_exemption(world(), None, wanted) for one in piece]
    if as_json:
        print_json([exemption_json(one) for one in found])
    elif found:
        table(
            ("project", "standing", "until", "since (UTC)", "last decided by", "reason"),
            [_row(one) for one in found],
        )
    else:
        say("There is no such exemption." if wanted != ExemptionFilter() else "No project has an exemption.")


def _row(exemption: "Exemption") -> tuple[str, ...]:
    return (
        escape(exemption.project),
        exemption.standing.value,
        exemption.until.isoformat() if exemption.until else "",
        f"{exemption.at:%Y-%m-%d}",
        escape(exemption.by),
        escape(exemption.reason),
    )


def _extend(
    name: NameArgument,
    until: Annotated[
        str, typer.Option(metavar="DATE", help="The day on which it ends, like 2027-03-31.")
    ] = "",
    reason: ReasonOption = "",
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let an exemption hold longer; an administrator may (--as)."""
    from homeport.domain.exemption import read_terms
    from homeport.flows.exemptions import extend_exemption
    from homeport.formats.exemption_json import exemption_json

    opened = world()
    day, why = read_terms(until, reason, opened.clock.now().date())
    longer = extend_exemption(opened, caller_for(opened, acting), name, day, why)
    if as_json:
        print_json(exemption_json(longer))
    else:
        say(f"{longer.project} may stay in pypi-ext until {longer.until}.")


def _end(
    name: NameArgument, reason: ReasonOption = "", acting: AsOption = None, as_json: JsonOption = False
) -> None:
    """End an exemption now: the project becomes pypi-only; an administrator may (--as)."""
    from homeport.flows.exemptions import end_exemption

    opened = world()
    lost = end_exemption(opened, caller_for(opened, acting), name, reason)
    if as_json:
        print_json({"project": name, "no_longer_listed": list(lost)})
        return
    say(f"{name} is pypi-only now.")
    for filename in lost:
        say(f"  no longer listed: {filename}")
