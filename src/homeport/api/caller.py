"""Who is calling: Basic with a password or a token, or a bare token; credentials come before the body."""

import base64
import binascii

from starlette.requests import Request

from homeport.domain.account import Caller
from homeport.domain.errors import Unauthenticated
from homeport.flows.sign_in import sign_in, sign_in_with_token
from homeport.ports.world import World


def caller_of(world: World, request: Request) -> Caller:
    """The caller, or ``Unauthenticated`` saying what to send. Runs a password hash: call it in a thread."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    scheme, credentials = scheme.lower(), credentials.strip()
    if scheme in {"bearer", "token"}:
        return sign_in_with_token(world, credentials)
    if scheme != "basic":
        raise Unauthenticated(
            "Credentials are missing: sign in as __token__ with a token as password (homeport token create), "
            "or with your user name and password."
        )
    try:
        name, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Unauthenticated(
            "The Authorization header cannot be read.", code="credentials-unreadable"
        ) from None
    return sign_in(world, name, password.strip() if name == "__token__" else password)
