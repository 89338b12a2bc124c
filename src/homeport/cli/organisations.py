"""``homeport organisation`` and, below it, ``team``."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeport.cli.context import JsonOption, world
from homeport.cli.output import hint, print_json, say, table
from homeport.domain.errors import Invalid
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Role

if TYPE_CHECKING:
    from homeport.domain.account import Caller
    from homeport.ports.world import World

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The organisation's name.")]
UserArgument = Annotated[str, typer.Argument(metavar="USER")]
TeamArgument = Annotated[str, typer.Argument(metavar="TEAM")]
ProjectArgument = Annotated[str, typer.Argument(metavar="PROJECT")]
AsOption = Annotated[
    str | None,
    typer.Option("--as", metavar="USER", help="Act for this user; default: the organisation's only owner."),
]


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into the tree."""
    organisation = typer.Typer(help="Organisations, and their teams.", no_args_is_help=True)
    organisation.command("create")(_create)
    organisation.command("list")(_list)
    organisation.command("show")(_show)
    organisation.command("grant")(_grant)
    organisation.command("revoke")(_revoke)
    organisation.command("add-project")(_add_project)
    organisation.command("remove-project")(_remove_project)
    team = typer.Typer(help="Teams of an organisation.", no_args_is_help=True)
    team.command("create")(_create_team)
    team.command("delete")(_delete_team)
    team.command("add")(_add_to_team)
    team.command("remove")(_remove_from_team)
    team.command("grant")(_grant_team)
    team.command("revoke")(_revoke_team)
    organisation.add_typer(team, name="team")
    app.add_typer(organisation, name="organisation")


def _acting(world: "World", name: str, user: str | None) -> "Caller":
    """For whom the shell acts; the ledger names them (ADR 0004)."""
    from homeport.domain.account import Caller
    from homeport.flows.show_organisation import owners
    from homeport.flows.sign_in import find_user

    if user is not None:
        return Caller(find_user(world, user))
    found = owners(world, name)
    if len(found) != 1:
        names = ", ".join(owner.name for owner in found) or "nobody who can act"
        raise Invalid(f"{name} is owned by {names}: say for whom you act (--as USER).", code="user-missing")
    return Caller(found[0])


