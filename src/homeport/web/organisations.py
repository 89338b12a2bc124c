"""Organisations: their public page, one's own, and the page where one is managed."""

from collections.abc import Callable

from homeport.domain.errors import Refusal
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Role
from homeport.flows import organisation_people, organisations, show_organisation, teams
from homeport.web.page import Asked, GoTo, Page

_MINE = organisation_people.MY_ORGANISATIONS


def show_public(asked: Asked) -> Page:
    """What everybody may know of an organisation; its members see who is in it, too."""
    name, after = asked.params["name"], asked.query.get("after", "")
    seen = show_organisation.public_organisation(asked.world, asked.caller, asked.user, name, after=after)
    return Page("organisation.html", {"seen": seen, "after": after})


def show_mine(asked: Asked, refusal: Refusal | None = None) -> Page:
    """The organisations that somebody is in, or invited to, and the form to create one."""
    mine = show_organisation.my_organisations(asked.world, asked.caller())
    return Page("organisations.html", {"mine": mine, "form": asked.form}, refusal)


def send_mine(asked: Asked) -> Page | GoTo:
    """Answer an invitation, or create an organisation; a refusal shows the page again, with the reason on top."""
    try:
        return GoTo(_chosen(asked, _OWN_ACTIONS)(asked))
    except Refusal as refusal:
        return show_mine(asked, refusal)


def _create(asked: Asked) -> str:
    form = asked.form
    made = organisations.create_organisation(
        asked.world, asked.caller(), form.text("name"), form.text("display_name")
    )
    return organisations.managed_at(made)


def _accept(asked: Asked) -> str:
    name = asked.form.text("organisation")
    organisation_people.accept_organisation_invitation(asked.world, asked.caller(), name)
    return f"{_MINE}{name}/"


def _decline(asked: Asked) -> str:
    name = asked.form.text("organisation")
    organisation_people.decline_organisation_invitation(asked.world, asked.caller(), name)
    return _MINE


def show_managed(asked: Asked, refusal: Refusal | None = None) -> Page:
    """An organisation's people, teams and projects, and for its owners the forms that change them."""
    view = show_organisation.show_organisation(asked.world, asked.caller(), asked.params["name"])
    return Page(
        "manage_organisation.html",
        {
            "view": view,
            "is_owner": view.role is OrganisationRole.OWNER,
            "may_leave": view.role is not OrganisationRole.OWNER
            or sum(member.role is OrganisationRole.OWNER for member in view.members) > 1,
            "organisation_roles": list(OrganisationRole),
            "project_roles": list(Role),
            "form": asked.form,
        },
        refusal,
    )


def send_managed(asked: Asked) -> Page | GoTo:
    """Do what the pressed button says; a refusal shows the page again, with the reason on top."""
    try:
        return GoTo(_chosen(asked, _ACTIONS)(asked))
    except Refusal as refusal:
        return show_managed(asked, refusal)


def _chosen(asked: Asked, actions: dict[str, Callable[[Asked], str]]) -> Callable[[Asked], str]:
    asked.caller()
    return asked.form.chosen(actions)


def _invite(asked: Asked) -> str:
    user, role = asked.form.text("user"), OrganisationRole.parse(asked.form.text("role"))
    organisation_people.invite_to_organisation(
        asked.world, asked.fresh_caller(), asked.params["name"], user, role
    )
    return asked.path


def _take_back(asked: Asked) -> str:
    user = asked.form.text("user")
    organisation_people.take_invitation_back(asked.world, asked.fresh_caller(), asked.params["name"], user)
    return asked.path


def _change_role(asked: Asked) -> str:
    user, role = asked.form.text("user"), OrganisationRole.parse(asked.form.text("role"))
    organisation_people.give_organisation_role(
        asked.world, asked.fresh_caller(), asked.params["name"], user, role
    )
    return asked.path


def _remove(asked: Asked) -> str:
    user = asked.form.text("user")
    organisation_people.remove_from_organisation(
        asked.world, asked.fresh_caller(), asked.params["name"], user
    )
    return asked.path


def _leave(asked: Asked) -> str:
    caller = asked.caller()
    organisation_people.remove_from_organisation(asked.world, caller, asked.params["name"], caller.user.name)
    return _MINE


def _move_in(asked: Asked) -> str:
    project = asked.form.text("project")
    organisations.transfer_project(asked.world, asked.fresh_caller(), asked.params["name"], project)
    return asked.path


def _take_out(asked: Asked) -> str:
    project = asked.form.text("project")
    organisations.take_project_out(asked.world, asked.fresh_caller(), asked.params["name"], project)
    return asked.path


def _create_team(asked: Asked) -> str:
    team = teams.create_team(
        asked.world, asked.fresh_caller(), asked.params["name"], asked.form.text("new_team")
    )
    return f"{asked.path}#team-{team.name}"


def _delete_team(asked: Asked) -> str:
    teams.delete_team(asked.world, asked.fresh_caller(), asked.params["name"], asked.form.text("team"))
    return asked.path


def _add_to_team(asked: Asked) -> str:
    team, user = asked.form.text("team"), asked.form.text("user")
    teams.add_to_team(asked.world, asked.fresh_caller(), asked.params["name"], team, user)
    return f"{asked.path}#team-{team}"


def _remove_from_team(asked: Asked) -> str:
    team, user = asked.form.text("team"), asked.form.text("user")
    teams.remove_from_team(asked.world, asked.fresh_caller(), asked.params["name"], team, user)
    return f"{asked.path}#team-{team}"


def _give_team_role(asked: Asked) -> str:
    team, project = asked.form.text("team"), asked.form.text("project")
    role = Role.parse(asked.form.text("role"))
    teams.give_team_role(asked.world, asked.fresh_caller(), asked.params["name"], team, project, role)
    return f"{asked.path}#team-{team}"


def _take_team_role(asked: Asked) -> str:
    team, project = asked.form.text("team"), asked.form.text("project")
    teams.take_team_role(asked.world, asked.fresh_caller(), asked.params["name"], team, project)
    return f"{asked.path}#team-{team}"


_OWN_ACTIONS: dict[str, Callable[[Asked], str]] = {"create": _create, "accept": _accept, "decline": _decline}
_ACTIONS: dict[str, Callable[[Asked], str]] = {
    "invite": _invite,
    "take-back": _take_back,
    "change-role": _change_role,
    "remove": _remove,
    "leave": _leave,
    "move-in": _move_in,
    "take-out": _take_out,
    "create-team": _create_team,
    "delete-team": _delete_team,
    "add-to-team": _add_to_team,
    "remove-from-team": _remove_from_team,
    "give-team-role": _give_team_role,
    "take-team-role": _take_team_role,
}
