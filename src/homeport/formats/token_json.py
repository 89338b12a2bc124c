"""API tokens as programs are told them; never their text."""

from datetime import datetime
from typing import Any

from homeport.domain.account import Token
from homeport.domain.token import token_state
from homeport.formats.management_json import moment


def token_json(token: Token, now: datetime) -> dict[str, Any]:
    """What is known of ``token`` at this moment."""
    return {
        "id": token.id,
        "user": token.user,
        "label": token.label,
        "state": token_state(token, now).value,
        "scopes": sorted(scope.value for scope in token.scopes),
        "projects": sorted(token.projects),
        "created": moment(token.created_at),
        "expires": _moment(token.expires_at),
        "last_used": _moment(token.last_used_at),
        "revoked": _moment(token.revoked_at),
        "made_by": token.parent_id,
    }


def _moment(at: datetime | None) -> str | None:
    return moment(at) if at else None
