"""What is shown once, after a form: kept by the browser itself between the form and the page it leads to.

1. Loading the page again sends no form again, and shows nothing that was for once.
2. It is a cookie that scripts cannot read, that is kept on no disk: it goes with the browser, and when the page was shown.
3. It counts for a minute; the next page after that takes it away.
4. The session's secret vouches for it, and for its moment: nobody else makes a browser show something.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import astuple, dataclass, field
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

_LABEL = b"homeport-once-2"
_SECONDS = 60
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Once:
    """A ``secret`` that was made for ``what``, number ``id``, to be shown on the page at ``path``."""

    path: str
    what: str
    id: int
    secret: str = field(repr=False)


def send_along(response: Response, once: Once, session: str, base_url: str, now: datetime) -> None:
    """Have the browser bring it to its page."""
    said = urlsafe_b64encode(json.dumps([int(now.timestamp()), *astuple(once)]).encode()).decode()
    _set(response, f"{said}.{_seal(said, session)}", base_url)


def brought(request: Request, session: str, base_url: str, now: datetime) -> Once | None:
    """What the browser brings to this page, if it is from this session, and of this minute."""
    once = _opened(request, session, base_url, now)
    return once if once and once.path == request.url.path else None


def is_over(request: Request, session: str, base_url: str, now: datetime) -> bool:
    """True when the browser brings what no page shows any more."""
    return _name(base_url) in request.cookies and _opened(request, session, base_url, now) is None


def take_away(response: Response, base_url: str) -> None:
    """It was shown, or is over."""
    _set(response, "", base_url, 0)


def _opened(request: Request, session: str, base_url: str, now: datetime) -> Once | None:
    said, _, seal = request.cookies.get(_name(base_url), "")[:_LONGEST].partition(".")
    if not session or not hmac.compare_digest(seal.encode(), _seal(said, session).encode()):
        return None
    # What is sealed was written here.
    at, *once = json.loads(urlsafe_b64decode(said))
    # A clock that went back makes nothing younger (I-19).
    return Once(*once) if abs(now.timestamp() - at) <= _SECONDS else None


def _set(response: Response, value: str, base_url: str, seconds: int | None = None) -> None:
    response.set_cookie(
        _name(base_url),
        value,
        max_age=seconds,
        path="/",
        secure=base_url.startswith("https://"),
        httponly=True,
        samesite="strict",
    )


def _seal(said: str, session: str) -> str:
    return hmac.digest(session.encode(), _LABEL + said.encode(), "sha256").hex()


def _name(base_url: str) -> str:
    return "__Host-homeport-once" if base_url.startswith("https://") else "homeport-once"
