"""``homeport project grant``, ``revoke`` and ``members``."""

from typing import Annotated

import typer
from rich.markup import escape

from homeport.cli.context import AsOption, JsonOption, caller_for, world
from homeport.cli.output import print_json, say, table
from homeport.domain.project import Role
from homeport.formats.membership_json import invitation_json, member_json

ProjectArgument = Annotated[str, typer.Argument(metavar="NAME", help="The project's name.")]


def add_member_commands(project: typer.Typer) -> None:
    """Hang the commands below ``homeport project``."""
    project.command("members")(_members)
    project.command("grant")(_grant)
    project.command("revoke")(_revoke)


def _members(name: ProjectArgument, as_json: JsonOption = False) -> None:
    """Show who has which role in a project, and who is invited."""
    from homeport.flows.membership import show_members

    shown = show_members(world(), None, name)
    if as_json:
        members = [member_json(one.user.name, one.role, one.through) for one in shown.members]
        invitations = [invitation_json(one) for one in shown.invitations]
        print_json({"project": name, "members": members, "invitations": invitations})
        return
    rows = [(one.user.name, one.role.value, escape(one.through)) for one in shown.members]
    rows += [
        (one.user.name, one.role.value, f"invited by {one.invited_by} until {one.expires_at:%Y-%m-%d}")
        for one in shown.invitations
    ]
    table(("user", "role", ""), rows)


def _grant(
    name: ProjectArgument,
    user: Annotated[str, typer.Argument(metavar="USER", help="Who gets the role.")],
    role: Annotated[str, typer.Option(help="owner, maintainer or reader.")] = Role.MAINTAINER.value,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give somebody a role in a project at once; on the pages they are invited, and accept."""
    from homeport.flows.membership import grant_role

    opened = world()
    granted = grant_role(opened, caller_for(opened, acting, name), name, user, Role.parse(role))
    if as_json:
        print_json({"project": name, "user": user, "role": granted.value})
    else:
        say(f"{user} is {granted} of {name} now.")


def _revoke(
    name: ProjectArgument,
    user: Annotated[str, typer.Argument(metavar="USER", help="Whose role ends.")],
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take somebody's role in a project away; the last owner stays."""
    from homeport.flows.membership import revoke_role

    opened = world()
    was = revoke_role(opened, caller_for(opened, acting, name), name, user)
    if as_json:
        print_json({"project": name, "user": user, "was": was.value})
    else:
        say(f"{user} is no longer {was} of {name}.")
