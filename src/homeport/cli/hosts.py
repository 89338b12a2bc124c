"""``homeport host``: other people's servers, how they fare, and what is decided about them."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import coloured, print_json, say, table
from homeport.cli.policies import tell_waiting
from homeport.domain.errors import Invalid

if TYPE_CHECKING:
    from homeport.domain.manners import HostState
    from homeport.flows.manners.hosts import HostView
    from homeport.ports.world import World

NameArgument = Annotated[
    str,
    typer.Argument(metavar="NAME", help="The host, like example.org or example.org:8080; or a URL there."),
]
ReasonOption = Annotated[str, typer.Option(help="Why; the ledger keeps it.")]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    host = typer.Typer(help="Other people's servers, and how they are treated.", no_args_is_help=True)
    host.command("list")(_list)
    host.command("show")(_show)
    host.command("rest")(_rest)
    host.command("freeze")(_freeze)
    host.command("unfreeze")(_unfreeze)
    app.add_typer(host, name="host")


def _list(
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="Part of a name.")] = "",
    state: Annotated[str, typer.Option(help="Only those that are ready, paced, resting or frozen.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List the hosts that were asked for anything, and how they stand."""
    from homeport.domain.manners import HostState

    wanted = HostState.parse(state) if state else None
    opened = world()
    views = _every(opened, wanted, text)
    if as_json:
        print_json([_told(opened, view) for view in views])
    elif views:
        table(
            ("host", "state", "until", "failures", "today", "robots.txt", "last problem"),
            [_row(view) for view in views],
        )
    else:
        say(
            "No such host was asked for anything." if text or state else "No host was asked for anything yet."
        )


def _every(opened: "World", state: "HostState | None", text: str) -> "list[HostView]":
    from homeport.flows.manners.hosts import list_hosts

    views, after = list["HostView"](), ""
    while True:
        listed = list_hosts(opened, None, state, text, after=after)
        views += listed.hosts
        after = listed.after
        if not after:
            return views


def _row(view: "HostView") -> tuple[str, ...]:
    from homeport.domain.quota import told_size

    host = view.host
    until = host.resting_until if view.state == "resting" else host.next_at if view.state == "paced" else None
    return (
        escape(host.name),
        coloured(view.state.value),
        f"{until:%d %b %H:%M:%S}" if until else "",
        str(host.failures or ""),
        told_size(view.taken.host_bytes),
        host.robots.status.value or "not asked",
        escape(host.frozen.reason if host.frozen else host.problem),
    )


def _show(name: NameArgument, as_json: JsonOption = False) -> None:
    """Show one host: its state, next turn, failures, bytes of today, and its robots.txt."""
    from homeport.flows.manners.hosts import show_host

    opened = world()
    _tell(opened, show_host(opened, None, name), as_json=as_json)


def _rest(
    name: NameArgument,
    until: Annotated[str, typer.Option(help="When it may be asked again, like 2030-01-31T18:00 (UTC).")] = "",
    clear: Annotated[
        bool, typer.Option("--clear", help="End its rest now, and forget its failures.")
    ] = False,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a host rest, or end its rest; an administrator may (--as)."""
    from homeport.domain.manners import parse_moment
    from homeport.flows.manners.hosts import rest_host, wake_host

    if bool(until) == clear:
        raise Invalid("Say either --until TIME or --clear.", code="rest-missing")
    opened = world()
    caller = caller_for(opened, acting)
    view = wake_host(opened, caller, name) if clear else rest_host(opened, caller, name, parse_moment(until))
    _tell(opened, view, as_json=as_json)


def _freeze(
    name: NameArgument, reason: ReasonOption = "", acting: AsOption = None, as_json: JsonOption = False
) -> None:
    """Let nothing be asked of a host; an administrator may (--as)."""
    from homeport.flows.manners.hosts import freeze_host

    opened = world()
    _tell(opened, freeze_host(opened, caller_for(opened, acting), name, reason), as_json=as_json)


def _unfreeze(
    name: NameArgument, reason: ReasonOption = "", acting: AsOption = None, as_json: JsonOption = False
) -> None:
    """Let a frozen host be asked again; an administrator may (--as)."""
    from homeport.domain.proposal import Act, Deed, Proposal
    from homeport.flows.manners.hosts import unfreeze_host
    from homeport.flows.proposals import or_propose

    opened = world()
    caller = caller_for(opened, acting)
    deed, do = Deed(Act.UNFREEZE_HOST, subject=name), partial(unfreeze_host, opened, caller, name, reason)
    done = or_propose(opened, caller, deed, reason, do)
    if isinstance(done, Proposal):
        tell_waiting(done, as_json=as_json)
    else:
        _tell(opened, done, as_json=as_json)


def _tell(opened: "World", view: "HostView", *, as_json: bool) -> None:
    from homeport.domain.quota import told_size

    if as_json:
        print_json(_told(opened, view))
        return
    host, bounds = view.host, opened.politeness
    say(f"{host.name} is {view.state}.")
    if host.frozen:
        say(f"frozen     {host.frozen.at:%d %b %Y, %H:%M} UTC by {host.frozen.by}: {host.frozen.reason}")
    if host.resting_until and view.state == "resting":
        say(f"rests      until {host.resting_until:%d %b %Y, %H:%M:%S} UTC")
    if host.failures:
        say(f"failures   {host.failures} in a row")
    if host.problem:
        say(f"problem    {host.problem}")
    if host.asked_at:
        say(f"asked      {host.asked_at:%d %b %Y, %H:%M:%S} UTC")
    for what, taken, budget in (
        (host.name, view.taken.host_bytes, bounds.host_bytes),
        (f"all of {view.domain}", view.taken.domain_bytes, bounds.domain_bytes),
    ):
        say(f"today      {told_size(taken)}{f' of {told_size(budget)}' if budget else ''} from {what}")
    delay = f", Crawl-delay {host.robots.crawl_delay_seconds:g} s" if host.robots.crawl_delay_seconds else ""
    say(f"robots.txt {host.robots.status.value or 'not asked for'}{delay}")
    for line in (host.robots.rules or host.robots.problem).splitlines():
        say(f"           {line}")


def _told(opened: "World", view: "HostView") -> dict[str, object]:
    from homeport.formats.host_json import host_json

    return host_json(view.host, view.state, view.domain, view.taken, opened.politeness)
