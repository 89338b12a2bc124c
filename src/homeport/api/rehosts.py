"""Calls about rehosts, from plan to published: what was found, what a maintainer answers, and the record of it."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.canonical import canonical_bytes
from homeport.domain.consent import Basis, Hosted
from homeport.domain.digests import Sha256
from homeport.domain.row_id import row_id
from homeport.flows.rehost import review
from homeport.flows.rehost.consents import consent_record
from homeport.flows.rehost.retry import retry
from homeport.flows.rehost.start import start_plan, start_update_cache
from homeport.flows.rehost.withdraw import withdraw
from homeport.formats.management_json import plan_json, rehost_json
from homeport.ports.world import World


def _plan(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    version = body.text("version", "")
    body.finish()
    return rehost_json(start_plan(world, caller, path["name"], version or None))


def _update_cache(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    version = body.text("version", "")
    body.finish()
    return rehost_json(start_update_cache(world, caller, path["name"], version or None))


def _list(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return {"rehosts": [rehost_json(rehost) for rehost in review.list_rehosts(world, caller, path["name"])]}


def _show(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    view = review.show_rehost(world, caller, _rehost_id(path))
    return plan_json(view.rehost, view.plan, view.digest, view.consent)


def _accept(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    digest, basis = body.wanted("plan_digest", Sha256.parse), body.wanted("basis", Basis.parse)
    text, evidence, accept = body.text("text", ""), body.text("evidence", ""), body.numbers("accept")
    declared, revision = body.texts_by_number("sha256", Sha256.parse), body.number("draft_revision")
    body.finish()
    if digest is None or basis is None:
        raise AssertionError("what could not be read is a problem")
    shown_draft = revision if "draft_revision" in body.values else None
    choice = review.Choice(
        digest, basis, text, accept, declared, evidence=evidence, draft_revision=shown_draft
    )
    return rehost_json(review.accept(world, caller, _rehost_id(path), choice))


def _refuse(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    reason = body.text("reason", "")
    body.finish()
    return rehost_json(review.refuse(world, caller, _rehost_id(path), reason))


def _retry(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    filenames = body.texts("files")
    body.finish()
    return rehost_json(retry(world, caller, _rehost_id(path), filenames))


def _withdraw(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    hosted, reason = body.parsed("files", Hosted.parse, Hosted.KEEP), body.text("reason", "")
    body.finish()
    return rehost_json(withdraw(world, caller, _rehost_id(path), hosted, reason))


def _consent(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return _spelled(consent_record(world, caller, _rehost_id(path)))


def _spelled(record: Mapping[str, Any]) -> Json:
    """The record with its keys in canonical order, in which they are written."""
    spelled: Json = json.loads(canonical_bytes(record))
    return spelled


def _rehost_id(path: Mapping[str, Any]) -> int:
    return row_id(path["id"], "rehost")


REHOST_CALLS: tuple[Call, ...] = (
    Call("GET", "/projects/{name}/rehosts", HTTPStatus.OK, _list),
    Call("POST", "/projects/{name}/rehosts", HTTPStatus.ACCEPTED, _plan),
    Call("POST", "/projects/{name}/update-cache", HTTPStatus.ACCEPTED, _update_cache),
    Call("GET", "/rehosts/{id}", HTTPStatus.OK, _show),
    Call("POST", "/rehosts/{id}/accept", HTTPStatus.ACCEPTED, _accept),
    Call("POST", "/rehosts/{id}/refuse", HTTPStatus.OK, _refuse),
    Call("POST", "/rehosts/{id}/retry", HTTPStatus.ACCEPTED, _retry),
    Call("POST", "/rehosts/{id}/withdraw", HTTPStatus.OK, _withdraw),
    Call("GET", "/rehosts/{id}/consent", HTTPStatus.OK, _consent),
)
