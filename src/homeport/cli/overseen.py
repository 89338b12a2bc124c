"""``homeport webhook everybody``, ``stop`` and ``let-go``, and the same of receivers: what administrators look after."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeport.cli.context import JsonOption, caller_for, world
from homeport.cli.output import coloured, hint, print_json, say, table
from homeport.domain.webhook import Feed, HookState
from homeport.ports.webhooks import HookFilter

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.domain.account import Caller
    from homeport.domain.receiver import ReceiverStand
    from homeport.domain.webhook import Webhook
    from homeport.ports.world import World

_LAST_ID = 2**63 - 1
_LONGEST = 200

OwnerOption = Annotated[str, typer.Option(metavar="NAME", help="Only of this project, or this person.")]
FeedOption = Annotated[Feed | None, typer.Option(help="Only those of the index, of projects, or of people.")]
StateOption = Annotated[HookState | None, typer.Option(help="Only those that stand so.")]
FailuresOption = Annotated[
    int, typer.Option(min=0, max=_LAST_ID, metavar="N", help="Only those with so many failures.")
]
NumberArgument = Annotated[int, typer.Argument(metavar="ID", min=1, max=_LAST_ID, help="Its number.")]
ReasonOption = Annotated[str, typer.Option(help="Why; whoever it belongs to is told it.")]
ActingOption = Annotated[str, typer.Option("--as", metavar="USER", help="Act for this administrator.")]


def add_overseeing(webhook: typer.Typer, receiver: typer.Typer) -> None:
    """Hang the commands below those of webhooks and of receivers."""
    webhook.command("everybody")(_list_hooks)
    webhook.command("stop")(_stop_hook)
    webhook.command("let-go")(_let_hook_go)
    receiver.command("everybody")(_list_receivers)
    receiver.command("stop")(_stop_receiver)
    receiver.command("let-go")(_let_receiver_go)


def _list_hooks(
    acting: ActingOption,
    owner: OwnerOption = "",
    state: StateOption = None,
    failures: FailuresOption = 0,
    feed: FeedOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the webhooks of the index, of every project and of every person, newest first; for administrators."""
    from homeport.flows.webhooks.oversee import every_hook
    from homeport.formats.webhook_json import overseen_hook_json

    opened = world()
    wanted = HookFilter(owner, state, failures, feed=feed)
    pieces = every_hook(opened, caller_for(opened, acting), wanted)
    found = [hook for piece in pieces for hook in piece]
    if as_json:
        print_json([overseen_hook_json(hook) for hook in found])
    elif found:
        rows = [
            (
                str(hook.id),
                escape(hook.owner),
                escape(hook.host),
                coloured(hook.state.value),
                str(hook.failures),
                escape(hook.why),
            )
            for hook in found[:_LONGEST]
        ]
        table(("id", "owner", "host", "state", "failures", "why"), rows)
        _tell_of_more(len(found))
    else:
        say("No webhook is like that.")


def _list_receivers(
    acting: ActingOption,
    owner: OwnerOption = "",
    state: StateOption = None,
    failures: FailuresOption = 0,
    as_json: JsonOption = False,
) -> None:
    """List the receivers of every project, newest first, with how much they refused lately; for administrators."""
    from homeport.flows.webhooks.oversee import every_receiver
    from homeport.formats.webhook_json import overseen_receiver_json

    opened = world()
    pieces = every_receiver(opened, caller_for(opened, acting), HookFilter(owner, state, failures))
    found = [stand for piece in pieces for stand in piece]
    if as_json:
        print_json([overseen_receiver_json(stand) for stand in found])
    elif found:
        rows = [
            (
                str(stand.receiver.id),
                escape(stand.receiver.project),
                stand.receiver.forge.value,
                coloured(stand.state.value),
                str(stand.refused),
                escape(stand.receiver.stopped_why),
            )
            for stand in found[:_LONGEST]
        ]
        table(("id", "project", "forge", "state", "refused", "why"), rows)
        _tell_of_more(len(found))
    else:
        say("No receiver is like that.")


def _tell_of_more(count: int) -> None:
    if count > _LONGEST:
        hint(f"{count - _LONGEST} more: --json lists all of them.")


def _stop_hook(
    hook: NumberArgument, acting: ActingOption, reason: ReasonOption = "", as_json: JsonOption = False
) -> None:
    """Tell a webhook nothing until an administrator lets it go."""
    from homeport.flows.webhooks.oversee import stop_hook

    _change_hook(stop_hook, hook, acting, reason, as_json=as_json)


def _let_hook_go(
    hook: NumberArgument, acting: ActingOption, reason: ReasonOption = "", as_json: JsonOption = False
) -> None:
    """Tell a webhook that was stopped what it missed, and what happens."""
    from homeport.flows.webhooks.oversee import let_hook_go

    _change_hook(let_hook_go, hook, acting, reason, as_json=as_json)


def _stop_receiver(
    receiver: NumberArgument, acting: ActingOption, reason: ReasonOption = "", as_json: JsonOption = False
) -> None:
    """Refuse what a receiver is told until an administrator lets it go."""
    from homeport.flows.webhooks.oversee import stop_receiver

    _change_receiver(stop_receiver, receiver, acting, reason, as_json=as_json)


def _let_receiver_go(
    receiver: NumberArgument, acting: ActingOption, reason: ReasonOption = "", as_json: JsonOption = False
) -> None:
    """Take what a receiver that was stopped is told again."""
    from homeport.flows.webhooks.oversee import let_receiver_go

    _change_receiver(let_receiver_go, receiver, acting, reason, as_json=as_json)


def _change_hook(
    change: "Callable[[World, Caller, int, str], Webhook]",
    hook: int,
    acting: str,
    reason: str,
    *,
    as_json: bool,
) -> None:
    from homeport.formats.webhook_json import overseen_hook_json

    opened = world()
    changed = change(opened, caller_for(opened, acting), hook, reason)
    if as_json:
        print_json(overseen_hook_json(changed))
    else:
        stands = "stopped" if changed.stopped_at else changed.state
        say(f"{changed.host} of {changed.owner} is {stands}.")


def _change_receiver(
    change: "Callable[[World, Caller, int, str], ReceiverStand]",
    receiver: int,
    acting: str,
    reason: str,
    *,
    as_json: bool,
) -> None:
    from homeport.formats.webhook_json import overseen_receiver_json

    opened = world()
    stand = change(opened, caller_for(opened, acting), receiver, reason)
    if as_json:
        print_json(overseen_receiver_json(stand))
    else:
        stands = "stopped" if stand.receiver.stopped_at else stand.state
        say(f"The receiver of {stand.receiver.project} for {stand.receiver.forge} is {stands}.")
