"""``homeport user list``, ``show``, ``link``, ``disable``, ``enable``, ``promote``, ``demote`` and ``reset-factors``."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from homeport.cli.context import JsonOption, world
from homeport.cli.output import hint, print_json, say, table

if TYPE_CHECKING:
    from homeport.domain.account import Caller
    from homeport.ports.identity import Account
    from homeport.ports.world import World

NameArgument = Annotated[str, typer.Argument(metavar="NAME")]
ByOption = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="ADMIN", help="Act for this administrator; default: for the account itself."
    ),
]


def add_administration(user: typer.Typer) -> None:
    """Hang the commands into ``homeport user``."""
    user.command("list")(_list)
    user.command("show")(_show)
    user.command("link")(_link)
    user.command("disable")(_disable)
    user.command("enable")(_enable)
    user.command("promote")(_promote)
    user.command("demote")(_demote)
    user.command("reset-factors")(_reset_factors)


def _list(
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="Part of a name or an address.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List the accounts, all or those whose name or address holds TEXT."""
    accounts = list(_every(world(), text))
    if as_json:
        print_json([_told(account) for account in accounts])
    elif accounts:
        rows = [(one.user.name, one.user.email, ", ".join(_standing(one))) for one in accounts]
        table(("name", "e-mail address", "standing"), rows)
    else:
        say("There is no such account." if text else "There is no account yet: homeport user add.")


def _every(opened: "World", text: str) -> "list[Account]":
    from homeport.flows.users import list_users

    accounts, after = list["Account"](), ""
    while True:
        listed = list_users(opened, None, text, after=after)
        accounts += listed.accounts
        after = listed.after
        if not after:
            return accounts


def _show(name: NameArgument, as_json: JsonOption = False) -> None:
    """Show one account."""
    from homeport.flows.users import show_user

    account = show_user(world(), None, name)
    if as_json:
        print_json(_told(account))
    else:
        say(f"{account.user.name} <{account.user.email}>: {', '.join(_standing(account))}.")


def _link(name: NameArgument, acting: ByOption = None, as_json: JsonOption = False) -> None:
    """Print a one-time link by which a user sets a password; hand it on."""
    from homeport.flows.users import make_link

    opened = world()
    link = make_link(opened, _by(opened, acting), name)
    if as_json:
        print_json({"name": name, "link": link.url, "until": link.until.isoformat()})
    else:
        print(link.url)
        hint(
            f"It works once, until {link.until:%d %b %Y, %H:%M} UTC; whoever opens it sets {name}'s password."
        )


def _disable(name: NameArgument, acting: ByOption = None, as_json: JsonOption = False) -> None:
    """Disable an account: no session, password or token opens it until it is enabled."""
    from homeport.flows.users import disable_user

    opened = world()
    disable_user(opened, _by(opened, acting), name)
    _answer(opened, name, f"{name} is disabled: no session, password or token opens it.", as_json=as_json)


def _enable(name: NameArgument, acting: ByOption = None, as_json: JsonOption = False) -> None:
    """Enable an account again, with the password and the tokens it had."""
    from homeport.flows.users import enable_user

    opened = world()
    enable_user(opened, _by(opened, acting), name)
    _answer(opened, name, f"{name} is enabled.", as_json=as_json)


def _promote(name: NameArgument, acting: ByOption = None, as_json: JsonOption = False) -> None:
    """Make a user an administrator of the index."""
    from homeport.flows.users import promote_user

    opened = world()
    promote_user(opened, _by(opened, acting), name)
    _answer(opened, name, f"{name} is an administrator now.", as_json=as_json)


def _demote(name: NameArgument, acting: ByOption = None, as_json: JsonOption = False) -> None:
    """Let a user administer the index no longer; never the last one."""
    from homeport.flows.users import demote_user

    opened = world()
    demote_user(opened, _by(opened, acting), name)
    _answer(opened, name, f"{name} is no administrator any more.", as_json=as_json)


def _reset_factors(name: NameArgument, acting: ByOption = None, as_json: JsonOption = False) -> None:
    """Take away the second factors of a user who lost them all; their browsers are signed out."""
    from homeport.flows.second_factors import reset_factors

    opened = world()
    count = reset_factors(opened, _by(opened, acting), name)
    if as_json:
        print_json({"name": name, "removed": count})
    elif count:
        say(
            f"{name} signs in by password alone now, and had {count} second factor{'s' * (count > 1)} until now."
        )
    else:
        say(f"{name} has no second factor.")


def _by(opened: "World", acting: str | None) -> "Caller | None":
    from homeport.domain.account import Caller
    from homeport.flows.sign_in import find_user

    return Caller(find_user(opened, acting)) if acting is not None else None


def _answer(opened: "World", name: str, sentence: str, *, as_json: bool) -> None:
    from homeport.flows.users import show_user

    if as_json:
        print_json(_told(show_user(opened, None, name)))
    else:
        say(sentence)


def _told(account: "Account") -> dict[str, Any]:
    from homeport.formats.account_json import account_json

    return account_json(account.user, account.created_at, account.disabled_at)


def _standing(account: "Account") -> list[str]:
    user = account.user
    words = {
        "disabled": user.is_disabled,
        "administrator": user.is_admin,
        "address verified": user.is_verified,
        "address not verified": not user.is_verified,
        "mail comes back": bool(user.mail_problem),
        "no password": not account.has_password,
    }
    return [word for word, holds in words.items() if holds]
