"""What an ``Authorization`` header says: Basic with a password or a token, or a bare token."""

import base64
from typing import NamedTuple

from homeport.domain.account import TOKEN_USER
from homeport.domain.errors import Unauthenticated

# distutils' register sends its credentials only when asked with exactly this realm (standards B.3).
CHALLENGE = 'Basic realm="pypi"'


class Credentials(NamedTuple):
    """What an ``Authorization`` header says; ``secret`` is a token when ``name`` is ``__token__``."""

    name: str
    secret: str


def credentials_of(authorization: str, base_url: str) -> Credentials:
    """What the header says, or ``Unauthenticated`` saying what to send, and where on this index to get it."""
    scheme, _, credentials = authorization.partition(" ")
    scheme, credentials = scheme.lower(), credentials.strip()
    if scheme in {"bearer", "token"}:
        return Credentials(TOKEN_USER, credentials)
    if scheme != "basic":
        raise Unauthenticated(
            f"Credentials are missing: sign in as __token__ with a token as password ({base_url}/account/tokens/, "
            "or homeport token create --user NAME), or with your user name and password."
        )
    try:
        name, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:
        raise Unauthenticated(
            "The Authorization header cannot be read.", code="credentials-unreadable"
        ) from None
    return Credentials(name, password.strip() if name == TOKEN_USER else password)