def _create(
    name: NameArgument,
    owner: Annotated[str, typer.Option(help="The user who owns it.")],
    display_name: Annotated[str, typer.Option(help="What people read; default: the name.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Create an organisation. Its owners own every project that is moved into it."""
    from homeport.domain.account import Caller
    from homeport.flows.organisations import create_organisation
    from homeport.flows.sign_in import find_user

    opened = world()
    create_organisation(opened, Caller(find_user(opened, owner)), name, display_name)
    if as_json:
        _print(opened, name, owner)
        return
    say(f"Created {name}, owned by {owner}.")
    hint(f"Next: homeport organisation add-project {name} PROJECT")


def _list(as_json: JsonOption = False) -> None:
    """List every organisation."""
    from homeport.flows.show_organisation import every_organisation
    from homeport.formats.organisation_json import organisation_json

    found = every_organisation(world())
    if as_json:
        print_json([organisation_json(one) for one in found])
    elif found:
        table(("name", "display name"), [(one.name, escape(one.display_name)) for one in found])
    else:
        hint("No organisation yet: homeport organisation create NAME --owner USER")


def _show(name: NameArgument, acting: AsOption = None, as_json: JsonOption = False) -> None:
    """Show an organisation: people, teams, projects."""
    from homeport.flows.show_organisation import show_organisation

    opened = world()
    if as_json:
        _print(opened, name, acting)
        return
    view = show_organisation(opened, _acting(opened, name, acting), name)
    say(f"{view.organisation.name}   {view.organisation.display_name}")
    people = [(member.user.name, member.role.value) for member in view.members]
    people += [(one.user.name, f"invited as {one.role}") for one in view.invited]
    table(("user", "role"), people)
    for team in view.teams:
        members = ", ".join(user.name for user in team.members) or "nobody"
        roles = ", ".join(f"{role} of {project.name}" for project, role in team.roles) or "no role"
        say(f"team {team.team.name}: {members}; {roles}")
    if view.projects:
        say(f"projects {', '.join(project.name.display for project in view.projects)}")
    else:
        hint(f"No project yet: homeport organisation add-project {name} PROJECT")


def _grant(
    name: NameArgument,
    user: UserArgument,
    role: Annotated[str, typer.Option(help="owner or member.")] = OrganisationRole.MEMBER.value,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give somebody a role in an organisation at once; on the pages they are invited, and accept."""
    from homeport.flows.organisation_people import give_organisation_role

    opened = world()
    given = OrganisationRole.parse(role)
    give_organisation_role(opened, _acting(opened, name, acting), name, user, given, uninvited=True)
    _done(f"{user} is {given} of {name} now.", as_json, organisation=name, user=user, role=given.value)


def _revoke(
    name: NameArgument, user: UserArgument, acting: AsOption = None, as_json: JsonOption = False
) -> None:
    """Take somebody out of an organisation and its teams; the last owner stays."""
    from homeport.flows.organisation_people import remove_from_organisation

    opened = world()
    remove_from_organisation(opened, _acting(opened, name, acting), name, user)
    _done(f"{user} is no longer in {name}.", as_json, organisation=name, user=user, role=None)


def _add_project(
    name: NameArgument, project: ProjectArgument, acting: AsOption = None, as_json: JsonOption = False
) -> None:
    """Move a project into an organisation; who owns both may."""
    from homeport.flows.organisations import transfer_project

    opened = world()
    transfer_project(opened, _acting(opened, name, acting), name, project)
    _done(f"{project} belongs to {name} now.", as_json, project=project, organisation=name)


def _remove_project(
    name: NameArgument, project: ProjectArgument, acting: AsOption = None, as_json: JsonOption = False
) -> None:
    """Take a project out of an organisation; somebody must own it by themselves."""
    from homeport.flows.organisations import take_project_out

    opened = world()
    take_project_out(opened, _acting(opened, name, acting), name, project)
    _done(f"{project} no longer belongs to {name}.", as_json, project=project, organisation=None)


def _create_team(
    name: NameArgument, team: TeamArgument, acting: AsOption = None, as_json: JsonOption = False
) -> None:
    """Create a team."""
    from homeport.flows.teams import create_team

    opened = world()
    create_team(opened, _acting(opened, name, acting), name, team)
    _done(f"Created the team {name}/{team}.", as_json, organisation=name, team=team)


def _delete_team(
    name: NameArgument, team: TeamArgument, acting: AsOption = None, as_json: JsonOption = False
) -> None:
    """Delete a team; roles through it end."""
    from homeport.flows.teams import delete_team

    opened = world()
    delete_team(opened, _acting(opened, name, acting), name, team)
    _done(f"The team {name}/{team} is gone.", as_json, organisation=name, deleted=team)


def _add_to_team(
    name: NameArgument,
    team: TeamArgument,
    user: UserArgument,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a member of the organisation into a team."""
    from homeport.flows.teams import add_to_team

    opened = world()
    add_to_team(opened, _acting(opened, name, acting), name, team, user)
    _done(f"{user} is in {name}/{team} now.", as_json, team=team, user=user, member=True)


def _remove_from_team(
    name: NameArgument,
    team: TeamArgument,
    user: UserArgument,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take somebody out of a team."""
    from homeport.flows.teams import remove_from_team

    opened = world()
    remove_from_team(opened, _acting(opened, name, acting), name, team, user)
    _done(f"{user} is no longer in {name}/{team}.", as_json, team=team, user=user, member=False)


def _grant_team(
    name: NameArgument,
    team: TeamArgument,
    project: ProjectArgument,
    role: Annotated[str, typer.Option(help="owner, maintainer or reader.")] = Role.MAINTAINER.value,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a team a role in a project of the organisation."""
    from homeport.flows.teams import give_team_role

    opened = world()
    given = Role.parse(role)
    give_team_role(opened, _acting(opened, name, acting), name, team, project, given)
    _done(
        f"{name}/{team} is {given} of {project} now.", as_json, team=team, project=project, role=given.value
    )


def _revoke_team(
    name: NameArgument,
    team: TeamArgument,
    project: ProjectArgument,
    acting: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a team's role in a project away."""
    from homeport.flows.teams import take_team_role

    opened = world()
    take_team_role(opened, _acting(opened, name, acting), name, team, project)
    _done(f"{name}/{team} has no role in {project} any more.", as_json, team=team, project=project, role=None)


def _done(sentence: str, as_json: bool, **told: str | bool | None) -> None:
    if as_json:
        print_json(told)
    else:
        say(sentence)


def _print(opened: "World", name: str, acting: str | None) -> None:
    from homeport.flows.show_organisation import show_organisation

    print_json(show_organisation(opened, _acting(opened, name, acting), name).to_json())
