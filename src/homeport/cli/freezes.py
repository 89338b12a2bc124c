"""``homeport freeze``, ``unfreeze`` and ``frozen``: files and releases that are kept from everybody."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import hint, print_json, say, table
from homeport.cli.policies import tell_waiting
from homeport.cli.projects import NameArgument
from homeport.cli.releases import VersionArgument

if TYPE_CHECKING:
    from homeport.domain.freeze import Freeze

FileOption = Annotated[
    str, typer.Option("--file", metavar="NAME", help="Only this file, not the whole release.")
]
ReasonOption = Annotated[str, typer.Option(help="Why; everybody who asks for the file is told it.")]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    app.command("freeze")(_freeze)
    app.command("unfreeze")(_unfreeze)
    app.command("frozen")(_frozen)


def _freeze(
    name: NameArgument,
    version: VersionArgument,
    file: FileOption = "",
    reason: ReasonOption = "",
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve a release, or one file of it, to nobody, until an administrator says otherwise (--as)."""
    from homeport.flows.freeze import freeze

    opened = world()
    made = freeze(opened, caller_for(opened, acting), name, version, filename=file, reason=reason)
    _tell(made, as_json=as_json)


def _unfreeze(
    name: NameArgument,
    version: VersionArgument,
    file: FileOption = "",
    reason: ReasonOption = "",
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve a frozen release, or file, again; an administrator may (--as), or two where the policy says so."""
    from homeport.domain.proposal import Act, Deed, Proposal
    from homeport.flows.freeze import unfreeze
    from homeport.flows.proposals import or_propose

    opened = world()
    caller = caller_for(opened, acting)
    deed = Deed(Act.UNFREEZE, name, version, (file,) if file else ())
    let_go = partial(unfreeze, opened, caller, name, version, filename=file, reason=reason)
    done = or_propose(opened, caller, deed, reason, let_go)
    if isinstance(done, Proposal):
        tell_waiting(done, as_json=as_json)
    else:
        _tell(done, as_json=as_json)


def _tell(freeze: "Freeze", *, as_json: bool) -> None:
    from homeport.formats.policy_json import freeze_json

    if as_json:
        print_json(freeze_json(freeze))
    elif freeze.is_live:
        say(f"{freeze.what} is frozen: it is on no page, and its address says why.")
    else:
        say(f"{freeze.what} is served again.")


def _frozen(
    every: Annotated[bool, typer.Option("--all", help="Those that ended, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List what is frozen, newest first."""
    from homeport.flows.freeze import list_freezes
    from homeport.formats.policy_json import freeze_json

    listed = list_freezes(world(), None, only_live=not every)
    if as_json:
        print_json([freeze_json(one) for one in listed.freezes])
    elif listed.freezes:
        table(("what", "project", "since", "by", "why"), [_row(one) for one in listed.freezes])
        if listed.before:
            hint("There are more: /admin/frozen/ has all of them.")
    else:
        say("No file and no release is frozen.")


def _row(freeze: "Freeze") -> tuple[str, ...]:
    ended = f", until {freeze.ended_at:%Y-%m-%d}" if freeze.ended_at else ""
    return (
        escape(freeze.what),
        escape(freeze.project),
        f"{freeze.at:%Y-%m-%d}{ended}",
        escape(freeze.by),
        escape(freeze.reason),
    )
