"""The JSON API for maintainers: projects, their modes, releases and standing; every other noun has its own file."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.routing import Route

from homeport.api.accounts import ACCOUNT_CALLS
from homeport.api.body import Body
from homeport.api.calls import Call, Json, call_routes
from homeport.api.campaigns import CAMPAIGN_CALLS
from homeport.api.dashboard import DASHBOARD_CALLS
from homeport.api.drift import DRIFT_CALLS
from homeport.api.exemptions import EXEMPTION_CALLS, hosting_log_routes
from homeport.api.fetching import FETCHING_CALLS
from homeport.api.hosting import HOSTING_CALLS
from homeport.api.hosts import HOST_CALLS
from homeport.api.members import MEMBER_CALLS
from homeport.api.openapi import openapi_route
from homeport.api.organisations import ORGANISATION_CALLS
from homeport.api.overseen import OVERSEEN_CALLS
from homeport.api.policies import POLICY_CALLS, waiting_json
from homeport.api.quotas import QUOTA_CALLS
from homeport.api.receivers import RECEIVER_CALLS
from homeport.api.registrations import REGISTRATION_CALLS
from homeport.api.rehosts import REHOST_CALLS
from homeport.api.removals import REMOVAL_CALLS
from homeport.api.reviews import REVIEW_CALLS
from homeport.api.signing import SIGNING_CALLS
from homeport.api.sources import SOURCE_CALLS
from homeport.api.surveys import SURVEY_CALLS
from homeport.api.tokens import TOKEN_CALLS
from homeport.api.webhooks import WEBHOOK_CALLS
from homeport.domain.account import Caller, Scope
from homeport.domain.exemption import parse_day
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus
from homeport.domain.proposal import Act, Deed, Proposal
from homeport.domain.rights import require_role, require_unrestricted
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.change_status import change_status, change_visibility
from homeport.flows.manage_project import create_project, show_project
from homeport.flows.proposals import or_propose
from homeport.flows.remove import remove
from homeport.flows.yank import unyank, yank
from homeport.ports.world import World


def _create_project(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    name, overrides = body.text("name"), body.flag("override")
    mode = body.parsed("mode", HostingMode.parse, None)
    body.finish()
    require_unrestricted(caller, Scope.MANAGE)
    create_project(world, caller.user, name, mode, overriding=caller if overrides else None)
    return show_project(world, name).to_json()


def _show_project(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    view = show_project(world, path["name"])
    roles = {member.user.id: member.role for member in view.members}
    may_manage = caller.may_use(Scope.MANAGE, view.project.name.normalized)
    # Where a project's files are sought is its maintainers' business; what is hosted everybody sees at /simple/.
    require_role(caller, Scope.MANAGE if may_manage else Scope.READ, view.project, roles.get(caller.user.id))
    return view.to_json()


def _set_mode(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    mode = body.wanted("mode", HostingMode.parse)
    wish = Wish(
        mode=mode or HostingMode.ONLY,
        reason=body.text("reason", ""),
        until=body.parsed("until", parse_day, None),
        consents=body.flag("consent"),
        acknowledges_loss=body.flag("acknowledge_loss"),
        loss_digest=body.text("loss_digest", ""),
    )
    body.finish()
    changed = change_hosting(world, caller, path["name"], wish)
    return {
        "project": path["name"],
        "mode": changed.project.mode.value,
        "no_longer_listed": list(changed.lost),
    }


def _yank(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    reason, filenames = body.text("reason", ""), body.texts("files")
    body.finish()
    changed = yank(world, caller, path["name"], path["version"], filenames=filenames, reason=reason)
    return {"project": path["name"], "version": path["version"], "yanked": list(changed)}


def _unyank(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    filenames = body.texts("files")
    body.finish()
    changed = unyank(world, caller, path["name"], path["version"], filenames=filenames)
    return {"project": path["name"], "version": path["version"], "unyanked": list(changed)}


def _remove(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    reason, filenames = body.text("reason"), body.texts("files")
    body.finish()
    name, version = path["name"], path["version"]
    do = partial(remove, world, caller, name, version, reason=reason, filenames=filenames)
    removed = or_propose(world, caller, Deed(Act.DELETE, name, version, filenames), reason, do)
    if isinstance(removed, Proposal):
        return waiting_json(removed)
    return {"project": name, "version": version, "removed": list(removed.filenames)}


def _set_status(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    status, reason = body.wanted("status", ProjectStatus.parse), body.text("reason", "")
    serial = body.number("serial")
    body.finish()
    wanted = status or ProjectStatus.ACTIVE
    do = partial(change_status, world, caller, path["name"], wanted, reason, serial=serial or None)
    deed = Deed(Act.END_QUARANTINE, path["name"], wanted, serial=serial)
    project = or_propose(world, caller, deed, reason, do)
    if isinstance(project, Proposal):
        return waiting_json(project)
    return {
        "project": path["name"],
        "status": project.status.value,
        "reason": project.status_reason,
        "serial": project.serial,
    }


def _set_visibility(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    is_private = body.wanted_flag("private")
    body.finish()
    project = change_visibility(world, caller, path["name"], is_private=is_private)
    return {"project": path["name"], "private": project.is_private}


_CALLS: tuple[Call, ...] = (
    Call("POST", "/projects", HTTPStatus.CREATED, _create_project),
    Call("GET", "/projects/{name}", HTTPStatus.OK, _show_project),
    Call("PUT", "/projects/{name}/mode", HTTPStatus.OK, _set_mode),
    Call("PUT", "/projects/{name}/status", HTTPStatus.OK, _set_status),
    Call("PUT", "/projects/{name}/visibility", HTTPStatus.OK, _set_visibility),
    Call("POST", "/projects/{name}/releases/{version}/yank", HTTPStatus.OK, _yank),
    Call("POST", "/projects/{name}/releases/{version}/unyank", HTTPStatus.OK, _unyank),
    Call("POST", "/projects/{name}/releases/{version}/remove", HTTPStatus.OK, _remove),
)


def management_routes(world: World) -> list[Route]:
    """The routes below ``/api/v1``, and their description."""
    calls = (
        *_CALLS,
        *ACCOUNT_CALLS,
        *CAMPAIGN_CALLS,
        *DASHBOARD_CALLS,
        *EXEMPTION_CALLS,
        *FETCHING_CALLS,
        *HOSTING_CALLS,
        *HOST_CALLS,
        *DRIFT_CALLS,
        *MEMBER_CALLS,
        *ORGANISATION_CALLS,
        *POLICY_CALLS,
        *QUOTA_CALLS,
        *REVIEW_CALLS,
        *REGISTRATION_CALLS,
        *REHOST_CALLS,
        *REMOVAL_CALLS,
        *SURVEY_CALLS,
        *SIGNING_CALLS,
        *SOURCE_CALLS,
        *TOKEN_CALLS,
        *WEBHOOK_CALLS,
        *RECEIVER_CALLS,
        *OVERSEEN_CALLS,
    )
    return [*call_routes(world, calls), *hosting_log_routes(world), openapi_route(world, calls)]
