"""Quotas of projects and users, changed by administrators."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.quota import Usage, parse_quota
from homeport.flows.change_quota import change_project_quota, change_user_quota
from homeport.ports.world import World


def _set_project_quota(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    quota_bytes = body.wanted("quota", parse_quota)
    body.finish()
    return {"project": path["name"], **_told(change_project_quota(world, caller, path["name"], quota_bytes))}


def _set_user_quota(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    quota_bytes = body.wanted("quota", parse_quota)
    body.finish()
    return {"user": path["name"], **_told(change_user_quota(world, caller, path["name"], quota_bytes))}


def _told(usage: Usage) -> Json:
    return {"used": usage.used_bytes, "quota": usage.own_quota_bytes}


QUOTA_CALLS: tuple[Call, ...] = (
    Call("PUT", "/projects/{name}/quota", HTTPStatus.OK, _set_project_quota),
    Call("PUT", "/users/{name}/quota", HTTPStatus.OK, _set_user_quota),
)
