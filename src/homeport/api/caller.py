"""Who is calling; credentials come before the body."""

from starlette.requests import Request

from homeport.api.credentials import credentials_of
from homeport.api.token_uses import leave_token
from homeport.domain.account import TOKEN_USER, Caller
from homeport.domain.throttle import client_address
from homeport.flows.sign_in import sign_in, sign_in_with_token
from homeport.ports.world import World


def caller_of(world: World, request: Request) -> Caller:
    """The caller, or ``Unauthenticated`` saying what to send. Runs a password hash: call it in a thread.

    ``RateLimited`` after too many wrong passwords, ``Forbidden`` when a password is not enough.
    """
    name, secret = credentials_of(request.headers.get("authorization", ""), world.base_url)
    if name == TOKEN_USER:
        caller = sign_in_with_token(world, secret)
        leave_token(request.scope, caller)
        return caller
    return sign_in(world, name, secret, _address(world, request))


def _address(world: World, request: Request) -> str:
    told = ",".join(request.headers.getlist("x-forwarded-for"))
    return client_address(request.client.host if request.client else "", told, world.proxies)
