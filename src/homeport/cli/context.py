"""What a command needs: the world, and for whom it acts."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from homeport.domain.errors import Invalid
from homeport.settings import Settings, read_settings

if TYPE_CHECKING:
    from homeport.domain.account import Caller
    from homeport.ports.world import World

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
AsOption = Annotated[
    str | None,
    typer.Option("--as", metavar="USER", help="Act for this user; default: the project's only owner."),
]


def settings() -> Settings:
    """The settings of this process."""
    return read_settings(os.environ, Path.cwd())


def world() -> "World":
    """The world over an up-to-date database."""
    from homeport.wiring import open_world, prepare

    chosen = settings()
    prepare(chosen)
    return open_world(chosen)


def caller_for(world: "World", user: str | None, project: str | None = None) -> "Caller":
    """For whom the person at this shell acts.

    The shell reaches the database, so it is trusted to say who asks; it is never silent about it: the ledger
    names that user. Without a name it is the only owner of ``project``.
    """
    from homeport.domain.account import Caller
    from homeport.domain.project import Role
    from homeport.flows.manage_project import show_project
    from homeport.flows.sign_in import find_user

    if user is not None:
        return Caller(find_user(world, user))
    if project is None:
        raise Invalid("Say for whom: --as USER.", code="user-missing")
    owners = [member.user for member in show_project(world, project).members if member.role is Role.OWNER]
    if len(owners) != 1:
        names = ", ".join(owner.name for owner in owners) or "nobody"
        raise Invalid(
            f"{project} is owned by {names}: say for whom you act (--as USER).", code="user-missing"
        )
    return Caller(owners[0])
