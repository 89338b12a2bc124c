"""``homeport webhook`` and ``homeport receiver``: telling others what happens here, and being told by forges."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import coloured, hint, print_json, say, table
from homeport.cli.overseen import add_overseeing
from homeport.cli.projects import NameArgument
from homeport.domain.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.domain.account import Caller
    from homeport.domain.webhook import Feed, Webhook
    from homeport.domain.webhook_delivery import Delivery
    from homeport.ports.world import World

# No row has a key beyond it.
_LAST_ID = 2**63 - 1
_MOMENT = "%Y-%m-%d %H:%M:%S"
_BOTH = "The secret before it"

HookArgument = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=_LAST_ID, help="Its number (homeport webhook list).")
]
ReceiverArgument = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=_LAST_ID, help="Its number (homeport receiver list).")
]
ProjectOption = Annotated[
    str, typer.Option("--project", metavar="NAME", help="The webhooks of this project.")
]
IndexOption = Annotated[bool, typer.Option("--index", help="The webhooks of the index.")]
MineOption = Annotated[bool, typer.Option("--mine", help="Your own, which are told of your notices (--as).")]
ActingOption = Annotated[str, typer.Option("--as", metavar="USER", help="Act for this user.")]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    webhook = typer.Typer(help="Telling others what happens here, by signed POSTs.", no_args_is_help=True)
    webhook.command("add")(_add)
    webhook.command("list")(_list)
    webhook.command("show")(_show)
    webhook.command("test")(_test)
    webhook.command("replay")(_replay)
    webhook.command("renew")(_renew)
    webhook.command("enable")(_enable)
    webhook.command("disable")(_disable)
    webhook.command("remove")(_remove)
    app.add_typer(webhook, name="webhook")
    receiver = typer.Typer(help="Being told of releases by forges.", no_args_is_help=True)
    receiver.command("add")(_add_receiver)
    receiver.command("list")(_list_receivers)
    receiver.command("renew")(_renew_receiver)
    receiver.command("remove")(_remove_receiver)
    app.add_typer(receiver, name="receiver")
    add_overseeing(webhook, receiver)


def _add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where messages are sent; https://.")],
    project: ProjectOption = "",
    index: IndexOption = False,
    mine: MineOption = False,
    event: Annotated[
        list[str] | None,
        typer.Option(help="Only of this event (docs/reference/webhook-events.md); repeat for more."),
    ] = None,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell another server what happens, and print the secret that messages are signed with, once."""
    from homeport.flows.webhooks.manage import HookWish, add_hook
    from homeport.formats.webhook_json import webhook_json

    opened = world()
    feed, caller = _whose(opened, project, acting, is_index=index, is_own=mine)
    made = add_hook(opened, caller, HookWish(feed, url, tuple(event or ()), project))
    if as_json:
        print_json({"secret": made.secret, **webhook_json(made.hook)})
        return
    print(made.secret)
    hint(f"Webhook {made.hook.id}. Send a test: homeport webhook test {made.hook.id} --as {caller.user.name}")


def _whose(
    opened: "World", project: str, acting: str | None, *, is_index: bool, is_own: bool
) -> "tuple[Feed, Caller]":
    from homeport.domain.webhook import Feed

    if bool(project) + is_index + is_own != 1:
        raise Invalid("Say whose: --project NAME, --index or --mine.", code="feed-missing")
    feed = Feed.PROJECT if project else Feed.INDEX if is_index else Feed.PERSON
    return feed, caller_for(opened, acting, project or None)


