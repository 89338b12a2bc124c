"""Calls on a project's hosting: what each mode would mean for it, and its standing consent."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.exemption import parse_day
from homeport.flows.outlook import show_outlook
from homeport.flows.standing_consents import (
    StandingView,
    StandingWish,
    give_consent,
    show_standing,
    withdraw_consent,
)
from homeport.formats.hosting_json import outlook_json, standing_story_json
from homeport.ports.world import World


def _show_hosting(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    story = show_outlook(world, caller, path["name"])
    return outlook_json(
        story.project.name.normalized,
        story.outlook,
        exemption=story.exemption,
        standing=story.standing,
        condition=story.condition,
        past=story.past,
    )


def _show_consent(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return _told(show_standing(world, caller, path["name"]))


def _give_consent(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    # A list that is not sent leaves what was agreed; an empty one asks for the widest there is.
    named = {name: body.texts(name) for name in ("hosts", "paths", "files")}
    hosts, paths, files = (texts if name in body.values else None for name, texts in named.items())
    wish, seen = (
        StandingWish(hosts, paths, files, body.parsed("until", parse_day, None)),
        body.number("revision"),
    )
    body.finish()
    revision = seen if "revision" in body.values else None
    return _told(give_consent(world, caller, path["name"], wish, revision=revision))


def _withdraw_consent(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    reason = body.text("reason", "")
    body.finish()
    return _told(withdraw_consent(world, caller, path["name"], reason))


def _told(view: StandingView) -> Json:
    return standing_story_json(
        view.project.name.normalized, view.standing, view.condition, view.places, view.unnamed, view.lines
    )


HOSTING_CALLS: tuple[Call, ...] = (
    Call("GET", "/projects/{name}/hosting", HTTPStatus.OK, _show_hosting),
    Call("GET", "/projects/{name}/consent", HTTPStatus.OK, _show_consent),
    Call("PUT", "/projects/{name}/consent", HTTPStatus.OK, _give_consent),
    Call("POST", "/projects/{name}/consent/withdraw", HTTPStatus.OK, _withdraw_consent),
)
