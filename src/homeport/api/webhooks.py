"""The calls on webhooks: of the index, of a project, of the caller."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.row_id import row_id
from homeport.domain.webhook import Feed
from homeport.flows.webhooks import log, manage
from homeport.formats.webhook_json import delivery_json, webhook_json
from homeport.ports.world import World


def _list(feed: Feed, world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    found = manage.list_hooks(world, caller, feed, path.get("name", ""))
    return {"webhooks": [webhook_json(hook) for hook in found]}


def _add(feed: Feed, world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    url, events = body.text("url"), body.texts("events")
    body.finish()
    made = manage.add_hook(world, caller, manage.HookWish(feed, url, events, path.get("name", "")))
    return {"secret": made.secret, **webhook_json(made.hook)}


def _list_index_webhooks(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    return _list(Feed.INDEX, world, caller, path, body)


def _add_index_webhook(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    return _add(Feed.INDEX, world, caller, path, body)


def _list_project_webhooks(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    return _list(Feed.PROJECT, world, caller, path, body)


def _add_project_webhook(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    return _add(Feed.PROJECT, world, caller, path, body)


def _list_own_webhooks(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    return _list(Feed.PERSON, world, caller, path, body)


def _add_own_webhook(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    return _add(Feed.PERSON, world, caller, path, body)


def _show_webhook(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    before = body.parsed("before", partial(row_id, what="delivery"), 0)
    body.finish()
    shown = log.show_log(world, caller, _id(path), before=before)
    return {
        **webhook_json(shown.hook),
        "waiting": shown.waiting,
        "newest": shown.newest,
        "deliveries": [delivery_json(line.delivery, line.body) for line in shown.lines],
        "before": shown.before or None,
    }


def _set_webhook_enabled(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    is_enabled = body.wanted_flag("enabled")
    body.finish()
    change = manage.enable_hook if is_enabled else manage.disable_hook
    return webhook_json(change(world, caller, _id(path)))


def _remove_webhook(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return webhook_json(manage.remove_hook(world, caller, _id(path)))


def _try_webhook(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return delivery_json(log.try_hook(world, caller, _id(path)))


def _replay_delivery(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    delivery_id = row_id(path["delivery"], "delivery")
    return delivery_json(log.replay_delivery(world, caller, _id(path), delivery_id))


def _replay_webhook(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    serial = body.number("from")
    body.finish()
    return webhook_json(log.replay_from(world, caller, _id(path), serial))


def _renew_secret(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    made = manage.renew_secret(world, caller, _id(path))
    return {"secret": made.secret, **webhook_json(made.hook)}


def _id(path: Mapping[str, Any]) -> int:
    return row_id(path["id"], "webhook")


WEBHOOK_CALLS: tuple[Call, ...] = (
    Call("GET", "/webhooks", HTTPStatus.OK, _list_index_webhooks),
    Call("POST", "/webhooks", HTTPStatus.CREATED, _add_index_webhook),
    Call("GET", "/projects/{name}/webhooks", HTTPStatus.OK, _list_project_webhooks),
    Call("POST", "/projects/{name}/webhooks", HTTPStatus.CREATED, _add_project_webhook),
    Call("GET", "/account/webhooks", HTTPStatus.OK, _list_own_webhooks),
    Call("POST", "/account/webhooks", HTTPStatus.CREATED, _add_own_webhook),
    Call("GET", "/webhooks/{id}", HTTPStatus.OK, _show_webhook),
    Call("DELETE", "/webhooks/{id}", HTTPStatus.OK, _remove_webhook),
    Call("PUT", "/webhooks/{id}/enabled", HTTPStatus.OK, _set_webhook_enabled),
    Call("POST", "/webhooks/{id}/secret", HTTPStatus.OK, _renew_secret),
    Call("POST", "/webhooks/{id}/test", HTTPStatus.OK, _try_webhook),
    Call("POST", "/webhooks/{id}/replay", HTTPStatus.OK, _replay_webhook),
    Call("POST", "/webhooks/{id}/deliveries/{delivery}/replay", HTTPStatus.OK, _replay_delivery),
)
