"""The calls about who has which role in a project: members, and invitations to become one."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.project import Role
from homeport.domain.row_id import row_id
from homeport.flows import membership
from homeport.formats.membership_json import invitation_json, member_json
from homeport.ports.world import World


def _show_members(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    shown = membership.show_members(world, caller, path["name"])
    return {
        "project": shown.project.name.normalized,
        "members": [member_json(one.user.name, one.role, one.through) for one in shown.members],
        "invitations": [invitation_json(one) for one in shown.invitations],
    }


def _invite(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    who, role = body.text("user"), body.wanted("role", Role.parse)
    body.finish()
    told = invitation_json(membership.invite(world, caller, path["name"], who, role or Role.READER))
    # Whoever was called by an address is told of by it.
    return told | {"user": who} if "@" in who else told


def _change_role(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    role = body.wanted("role", Role.parse)
    body.finish()
    given = membership.change_role(world, caller, path["name"], path["user"], role or Role.READER)
    return {"project": path["name"], "user": path["user"], "role": given.value}


def _revoke_role(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    was = membership.revoke_role(world, caller, path["name"], path["user"])
    return {"project": path["name"], "user": path["user"], "was": was.value}


def _list_invitations(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    body.finish()
    return {"invitations": [invitation_json(one) for one in membership.my_invitations(world, caller)]}


def _accept_invitation(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return invitation_json(membership.accept(world, caller, row_id(path["id"], "invitation")))


def _decline_invitation(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return invitation_json(membership.decline(world, caller, row_id(path["id"], "invitation")))


def _take_back_invitation(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return invitation_json(membership.take_back(world, caller, row_id(path["id"], "invitation")))


MEMBER_CALLS: tuple[Call, ...] = (
    Call("GET", "/projects/{name}/members", HTTPStatus.OK, _show_members),
    Call("PUT", "/projects/{name}/members/{user}", HTTPStatus.OK, _change_role),
    Call("DELETE", "/projects/{name}/members/{user}", HTTPStatus.OK, _revoke_role),
    Call("POST", "/projects/{name}/invitations", HTTPStatus.CREATED, _invite),
    Call("GET", "/invitations", HTTPStatus.OK, _list_invitations),
    Call("POST", "/invitations/{id}/accept", HTTPStatus.OK, _accept_invitation),
    Call("POST", "/invitations/{id}/decline", HTTPStatus.OK, _decline_invitation),
    Call("POST", "/invitations/{id}/take-back", HTTPStatus.OK, _take_back_invitation),
)
