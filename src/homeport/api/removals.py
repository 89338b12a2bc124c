"""Calls of administrators about files that maintainers ask to have removed."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.api.policies import waiting_json
from homeport.domain.account import Caller
from homeport.domain.proposal import Proposal
from homeport.domain.removal_request import Answer
from homeport.domain.row_id import row_id
from homeport.flows.proposals import answer_removal
from homeport.flows.removal_requests import answered_requests, waiting_requests
from homeport.formats.removal_json import removal_json
from homeport.ports.world import World


def _list(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    body.finish()
    return {
        "waiting": [removal_json(request) for request in waiting_requests(world, caller)],
        "answered": [removal_json(request) for request in answered_requests(world, caller)],
    }


def _answer(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    answer, reason = body.wanted("answer", Answer.parse), body.text("reason")
    body.finish()
    if answer is None:
        raise AssertionError("what could not be read is a problem")
    done = answer_removal(world, caller, row_id(path["id"], "request"), answer, reason)
    return waiting_json(done) if isinstance(done, Proposal) else removal_json(done)


REMOVAL_CALLS: tuple[Call, ...] = (
    Call("GET", "/removals", HTTPStatus.OK, _list),
    Call("POST", "/removals/{id}", HTTPStatus.OK, _answer),
)
