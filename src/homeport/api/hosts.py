"""Calls on other people's servers, for administrators."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.api.policies import waiting_json
from homeport.domain.account import Caller
from homeport.domain.manners import HostState, parse_moment
from homeport.domain.proposal import Act, Deed, Proposal
from homeport.flows.manners import hosts
from homeport.flows.proposals import or_propose
from homeport.formats.host_json import host_json
from homeport.ports.world import World


def _list_hosts(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    state = body.parsed("state", HostState.parse, None)
    text, after = body.text("q", ""), body.text("after", "")
    body.finish()
    listed = hosts.list_hosts(world, caller, state, text, after=after)
    return {"hosts": [_told(world, view) for view in listed.hosts], "after": listed.after}


def _show_host(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return _told(world, hosts.show_host(world, caller, path["name"]))


def _set_frozen(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    is_frozen, reason = body.wanted_flag("frozen"), body.text("reason")
    body.finish()
    name = path["name"]
    if is_frozen:
        return _told(world, hosts.freeze_host(world, caller, name, reason))
    deed, do = (
        Deed(Act.UNFREEZE_HOST, subject=name),
        partial(hosts.unfreeze_host, world, caller, name, reason),
    )
    done = or_propose(world, caller, deed, reason, do)
    return waiting_json(done) if isinstance(done, Proposal) else _told(world, done)


def _set_rest(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    until = body.wanted("until", parse_moment)
    body.finish()
    if until is None:
        raise AssertionError("what could not be read is a problem")
    return _told(world, hosts.rest_host(world, caller, path["name"], until))


def _clear_rest(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return _told(world, hosts.wake_host(world, caller, path["name"]))


def _told(world: World, view: hosts.HostView) -> Json:
    return host_json(view.host, view.state, view.domain, view.taken, world.politeness)


HOST_CALLS: tuple[Call, ...] = (
    Call("GET", "/hosts", HTTPStatus.OK, _list_hosts),
    Call("GET", "/hosts/{name}", HTTPStatus.OK, _show_host),
    Call("PUT", "/hosts/{name}/frozen", HTTPStatus.OK, _set_frozen),
    Call("PUT", "/hosts/{name}/rest", HTTPStatus.OK, _set_rest),
    Call("DELETE", "/hosts/{name}/rest", HTTPStatus.OK, _clear_rest),
)
