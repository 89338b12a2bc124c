"""Calls of administrators on the webhooks and receivers of everybody."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.row_id import row_id
from homeport.domain.webhook import Feed, HookState
from homeport.flows.webhooks import oversee
from homeport.formats.webhook_json import overseen_hook_json, overseen_receiver_json
from homeport.ports.webhooks import HookFilter
from homeport.ports.world import World


def _list_webhooks(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    listed = oversee.list_hooks_of_all(world, caller, _wanted(body, "webhook"))
    return {"webhooks": [overseen_hook_json(hook) for hook in listed.hooks], "before": listed.before or None}


def _list_receivers(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    listed = oversee.list_receivers_of_all(world, caller, _wanted(body, "receiver"))
    told = [overseen_receiver_json(stand) for stand in listed.stands]
    return {"receivers": told, "before": listed.before or None}


def _wanted(body: Body, what: str) -> HookFilter:
    number = partial(row_id, what=what)
    wanted = HookFilter(
        body.text("owner", ""),
        body.parsed("state", HookState, None),
        body.parsed("failures", number, 0),
        body.parsed("before", number, 0),
        body.parsed("feed", Feed, None),
    )
    body.finish()
    return wanted


def _set_webhook_stopped(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    is_stopped, reason = body.wanted_flag("stopped"), body.text("reason")
    body.finish()
    change = oversee.stop_hook if is_stopped else oversee.let_hook_go
    return overseen_hook_json(change(world, caller, row_id(path["id"], "webhook"), reason))


def _set_receiver_stopped(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    is_stopped, reason = body.wanted_flag("stopped"), body.text("reason")
    body.finish()
    change = oversee.stop_receiver if is_stopped else oversee.let_receiver_go
    changed = change(world, caller, row_id(path["id"], "receiver"), reason)
    return overseen_receiver_json(changed)


OVERSEEN_CALLS: tuple[Call, ...] = (
    Call("GET", "/admin/webhooks", HTTPStatus.OK, _list_webhooks),
    Call("GET", "/admin/receivers", HTTPStatus.OK, _list_receivers),
    Call("PUT", "/webhooks/{id}/stopped", HTTPStatus.OK, _set_webhook_stopped),
    Call("PUT", "/receivers/{id}/stopped", HTTPStatus.OK, _set_receiver_stopped),
)
