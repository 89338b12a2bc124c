"""Sources of a project over the JSON API: listed, added, removed, and tried before they are saved."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.source import Filters
from homeport.flows.crawl import try_source as trials
from homeport.flows.manage_project import add_source, list_sources, remove_source
from homeport.formats.management_json import source_json
from homeport.ports.world import World


def _list_sources(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return {"sources": [source_json(source) for source in list_sources(world, caller, path["name"])]}


def _add_source(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    kind, url, wish = body.text("kind"), body.text("url", ""), _wish(body)
    token = body.parsed("token", str, None)
    body.finish()
    filters = Filters.from_json(wish)
    return {"added": add_source(world, caller, path["name"], kind, url, filters, token)}


def _remove_source(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    url, kind = body.text("url", ""), body.text("kind", "")
    body.finish()
    removed = remove_source(world, caller, path["name"], url, kind)
    return {
        "removed": source_json(removed.source),
        "delisted": list(removed.delisted),
        "stays_listed": removed.stays_listed,
    }


def _try_source(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    kind, url, wish, token = body.text("kind"), body.text("url", ""), _wish(body), body.text("token", "")
    body.finish()
    filters = Filters.from_json(wish)
    return trials.try_source(world, caller, path["name"], kind, url, filters, token).to_json()


def _wish(body: Body) -> dict[str, Any]:
    """The filters as they were sent."""
    return {
        "versions": body.text("versions", ""),
        "platforms": list(body.texts("platforms")),
        "files": list(body.texts("files")),
        "tags": list(body.texts("tags")),
        "newest": body.number("newest"),
        "prereleases": body.flag("prereleases"),
    }


SOURCE_CALLS: tuple[Call, ...] = (
    Call("GET", "/projects/{name}/sources", HTTPStatus.OK, _list_sources),
    Call("POST", "/projects/{name}/sources", HTTPStatus.OK, _add_source),
    Call("POST", "/projects/{name}/sources/remove", HTTPStatus.OK, _remove_source),
    Call("POST", "/projects/{name}/sources/try", HTTPStatus.OK, _try_source),
)
