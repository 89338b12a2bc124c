"""The JSON API for maintainers: projects, sources, modes, and rehosts from plan to published."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from homeport.api.body import Body, read_body
from homeport.api.caller import caller_of
from homeport.api.errors import api_refusal
from homeport.domain.account import Caller, Scope
from homeport.domain.consent import Basis
from homeport.domain.digests import Sha256
from homeport.domain.errors import NotFound, Refusal
from homeport.domain.hosting import HostingMode
from homeport.domain.rights import require_unrestricted
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.manage_project import ProjectView, add_source, create_project, show_project
from homeport.flows.rehost import review
from homeport.flows.rehost.start import start_plan, start_update_cache
from homeport.formats.management_json import plan_json, project_json, rehost_json
from homeport.ports.world import World

Json = dict[str, Any]
Handler = Callable[[World, Caller, Mapping[str, Any], Body], Json]

# No row has a key of more digits.
_ID = re.compile(r"[0-9]{1,18}")


def project_view_json(view: ProjectView) -> Json:
    """A project as it is shown."""
    return project_json(
        view.project,
        [(member.user.name, member.role) for member in view.members],
        view.files,
        [(source.kind, source.url) for source in view.sources],
        view.versions,
    )


def _create_project(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    name = body.text("name")
    mode = body.parsed("mode", HostingMode.parse, HostingMode.ONLY)
    body.finish()
    require_unrestricted(caller, Scope.MANAGE)
    create_project(world, caller.user, name, mode)
    return project_view_json(show_project(world, name))


def _show_project(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    return project_view_json(show_project(world, path["name"]))


def _add_source(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    kind, url = body.text("kind"), body.text("url")
    body.finish()
    return {"added": add_source(world, caller, path["name"], kind, url)}


def _set_mode(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    mode = body.wanted("mode", HostingMode.parse)
    wish = Wish(
        mode=mode or HostingMode.ONLY,
        reason=body.text("reason", ""),
        until=body.parsed("until", date.fromisoformat, None),
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


def _plan(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    version = body.text("version", "")
    body.finish()
    return rehost_json(start_plan(world, caller, path["name"], version or None))


def _update_cache(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    version = body.text("version", "")
    body.finish()
    return rehost_json(start_update_cache(world, caller, path["name"], version or None))


def _list_rehosts(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    return {"rehosts": [rehost_json(rehost) for rehost in review.list_rehosts(world, caller, path["name"])]}


def _show_rehost(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
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
    if not _ID.fullmatch(path["id"]):
        raise NotFound("There is no such rehost here.", code="rehost-unknown")
    return int(path["id"])


# Method, path, status of success, handler.
_TABLE: tuple[tuple[str, str, HTTPStatus, Handler], ...] = (
    ("POST", "/projects", HTTPStatus.CREATED, _create_project),
    ("GET", "/projects/{name}", HTTPStatus.OK, _show_project),
    ("POST", "/projects/{name}/sources", HTTPStatus.OK, _add_source),
    ("PUT", "/projects/{name}/mode", HTTPStatus.OK, _set_mode),
    ("GET", "/projects/{name}/rehosts", HTTPStatus.OK, _list_rehosts),
    ("POST", "/projects/{name}/rehosts", HTTPStatus.ACCEPTED, _plan),
    ("POST", "/projects/{name}/update-cache", HTTPStatus.ACCEPTED, _update_cache),
    ("GET", "/rehosts/{id}", HTTPStatus.OK, _show_rehost),
    ("POST", "/rehosts/{id}/accept", HTTPStatus.ACCEPTED, _accept),
    ("POST", "/rehosts/{id}/refuse", HTTPStatus.OK, _refuse),
    ("POST", "/rehosts/{id}/retry", HTTPStatus.ACCEPTED, _retry),
    ("POST", "/rehosts/{id}/withdraw", HTTPStatus.OK, _withdraw),
)


def management_routes(world: World) -> list[Route]:
    """The routes below ``/api/v1``; every one of them asks who is calling."""
    return [
        Route(f"/api/v1{path}", _endpoint(world, handler, status), methods=[method])
        for method, path, status, handler in _TABLE
    ]


def _endpoint(world: World, handler: Handler, status: HTTPStatus) -> Callable[[Request], Any]:
    def answer(request: Request, body: Body) -> Json:
        return handler(world, caller_of(world, request), request.path_params, body)

    async def endpoint(request: Request) -> Response:
        try:
            body = await read_body(request)
            return JSONResponse(
                await run_in_threadpool(answer, request, body), status, headers={"cache-control": "no-store"}
            )
        except Refusal as refusal:
            return api_refusal(refusal)

    return endpoint
