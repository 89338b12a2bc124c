"""``homeport mail bounced``: what came back, told to the index."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from homeport.cli.context import JsonOption, world
from homeport.cli.output import print_json, say

if TYPE_CHECKING:
    from homeport.domain.account import User


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    mail = typer.Typer(no_args_is_help=True, help="What becomes of mails.")
    mail.command("bounced")(_bounced)
    app.add_typer(mail, name="mail")


def _bounced(
    address: Annotated[
        str,
        typer.Argument(
            metavar="[ADDRESS|-]",
            help="The address that takes no mail; - reads the delivery report (RFC 3464) from standard input.",
        ),
    ] = "-",
    as_json: JsonOption = False,
) -> None:
    """Mark an address that takes no mail: its user gets notices in the inbox only, until it is verified again."""
    users = _marked(address)
    if as_json:
        print_json([{"user": user.name, "email": user.email, "problem": user.mail_problem} for user in users])
    elif users:
        for user in users:
            say(f"{user.name} <{user.email}> is marked: {user.mail_problem}")
    else:
        say("Nobody is marked: the report names no mail from here that is refused for good.")


def _marked(address: str) -> "list[User]":
    from homeport.flows.bounces import mark_bounced, take_report
    from homeport.formats.delivery_report import MAX_REPORT_BYTES

    if address != "-":
        return [mark_bounced(world(), address)]
    # One byte more than is read: what is too large is refused as such.
    return list(take_report(world(), sys.stdin.buffer.read(MAX_REPORT_BYTES + 1)))
