"""The calls about organisations: their people, projects and teams."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.organisation import OrganisationRole
from homeport.domain.project import Role
from homeport.flows import organisation_people, organisations, show_organisation, teams
from homeport.formats.organisation_json import (
    organisation_invitation_json,
    organisation_json,
    team_json,
)
from homeport.ports.world import World


def _list_organisations(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    body.finish()
    mine = show_organisation.my_organisations(world, caller)
    return {
        "organisations": [organisation_json(one, role) for one, role in mine.roles],
        "invitations": [organisation_invitation_json(one) for one in mine.invitations],
    }


def _create_organisation(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    name, display_name = body.text("name"), body.text("display_name", "")
    body.finish()
    made = organisations.create_organisation(world, caller, name, display_name)
    return organisation_json(made, OrganisationRole.OWNER)


def _show_organisation(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return show_organisation.show_organisation(world, caller, path["name"]).to_json()


# People


def _change_organisation_role(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    role = body.wanted("role", OrganisationRole.parse) or OrganisationRole.MEMBER
    body.finish()
    organisation_people.give_organisation_role(world, caller, path["name"], path["user"], role)
    return {"organisation": path["name"], "user": path["user"], "role": role.value}


def _remove_from_organisation(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    organisation_people.remove_from_organisation(world, caller, path["name"], path["user"])
    return {"organisation": path["name"], "user": path["user"], "role": None}


def _invite_to_organisation(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    user, role = body.text("user"), body.parsed("role", OrganisationRole.parse, OrganisationRole.MEMBER)
    body.finish()
    invitation = organisation_people.invite_to_organisation(world, caller, path["name"], user, role)
    return organisation_invitation_json(invitation)


def _take_organisation_invitation_back(
    world: World, caller: Caller, path: Mapping[str, Any], body: Body
) -> Json:
    body.finish()
    organisation_people.take_invitation_back(world, caller, path["name"], path["user"])
    return {"organisation": path["name"], "user": path["user"], "role": None}


def _accept_organisation_invitation(
    world: World, caller: Caller, path: Mapping[str, Any], body: Body
) -> Json:
    body.finish()
    role = organisation_people.accept_organisation_invitation(world, caller, path["name"])
    return {"organisation": path["name"], "user": caller.user.name, "role": role.value}


def _decline_organisation_invitation(
    world: World, caller: Caller, path: Mapping[str, Any], body: Body
) -> Json:
    body.finish()
    organisation_people.decline_organisation_invitation(world, caller, path["name"])
    return {"organisation": path["name"], "user": caller.user.name, "role": None}


# Projects


def _transfer_project(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    organisations.transfer_project(world, caller, path["name"], path["project"])
    return {"project": path["project"], "organisation": path["name"]}


def _take_project_out(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    organisations.take_project_out(world, caller, path["name"], path["project"])
    return {"project": path["project"], "organisation": None}


# Teams


def _create_team(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    team = body.text("name")
    body.finish()
    return team_json(teams.create_team(world, caller, path["name"], team))


def _delete_team(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    teams.delete_team(world, caller, path["name"], path["team"])
    return {"organisation": path["name"], "deleted": path["team"]}


def _add_to_team(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    teams.add_to_team(world, caller, path["name"], path["team"], path["user"])
    return {"team": path["team"], "user": path["user"], "member": True}


def _remove_from_team(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    teams.remove_from_team(world, caller, path["name"], path["team"], path["user"])
    return {"team": path["team"], "user": path["user"], "member": False}


def _give_team_role(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    role = body.wanted("role", Role.parse) or Role.READER
    body.finish()
    teams.give_team_role(world, caller, path["name"], path["team"], path["project"], role)
    return {"team": path["team"], "project": path["project"], "role": role.value}


def _take_team_role(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    teams.take_team_role(world, caller, path["name"], path["team"], path["project"])
    return {"team": path["team"], "project": path["project"], "role": None}


_ONE = "/organisations/{name}"
_TEAM = f"{_ONE}/teams/{{team}}"

ORGANISATION_CALLS: tuple[Call, ...] = (
    Call("GET", "/organisations", HTTPStatus.OK, _list_organisations),
    Call("POST", "/organisations", HTTPStatus.CREATED, _create_organisation),
    Call("GET", _ONE, HTTPStatus.OK, _show_organisation),
    Call("PUT", f"{_ONE}/members/{{user}}", HTTPStatus.OK, _change_organisation_role),
    Call("DELETE", f"{_ONE}/members/{{user}}", HTTPStatus.OK, _remove_from_organisation),
    Call("POST", f"{_ONE}/invitations", HTTPStatus.CREATED, _invite_to_organisation),
    Call("DELETE", f"{_ONE}/invitations/{{user}}", HTTPStatus.OK, _take_organisation_invitation_back),
    Call("POST", f"{_ONE}/accept", HTTPStatus.OK, _accept_organisation_invitation),
    Call("POST", f"{_ONE}/decline", HTTPStatus.OK, _decline_organisation_invitation),
    Call("PUT", f"{_ONE}/projects/{{project}}", HTTPStatus.OK, _transfer_project),
    Call("DELETE", f"{_ONE}/projects/{{project}}", HTTPStatus.OK, _take_project_out),
    Call("POST", f"{_ONE}/teams", HTTPStatus.CREATED, _create_team),
    Call("DELETE", _TEAM, HTTPStatus.OK, _delete_team),
    Call("PUT", f"{_TEAM}/members/{{user}}", HTTPStatus.OK, _add_to_team),
    Call("DELETE", f"{_TEAM}/members/{{user}}", HTTPStatus.OK, _remove_from_team),
    Call("PUT", f"{_TEAM}/projects/{{project}}", HTTPStatus.OK, _give_team_role),
    Call("DELETE", f"{_TEAM}/projects/{{project}}", HTTPStatus.OK, _take_team_role),
)
