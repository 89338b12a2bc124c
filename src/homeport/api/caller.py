"""Who is calling; credentials come before the body."""

from starlette.requests import Request

from homeport.api.credentials import credentials_of
from homeport.domain.account import TOKEN_USER, Caller
from homeport.flows.sign_in import sign_in, sign_in_with_token
from homeport.ports.world import World


def caller_of(world: World, request: Request) -> Caller:
    """The caller, or ``Unauthenticated`` saying what to send. Runs a password hash: call it in a thread."""
    name, secret = credentials_of(request.headers.get("authorization", ""))
    return sign_in_with_token(world, secret) if name == TOKEN_USER else sign_in(world, name, secret)
