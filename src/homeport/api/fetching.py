"""Calls about the bytes of a plan: which of its files are fetched, and how far that is."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.fetching import Wish
from homeport.domain.row_id import row_id
from homeport.flows.rehost.review import fetch
from homeport.flows.rehost.watch import watch_rehost
from homeport.formats.management_json import rehost_json
from homeport.formats.progress_json import progress_json
from homeport.ports.world import World


def _fetch(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    wish = Wish(
        only=body.texts("only"),
        leave_out=body.texts("except"),
        version=body.text("version", ""),
        everything=body.flag("all"),
        items=body.numbers("items") or frozenset(),
    )
    body.finish()
    return rehost_json(fetch(world, caller, row_id(path["id"], "rehost"), wish))


def _progress(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    watched = watch_rehost(world, caller, row_id(path["id"], "rehost"))
    return progress_json(watched.rehost, watched.progress)


FETCHING_CALLS: tuple[Call, ...] = (
    Call("POST", "/rehosts/{id}/fetch", HTTPStatus.ACCEPTED, _fetch),
    Call("GET", "/rehosts/{id}/progress", HTTPStatus.OK, _progress),
)
