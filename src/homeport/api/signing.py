"""The calls about proof: who may sign a project's files, and the origin record of a hosted one."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.domain.signature import SigningIdentity, person_identity, repository_identity
from homeport.flows.origins import origin_story
from homeport.flows.signing import add_identity, add_key, remove_identity, remove_key, show_signers
from homeport.formats.signing_json import identity_json, key_json
from homeport.ports.world import World


def _origin(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    story = origin_story(world, lambda: caller, path["name"], path["filename"])
    return {"record_sha256": story.digest.hex, "record": story.told}


def _signers(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    signers = show_signers(world, caller, path["name"])
    return {
        "keys": [key_json(key) for key in signers.keys],
        "identities": [identity_json(identity) for identity in signers.identities],
    }


def _add_key(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    document = body.text("key")
    body.finish()
    return key_json(add_key(world, caller, path["name"], document.encode()))


def _remove_key(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    body.finish()
    return {"removed": remove_key(world, caller, path["name"], path["fingerprint"])}


def _add_identity(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    identity = _identity(body)
    is_new = add_identity(world, caller, path["name"], identity)
    return {"added": is_new, "identity": str(identity)}


def _remove_identity(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    identity = _identity(body)
    remove_identity(world, caller, path["name"], identity)
    return {"removed": str(identity)}


def _identity(body: Body) -> SigningIdentity:
    repository, workflow, forge = (
        body.text("repository", ""),
        body.text("workflow", ""),
        body.text("forge", "github"),
    )
    subject, issuer = body.text("subject", ""), body.text("issuer", "")
    body.finish()
    if repository:
        return repository_identity(repository, workflow, forge)
    return person_identity(subject, issuer)


SIGNING_CALLS: tuple[Call, ...] = (
    Call("GET", "/projects/{name}/files/{filename}/origin", HTTPStatus.OK, _origin),
    Call("GET", "/projects/{name}/signers", HTTPStatus.OK, _signers),
    Call("POST", "/projects/{name}/signers/keys", HTTPStatus.CREATED, _add_key),
    Call("POST", "/projects/{name}/signers/keys/{fingerprint}/remove", HTTPStatus.OK, _remove_key),
    Call("POST", "/projects/{name}/signers/identities", HTTPStatus.CREATED, _add_identity),
    Call("POST", "/projects/{name}/signers/identities/remove", HTTPStatus.OK, _remove_identity),
)
