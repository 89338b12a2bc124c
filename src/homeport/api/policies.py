"""Calls on the policy of the index, on what takes two administrators, and on freezes."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.hosting_policy import FIELDS
from homeport.domain.proposal import Act, Deed, Proposal, ProposalState
from homeport.domain.row_id import row_id
from homeport.flows import freeze, proposals
from homeport.flows.policies import change_policy, show_policy
from homeport.formats.policy_json import decided_json, freeze_json, proposal_json, text_of
from homeport.ports.world import World


def waiting_json(proposal: Proposal) -> Json:
    """What is answered where somebody else has to agree first."""
    return {"proposal": proposal_json(proposal, ProposalState.OPEN)}


def _show_policy(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    body.finish()
    return decided_json(show_policy(world).now)


def _change_policy(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    changes = {name: text_of(name, value) for name, value in body.named(FIELDS).items()}
    reason, revision = body.typed("reason"), body.number("revision")
    body.finish()
    deed = Deed(Act.CHANGE_POLICY, changes=changes)
    change = partial(change_policy, world, caller, changes, reason, revision=revision or None)
    done = proposals.or_propose(world, caller, deed, reason, change)
    return waiting_json(done) if isinstance(done, Proposal) else decided_json(done)


def _list_proposals(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    before = body.parsed("before", _proposal_number, 0)
    body.finish()
    listed = proposals.list_proposals(world, caller, before=before)
    return {"proposals": [proposal_json(*one) for one in listed.proposals], "before": listed.before or None}


def _agree(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return _ended(proposals.agree(world, caller, _proposal_number(path["id"])))


def _refuse(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    reason = body.text("reason", "")
    body.finish()
    return _ended(proposals.refuse(world, caller, _proposal_number(path["id"]), reason))


def _withdraw(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return _ended(proposals.withdraw(world, caller, _proposal_number(path["id"])))


def _ended(proposal: Proposal) -> Json:
    return proposal_json(proposal, proposal.end or ProposalState.OPEN)


def _proposal_number(text: str) -> int:
    return row_id(text, "proposal")


def _list_frozen(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:  # noqa: ARG001
    before = body.parsed("before", _freeze_number, 0)
    body.finish()
    listed = freeze.list_freezes(world, caller, before=before)
    return {"frozen": [freeze_json(one) for one in listed.freezes], "before": listed.before or None}


def _freeze_number(text: str) -> int:
    return row_id(text, "freeze")


def _set_frozen(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    is_frozen, filename, reason = body.wanted_flag("frozen"), body.text("file", ""), body.text("reason")
    body.finish()
    name, version = path["name"], path["version"]
    if is_frozen:
        return freeze_json(freeze.freeze(world, caller, name, version, filename=filename, reason=reason))
    deed = Deed(Act.UNFREEZE, name, version, (filename,) if filename else ())
    let_go = partial(freeze.unfreeze, world, caller, name, version, filename=filename, reason=reason)
    done = proposals.or_propose(world, caller, deed, reason, let_go)
    return waiting_json(done) if isinstance(done, Proposal) else freeze_json(done)


POLICY_CALLS: tuple[Call, ...] = (
    Call("GET", "/policy", HTTPStatus.OK, _show_policy),
    Call("PUT", "/policy", HTTPStatus.OK, _change_policy),
    Call("GET", "/proposals", HTTPStatus.OK, _list_proposals),
    Call("POST", "/proposals/{id}/agree", HTTPStatus.OK, _agree),
    Call("POST", "/proposals/{id}/refuse", HTTPStatus.OK, _refuse),
    Call("POST", "/proposals/{id}/withdraw", HTTPStatus.OK, _withdraw),
    Call("GET", "/frozen", HTTPStatus.OK, _list_frozen),
    Call("PUT", "/projects/{name}/releases/{version}/frozen", HTTPStatus.OK, _set_frozen),
)
