"""Who is calling; credentials come before the body.

1. Nothing is done for a page of another site: a browser adds the credentials it remembers to whatever any page has it
   send, as it does a cookie (T-30). Programs say nothing of pages, and are asked for nothing more.
"""

from starlette.requests import Request

from homeport.api.credentials import credentials_of
from homeport.api.token_uses import leave_token
from homeport.domain.account import TOKEN_USER, Caller
from homeport.domain.errors import Forbidden
from homeport.domain.throttle import client_address
from homeport.domain.urls import Url
from homeport.flows.sign_in import sign_in, sign_in_with_token
from homeport.ports.world import World

# What changes nothing here (RFC 9110 §9.2.1).
SAFE = frozenset({"GET", "HEAD"})
_OWN_SITES = frozenset({"same-origin", "none"})


def caller_of(world: World, request: Request) -> Caller:
    """The caller, or ``Unauthenticated`` saying what to send. Runs a password hash: call it in a thread.

    ``RateLimited`` after too many wrong passwords, ``Forbidden`` when a password is not enough, and to a page of another site.
    """
    _require_no_other_site(world, request)
    name, secret = credentials_of(request.headers.get("authorization", ""), world.base_url)
    if name == TOKEN_USER:
        caller = sign_in_with_token(world, secret)
        leave_token(request.scope, caller)
        return caller
    return sign_in(world, name, secret, _address(world, request))


def _require_no_other_site(world: World, request: Request) -> None:
    """``Forbidden`` when a browser says that a page from elsewhere has it change something (rule 1)."""
    if request.method in SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        is_ours = site in _OWN_SITES
    else:
        is_ours = origin is None or origin == Url.parse(world.base_url).origin
    if not is_ours:
        raise Forbidden(
            "A page of another site had a browser send this, so nothing was done. Send it from a program, which says "
            "nothing of pages (Sec-Fetch-Site, Origin).",
            code="call-from-elsewhere",
        )


def _address(world: World, request: Request) -> str:
    told = ",".join(request.headers.getlist("x-forwarded-for"))
    return client_address(request.client.host if request.client else "", told, world.proxies)
