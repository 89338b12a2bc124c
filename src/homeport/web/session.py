"""Sessions: the cookie that carries a browser's secret, the form token made from it, and where to go next.

1. The secret is in the cookie alone; the database knows its digest. It changes at every sign-in (T-30).
2. A form of a signed-in page carries a token that only this session's pages know.
3. After signing in a browser goes to a path of this index, by a grammar of our own: letters, digits and
   ``._~-`` between single slashes, and a plain query. What it does not understand fully is the inbox (T-30).
"""

import hmac
import re

from starlette.requests import Request
from starlette.responses import Response

from homeport.domain.errors import Forbidden
from homeport.flows.sessions import SESSION_LASTS
from homeport.ports.world import World
from homeport.web.form import Form

INBOX = "/manage/"
_FORM_LABEL = b"homeport-form-1"
_OWN_PATH = re.compile(r"/(?:[A-Za-z0-9._~-]+/)*[A-Za-z0-9._~-]*(?:\?[A-Za-z0-9._~=&+-]*)?")
_LONGEST_PATH = 200


def session_secret(request: Request, world: World) -> str:
    """The secret that the browser carries; ``""`` when it carries none."""
    return request.cookies.get(_cookie_name(world), "")


def hand_over(response: Response, secret: str, world: World) -> None:
    """Give the browser the ``secret`` of its new session; ``""`` takes it away."""
    response.set_cookie(
        _cookie_name(world),
        secret,
        max_age=int(SESSION_LASTS.total_seconds()) if secret else 0,
        path="/",
        secure=_is_tls(world.base_url),
        httponly=True,
        samesite="lax",
    )


def form_token(secret: str) -> str:
    """What every form of this session carries; it tells nothing about the secret."""
    return hmac.digest(secret.encode(), _FORM_LABEL, "sha256").hex()


def require_form_token(form: Form, secret: str) -> None:
    """``Forbidden`` unless the form was made for this session."""
    if not hmac.compare_digest(form.text("form_token").encode(), form_token(secret).encode()):
        raise Forbidden(
            "This form was made for another session: you have signed in again since. Load the page again.",
            code="form-token",
        )


def own_path(wanted: str) -> str:
    """``wanted`` when it is plainly a path of this index, else the inbox."""
    if len(wanted) > _LONGEST_PATH or not _OWN_PATH.fullmatch(wanted):
        return INBOX
    return wanted


def _cookie_name(world: World) -> str:
    # Browsers do not tell ports apart: who looks at a copy stays signed in to the index beside it.
    name = "homeport-rehearsal" if world.rehearsed_until else "homeport"
    # The prefix makes browsers refuse the cookie from another host or path, or without TLS.
    return f"__Host-{name}" if _is_tls(world.base_url) else name


def _is_tls(base_url: str) -> bool:
    return base_url.startswith("https://")
