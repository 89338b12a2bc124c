"""The part of the hosting page about who may sign a project's files."""

from collections.abc import Callable

from homeport.domain.signature import SigningIdentity, repository_identity
from homeport.flows.signing import add_identity, add_key, remove_identity, remove_key
from homeport.web.page import Asked


def _add_key(asked: Asked) -> str:
    add_key(asked.world, asked.fresh_caller(), asked.params["name"], asked.form.text("key").encode())
    return asked.path


def _remove_key(asked: Asked) -> str:
    remove_key(asked.world, asked.fresh_caller(), asked.params["name"], asked.form.text("fingerprint"))
    return asked.path


def _add_identity(asked: Asked) -> str:
    form = asked.form
    identity = repository_identity(form.text("repository"), form.text("workflow"), form.text("forge"))
    add_identity(asked.world, asked.fresh_caller(), asked.params["name"], identity)
    return asked.path


def _remove_identity(asked: Asked) -> str:
    form = asked.form
    identity = SigningIdentity(
        form.text("issuer"), form.text("repository"), form.text("workflow"), form.text("subject")
    )
    remove_identity(asked.world, asked.fresh_caller(), asked.params["name"], identity)
    return asked.path


SIGNER_ACTIONS: dict[str, Callable[[Asked], str]] = {
    "add-key": _add_key,
    "remove-key": _remove_key,
    "add-identity": _add_identity,
    "remove-identity": _remove_identity,
}
