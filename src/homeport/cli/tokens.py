"""``homeport token``."""

from typing import Annotated

import typer
from rich.markup import escape

from homeport.cli.context import JsonOption, caller_for, world
from homeport.cli.output import hint, print_json, say, table
from homeport.domain.account import Scope, Token
from homeport.domain.token import parse_duration, token_state
from homeport.formats.token_json import token_json

UserOption = Annotated[str, typer.Option(help="Whose token.")]
# No row has a key beyond it.
_LAST_ID = 2**63 - 1
_MOMENT = "%Y-%m-%d %H:%M"


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    token = typer.Typer(help="API tokens, for uploads and scripts.", no_args_is_help=True)
    token.command("create")(_create)
    token.command("list")(_list)
    token.command("revoke")(_revoke)
    app.add_typer(token, name="token")


def _create(
    user: UserOption,
    project: Annotated[list[str] | None, typer.Option(help="Only for this project; repeat for more.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="upload, manage or read; repeat for more.")] = None,
    expires: Annotated[str | None, typer.Option(help="How long it lasts: 12h, 90d, 52w.")] = None,
    label: Annotated[str, typer.Option(help="What it is for, in your own words.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Create a token and print it, once; only its digest is kept. Without a scope it may upload and manage."""
    from homeport.flows.tokens import TokenWish, create_token

    opened = world()
    wish = TokenWish(
        scopes=frozenset(map(Scope.parse, scope)) if scope else frozenset({Scope.UPLOAD, Scope.MANAGE}),
        projects=tuple(project or ()),
        lasts=parse_duration(expires) if expires else None,
        label=label,
    )
    made = create_token(opened, caller_for(opened, user), wish)
    if as_json:
        print_json({"token": made.text, **token_json(made.token, opened.clock.now())})
    else:
        print(made.text)


def _list(user: UserOption, as_json: JsonOption = False) -> None:
    """List a user's tokens, also those that ended within the last 90 days."""
    from homeport.flows.tokens import list_tokens

    opened = world()
    tokens, now = list_tokens(opened, caller_for(opened, user)), opened.clock.now()
    if as_json:
        print_json([token_json(token, now) for token in tokens])
    elif tokens:
        columns = ("id", "label", "state", "may", "projects", "ends", "last used")
        table(columns, [_row(token, token_state(token, now).value) for token in tokens])
    else:
        hint(f"{user} has no token. Create one: homeport token create --user {user}")


def _row(token: Token, state: str) -> tuple[str, ...]:
    return (
        str(token.id),
        escape(token.label),
        state,
        ", ".join(sorted(token.scopes)),
        ", ".join(sorted(token.projects)) or "all",
        f"{end:{_MOMENT}}" if (end := token.revoked_at or token.expires_at) else "never",
        f"{token.last_used_at:{_MOMENT}}" if token.last_used_at else "never",
    )


def _revoke(
    token: Annotated[
        int, typer.Argument(metavar="ID", min=1, max=_LAST_ID, help="Its number (homeport token list).")
    ],
    acting: Annotated[
        str,
        typer.Option(
            "--as", metavar="USER", help="Act for this user: whose token it is, or an administrator."
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why; an administrator must say it.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Revoke a token: it is good for nothing from now on."""
    from homeport.flows.tokens import revoke_token

    opened = world()
    revoked = revoke_token(opened, caller_for(opened, acting), token, reason)
    if as_json:
        print_json(token_json(revoked, opened.clock.now()))
    else:
        say(f"Token {revoked.id} of {revoked.user} is good for nothing now.")