def _list(
    project: ProjectOption = "",
    index: IndexOption = False,
    mine: MineOption = False,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the webhooks of a project, of the index, or of a user."""
    from homeport.flows.webhooks.manage import list_hooks
    from homeport.formats.webhook_json import webhook_json

    opened = world()
    feed, caller = _whose(opened, project, acting, is_index=index, is_own=mine)
    hooks = list_hooks(opened, caller, feed, project)
    if as_json:
        print_json([webhook_json(hook) for hook in hooks])
    elif hooks:
        rows = [
            (
                str(hook.id),
                escape(hook.url),
                coloured(hook.state.value),
                ", ".join(hook.events) or "everything",
                escape(hook.by),
                escape(hook.why),
            )
            for hook in hooks
        ]
        table(("id", "address", "state", "told of", "by", "why"), rows)
    else:
        say("There is no webhook. Add one: homeport webhook add URL")


def _show(hook: HookArgument, acting: ActingOption, as_json: JsonOption = False) -> None:
    """Show a webhook, and what it was told and answered lately."""
    from homeport.flows.webhooks.log import show_log
    from homeport.formats.webhook_json import delivery_json, webhook_json

    opened = world()
    shown = show_log(opened, caller_for(opened, acting), hook)
    if as_json:
        told = [delivery_json(line.delivery, line.body) for line in shown.lines]
        print_json({**webhook_json(shown.hook), "waiting": shown.waiting, "deliveries": told})
        return
    say(f"{shown.hook.url} is {shown.hook.state}. {shown.hook.why}".strip())
    if shown.lines:
        columns = ("delivery", "event", "serial", "tried (UTC)", "tries", "status", "problem")
        table(columns, [_row(line.delivery) for line in shown.lines])
    else:
        say("Nothing was told yet.")


def _row(delivery: "Delivery") -> tuple[str, ...]:
    return (
        str(delivery.id),
        delivery.event,
        str(delivery.serial or ""),
        f"{delivery.tried_at:{_MOMENT}}" if delivery.tried_at else "waits",
        str(delivery.tries),
        str(delivery.answer.status or ""),
        escape(delivery.answer.problem),
    )


def _test(hook: HookArgument, acting: ActingOption, as_json: JsonOption = False) -> None:
    """Send a test at once, and tell what was answered; exit status 1 when it was not taken."""
    from homeport.flows.webhooks.log import try_hook
    from homeport.formats.webhook_json import delivery_json

    opened = world()
    tried = try_hook(opened, caller_for(opened, acting), hook)
    if as_json:
        print_json(delivery_json(tried))
    elif tried.answer.is_success:
        say(f"It was taken: status {tried.answer.status}, {tried.answer.took_ms} ms.")
    else:
        say(tried.answer.problem)
    if not tried.answer.is_success:
        raise typer.Exit(1)


def _replay(
    hook: HookArgument,
    acting: ActingOption,
    delivery: Annotated[int, typer.Option(metavar="N", help="Only this delivery (webhook show).")] = 0,
    serial: Annotated[
        int, typer.Option("--from", metavar="SERIAL", help="Everything from this entry, or notice, on.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Tell something again; the worker sends it."""
    from homeport.flows.webhooks.log import replay_delivery, replay_from
    from homeport.formats.webhook_json import delivery_json, webhook_json

    if bool(delivery) == bool(serial):
        raise Invalid("Say what: --delivery N or --from SERIAL.", code="replay-missing")
    opened = world()
    caller = caller_for(opened, acting)
    if delivery:
        told = delivery_json(replay_delivery(opened, caller, hook, delivery))
    else:
        told = webhook_json(replay_from(opened, caller, hook, serial))
    if as_json:
        print_json(told)
    else:
        say("It is told again as soon as the worker comes to it.")


def _renew(hook: HookArgument, acting: ActingOption, as_json: JsonOption = False) -> None:
    """Give a webhook another secret, and print it, once; for a day messages are signed with both."""
    from homeport.flows.webhooks.manage import renew_secret
    from homeport.formats.webhook_json import webhook_json

    opened = world()
    made = renew_secret(opened, caller_for(opened, acting), hook)
    if as_json:
        print_json({"secret": made.secret, **webhook_json(made.hook)})
    else:
        print(made.secret)
        hint(f"{_BOTH} signs, too, until {made.hook.both_until:{_MOMENT}} UTC.")


def _enable(hook: HookArgument, acting: ActingOption, as_json: JsonOption = False) -> None:
    """Tell a webhook again, also what it missed; you answer for it from now on."""
    from homeport.flows.webhooks.manage import enable_hook

    _change(enable_hook, hook, acting, "{} is told again.", as_json=as_json)


def _disable(hook: HookArgument, acting: ActingOption, as_json: JsonOption = False) -> None:
    """Tell a webhook nothing until it is enabled again."""
    from homeport.flows.webhooks.manage import disable_hook

    _change(disable_hook, hook, acting, "{} is told nothing.", as_json=as_json)


def _remove(hook: HookArgument, acting: ActingOption, as_json: JsonOption = False) -> None:
    """Forget a webhook, its secret and its log."""
    from homeport.flows.webhooks.manage import remove_hook

    _change(remove_hook, hook, acting, "The webhook at {} is gone.", as_json=as_json)


def _change(
    change: "Callable[[World, Caller, int], Webhook]", hook: int, acting: str, said: str, *, as_json: bool
) -> None:
    """Change a webhook, and tell what it is now; ``said`` has a place for its host."""
    from homeport.formats.webhook_json import webhook_json

    opened = world()
    changed = change(opened, caller_for(opened, acting), hook)
    if as_json:
        print_json(webhook_json(changed))
    else:
        say(said.format(changed.host))


def _add_receiver(
    name: NameArgument,
    forge: Annotated[str, typer.Argument(metavar="FORGE", help="github, gitlab or gitea (also Forgejo).")],
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an address by which a forge tells of releases; prints the address and its secret, once."""
    from homeport.domain.receiver import Forge
    from homeport.flows.webhooks.receivers import add_receiver
    from homeport.formats.webhook_json import receiver_json

    opened = world()
    made = add_receiver(opened, caller_for(opened, acting, name), name, Forge.parse(forge))
    if as_json:
        print_json({"secret": made.secret, **receiver_json(made.receiver, opened.base_url)})
    else:
        print(f"{opened.base_url}{made.receiver.path}")
        print(made.secret)


def _list_receivers(name: NameArgument, acting: AsOption = None, as_json: JsonOption = False) -> None:
    """List a project's receivers, and what each was told last."""
    from homeport.flows.webhooks.receivers import list_receivers
    from homeport.formats.webhook_json import receiver_json, reception_json

    opened = world()
    views = list_receivers(opened, caller_for(opened, acting, name), name)
    if as_json:
        print_json(
            [
                {
                    **receiver_json(view.receiver, opened.base_url),
                    "told": [reception_json(one) for one in view.receptions],
                }
                for view in views
            ]
        )
    elif views:
        rows = [
            (
                str(view.receiver.id),
                view.receiver.forge.value,
                escape(view.receiver.by),
                escape(f"{last.event}: {last.said}" if (last := next(iter(view.receptions), None)) else ""),
            )
            for view in views
        ]
        table(("id", "forge", "by", "told last"), rows)
    else:
        say(f"{name} has no receiver. Add one: homeport receiver add {name} github")


def _renew_receiver(receiver: ReceiverArgument, acting: ActingOption, as_json: JsonOption = False) -> None:
    """Give a receiver another secret, and print it, once; for a day what is signed with either is taken."""
    from homeport.flows.webhooks.receivers import renew_receiver_secret
    from homeport.formats.webhook_json import receiver_json

    opened = world()
    made = renew_receiver_secret(opened, caller_for(opened, acting), receiver)
    if as_json:
        print_json({"secret": made.secret, **receiver_json(made.receiver, opened.base_url)})
    else:
        print(made.secret)
        hint(f"{_BOTH} is taken, too, until {made.receiver.both_until:{_MOMENT}} UTC.")


def _remove_receiver(receiver: ReceiverArgument, acting: ActingOption, as_json: JsonOption = False) -> None:
    """Forget a receiver: its address is nobody's from now on."""
    from homeport.flows.webhooks.receivers import remove_receiver
    from homeport.formats.webhook_json import receiver_json

    opened = world()
    removed = remove_receiver(opened, caller_for(opened, acting), receiver)
    if as_json:
        print_json(receiver_json(removed, opened.base_url))
    else:
        say(f"The receiver of {removed.project} for {removed.forge} is gone.")
