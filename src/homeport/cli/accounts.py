"""``homeport user``."""

import sys
from typing import Annotated

import typer

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import print_json, say
from homeport.cli.projects import QuotaArgument, tell_usage
from homeport.cli.users import add_administration
from homeport.domain.quota import parse_quota


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    user = typer.Typer(help="Accounts.", no_args_is_help=True)
    user.command("add")(_add_user)
    user.command("set-password")(_set_password)
    user.command("quota")(_quota)
    add_administration(user)
    app.add_typer(user, name="user")


def _add_user(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    email: Annotated[str, typer.Option(help="Where notices go.")],
    admin: Annotated[bool, typer.Option("--admin", help="May administer the index.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read a password from standard input.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add an account; without a password it works by tokens only."""
    from homeport.flows.sign_in import add_user

    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    user = add_user(world(), name, email, password, is_admin=admin)
    if as_json:
        print_json({"name": user.name, "email": user.email, "admin": user.is_admin})
    else:
        say(
            f"Added {user.name}."
            + (
                ""
                if password
                else f" It has no password yet (homeport user link {user.name}); tokens work without."
            )
        )


def _set_password(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read it from standard input instead of asking.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Set an account's password, with which its user signs in on the pages."""
    from homeport.flows.users import set_password

    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    set_password(world(), name, password)
    if as_json:
        print_json({"name": name})
    else:
        say(f"{name} can sign in with this password now.")


def _quota(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    size_text: QuotaArgument,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a user upload more, or fewer, bytes than others; an administrator may (--as)."""
    from homeport.flows.change_quota import change_user_quota

    opened = world()
    usage = change_user_quota(opened, caller_for(opened, acting), name, parse_quota(size_text))
    tell_usage({"user": name}, usage, as_json=as_json)
