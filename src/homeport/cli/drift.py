"""``homeport drift``: the places that hosted files came from, and how they fare."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import coloured, hint, print_json, say, table
from homeport.domain.errors import Invalid

if TYPE_CHECKING:
    from homeport.domain.drift import DriftEvent
    from homeport.flows.drift.show import ProjectDrift

LOOK = "look"


def add_commands(app: typer.Typer) -> None:
    """Hang the command into the tree."""
    # A tree of one command would be that command, and its name an argument.
    app.callback()(_tree)
    app.command("drift")(_drift)


def _tree() -> None:
    pass


def _drift(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME] | look NAME", help="A project; “look” looks at its sources now."),
    ] = None,
    host: Annotated[str, typer.Option(help="Only what was seen of this host.")] = "",
    sign: Annotated[str, typer.Option(help="Only this, like other-bytes or gone.")] = "",
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how the places that files came from fare: of one project, or what was told of all."""
    match words or []:
        case []:
            _every(host, sign, as_json=as_json)
        case [name] if name != LOOK:
            _project(name, acting, as_json=as_json)
        case ["look", name]:
            _look(name, acting, as_json=as_json)
        case _:
            raise Invalid("Say nothing, NAME, or look NAME.", code="drift-words")


def _every(host: str, sign: str, *, as_json: bool) -> None:
    from homeport.domain.drift import Sign
    from homeport.flows.drift.show import told
    from homeport.formats.drift_json import event_json
    from homeport.ports.watches import EventFilter

    if sign and sign not in set(Sign):
        raise Invalid(f"{sign[:40]!r} is no sign: there are {', '.join(Sign)}.", code="sign-unknown")
    events = told(world(), EventFilter(host=host, sign=Sign(sign) if sign else None))
    if as_json:
        print_json([event_json(event) for event in events])
    elif events:
        _table(events)
    else:
        say("Nothing was seen: every place that was looked at is as it was.")


def _project(name: str, acting: str | None, *, as_json: bool) -> None:
    from homeport.flows.drift.show import show_drift

    opened = world()
    _tell(show_drift(opened, caller_for(opened, acting, name), name), as_json=as_json)


def _look(name: str, acting: str | None, *, as_json: bool) -> None:
    from homeport.flows.drift.run import look_at_project
    from homeport.flows.drift.show import show_drift

    opened = world()
    caller = caller_for(opened, acting, name)
    look_at_project(opened, caller, name)
    _tell(show_drift(opened, caller, name), as_json=as_json)


def _tell(shown: "ProjectDrift", *, as_json: bool) -> None:
    from homeport.formats.drift_json import drift_json

    if as_json:
        print_json(drift_json(shown.project.name.normalized, shown.watches, shown.events, shown.frozen))
        return
    if not shown.watches:
        say(f"No file of {shown.project.name} came from outside.")
        return
    table(
        ("file", "state", "since", "looked at (UTC)", "where"),
        [
            (
                escape(watch.filename),
                coloured("frozen" if watch.host in shown.frozen else watch.state.value),
                f"{watch.since:%Y-%m-%d}" if watch.since else "",
                f"{watch.looked_at:%Y-%m-%d %H:%M}" if watch.looked_at else "not yet",
                escape(watch.url),
            )
            for watch in shown.watches
        ],
    )
    for event in shown.events:
        hint(f"{event.at:%Y-%m-%d} {event.sentence}")


def _table(events: "Sequence[DriftEvent]") -> None:
    table(
        ("at (UTC)", "project", "sign", "what followed", "what was seen"),
        [
            (
                f"{event.at:%Y-%m-%d %H:%M}",
                escape(event.project),
                event.sign.value,
                event.consequence.value,
                escape(event.sentence),
            )
            for event in events
        ],
    )
