"""Registering a release by a program: what ``:action=submit`` does, without keeping the caller waiting.

The answer names the run that brings the files home. Calling again while it is under way attaches to it; how it ends is asked
at ``/rehosts/{id}``: the release is registered once that is ``published``, and else it says why not.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeport.api.body import Body
from homeport.api.calls import Call, Json
from homeport.domain.account import Caller
from homeport.flows.rehost.registration import begin_registration, registration_outcome
from homeport.formats.core_metadata import metadata_from_form
from homeport.ports.world import World

_FIELDS = ("summary", "home_page", "download_url", "requires_python")


def _register(world: World, caller: Caller, path: Mapping[str, Any], body: Body) -> Json:
    fields = {"metadata_version": ["2.1"], "name": [path["name"]], "version": [body.text("version")]}
    fields |= {name: [text] for name in _FIELDS if (text := body.text(name, ""))}
    fields |= {"project_urls": list(urls)} if (urls := body.texts("project_urls")) else {}
    body.finish()
    begun = begin_registration(world, caller, metadata_from_form(fields))
    registered = registration_outcome(world, begun) if isinstance(begun, int) else begun
    return {
        "project": path["name"],
        "version": fields["version"][0],
        "rehost": begun if isinstance(begun, int) else None,
        "registered": registered is not None,
        "files": list(registered.files) if registered else [],
    }


REGISTRATION_CALLS: tuple[Call, ...] = (
    Call("POST", "/projects/{name}/releases", HTTPStatus.ACCEPTED, _register),
)
