"""``homeport user`` and ``homeport token``."""

import re
import sys
from datetime import timedelta
from typing import Annotated

import typer

from homeport.cli.context import JsonOption, world
from homeport.cli.output import print_json, say
from homeport.domain.account import Scope
from homeport.domain.errors import Invalid

_SECONDS = {"h": 3600, "d": 86_400, "w": 604_800}


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    user = typer.Typer(help="Accounts.", no_args_is_help=True)
    user.command("add")(_add_user)
    user.command("set-password")(_set_password)
    token = typer.Typer(help="API tokens, for uploads and scripts.", no_args_is_help=True)
    token.command("create")(_create_token)
    app.add_typer(user, name="user")
    app.add_typer(token, name="token")


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
                else f" It has no password yet (homeport user set-password {user.name}); tokens work without."
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
    from homeport.flows.sign_in import set_password

    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    set_password(world(), name, password)
    if as_json:
        print_json({"name": name})
    else:
        say(f"{name} can sign in with this password now.")


def _create_token(
    user: Annotated[str, typer.Option(help="Whose token.")],
    project: Annotated[list[str] | None, typer.Option(help="Only for this project; repeat for more.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="upload, manage or read; repeat for more.")] = None,
    expires: Annotated[str | None, typer.Option(help="How long it lasts: 12h, 90d, 52w.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Create a token and print it, once; only its digest is kept. Without a scope it may upload and manage."""
    from homeport.flows.sign_in import TokenWish, create_token, find_user

    opened = world()
    wish = TokenWish(
        scopes=frozenset(Scope.parse(text) for text in scope)
        if scope
        else frozenset({Scope.UPLOAD, Scope.MANAGE}),
        projects=tuple(project or ()),
        lasts=_duration(expires) if expires else None,
    )
    text = create_token(opened, find_user(opened, user), wish)
    if as_json:
        print_json(
            {"token": text, "user": user, "scopes": sorted(wish.scopes), "projects": list(wish.projects)}
        )
    else:
        print(text)


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,5})([hdw])", text)
    if not match:
        raise Invalid(
            f"{text!r} is not a duration: write for example 12h, 90d or 52w.", code="duration-invalid"
        )
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
