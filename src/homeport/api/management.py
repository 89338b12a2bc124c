"""The JSON API for maintainers: projects, sources, modes, and rehosts from plan to published."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.routing import Route

from homeport.api.accounts import ACCOUNT_CALLS
from homeport.api.body import Body
from homeport.api.calls import Call, Json, call_routes
from homeport.api.drift import DRIFT_CALLS
from homeport.api.exemptions import EXEMPTION_CALLS, hosting_log_routes
from homeport.api.fetching import FETCHING_CALLS
from homeport.api.hosts import HOST_CALLS
from homeport.api.members import MEMBER_CALLS
from homeport.api.openapi import openapi_route
from homeport.api.organisations import ORGANISATION_CALLS
from homeport.api.quotas import QUOTA_CALLS
from homeport.api.signing import SIGNING_CALLS
from homeport.api.sources import SOURCE_CALLS
from homeport.api.surveys import SURVEY_CALLS
from homeport.api.tokens import TOKEN_CALLS
from homeport.domain.account import Caller, Scope
from homeport.domain.consent import Basis
from homeport.domain.digests import Sha256
from homeport.domain.exemption import parse_day
from homeport.domain.hosting import HostingMode
from homeport.domain.project import ProjectStatus
from homeport.domain.rights import require_role, require_unrestricted
from homeport.domain.row_id import row_id
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.change_status import change_status, change_visibility
from homeport.flows.manage_project import create_project, show_project
from homeport.flows.rehost import review
from homeport.flows.rehost.start import start_plan, start_update_cache
from homeport.flows.remove import remove
from homeport.flows.yank import unyank, yank
from homeport.formats.management_json import plan_json, rehost_json
from homeport.ports.world import World


def _create_project(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    name, overrides = body.text("name"), body.flag("override")
    mode = body.parsed("mode", HostingMode.parse, HostingMode.ONLY)
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
    removed = remove(world, caller, path["name"], path["version"], reason=reason, filenames=filenames)
    return {"project": path["name"], "version": path["version"], "removed": list(removed.filenames)}


def _set_status(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    status, reason = body.wanted("status", ProjectStatus.parse), body.text("reason", "")
    body.finish()
    project = change_status(world, caller, path["name"], status or ProjectStatus.ACTIVE, reason)
    return {"project": path["name"], "status": project.status.value, "reason": project.status_reason}


def _set_visibility(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    is_private = body.wanted_flag("private")
    body.finish()
    project = change_visibility(world, caller, path["name"], is_private=is_private)
    return {"project": path["name"], "private": project.is_private}


def _plan(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    version = body.text("version", "")
    body.finish()
    return rehost_json(start_plan(world, caller, path["name"], version or None))


def _update_cache(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    version = body.text("version", "")
    body.finish()
    return rehost_json(start_update_cache(world, caller, path["name"], version or None))


def _list_rehosts(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return {"rehosts": [rehost_json(rehost) for rehost in review.list_rehosts(world, caller, path["name"])]}


def _show_rehost(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    view = review.show_rehost(world, caller, _rehost_id(path))
    return plan_json(view.rehost, view.plan, view.digest, view.consent)


def _accept(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    digest, basis = body.wanted("plan_digest", Sha256.parse), body.wanted("basis", Basis.parse)
    text, accept = body.text("text", ""), body.numbers("accept")
    declared = body.texts_by_number("sha256", Sha256.parse)
    body.finish()
    if digest is None or basis is None:
        raise AssertionError("what could not be read is a problem")
    choice = review.Choice(digest, basis, text, accept, declared)
    return rehost_json(review.accept(world, caller, _rehost_id(path), choice))


def _refuse(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    reason = body.text("reason", "")
    body.finish()
    return rehost_json(review.refuse(world, caller, _rehost_id(path), reason))


def _retry(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return rehost_json(review.retry(world, caller, _rehost_id(path)))


def _withdraw(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return rehost_json(review.withdraw(world, caller, _rehost_id(path)))


def _rehost_id(path: Mapping[str, Any]) -> int:
    return row_id(path["id"], "rehost")


_CALLS: tuple[Call, ...] = (
    Call("POST", "/projects", HTTPStatus.CREATED, _create_project),
    Call("GET", "/projects/{name}", HTTPStatus.OK, _show_project),
    Call("PUT", "/projects/{name}/mode", HTTPStatus.OK, _set_mode),
    Call("PUT", "/projects/{name}/status", HTTPStatus.OK, _set_status),
    Call("PUT", "/projects/{name}/visibility", HTTPStatus.OK, _set_visibility),
    Call("POST", "/projects/{name}/releases/{version}/yank", HTTPStatus.OK, _yank),
    Call("POST", "/projects/{name}/releases/{version}/unyank", HTTPStatus.OK, _unyank),
    Call("POST", "/projects/{name}/releases/{version}/remove", HTTPStatus.OK, _remove),
    Call("GET", "/projects/{name}/rehosts", HTTPStatus.OK, _list_rehosts),
    Call("POST", "/projects/{name}/rehosts", HTTPStatus.ACCEPTED, _plan),
    Call("POST", "/projects/{name}/update-cache", HTTPStatus.ACCEPTED, _update_cache),
    Call("GET", "/rehosts/{id}", HTTPStatus.OK, _show_rehost),
    Call("POST", "/rehosts/{id}/accept", HTTPStatus.ACCEPTED, _accept),
    Call("POST", "/rehosts/{id}/refuse", HTTPStatus.OK, _refuse),
    Call("POST", "/rehosts/{id}/retry", HTTPStatus.ACCEPTED, _retry),
    Call("POST", "/rehosts/{id}/withdraw", HTTPStatus.OK, _withdraw),
)


def management_routes(world: World) -> list[Route]:
    """The routes below ``/api/v1``, and their description."""
    calls = (
        *_CALLS,
        *ACCOUNT_CALLS,
        *EXEMPTION_CALLS,
        *FETCHING_CALLS,
        *HOST_CALLS,
        *DRIFT_CALLS,
        *MEMBER_CALLS,
        *ORGANISATION_CALLS,
        *QUOTA_CALLS,
        *SURVEY_CALLS,
        *SIGNING_CALLS,
        *SOURCE_CALLS,
        *TOKEN_CALLS,
    )
    return [*call_routes(world, calls), *hosting_log_routes(world), openapi_route(world, calls)]
