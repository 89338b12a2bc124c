"""Accounts as programs are told of them."""

from datetime import UTC, datetime
from typing import Any

from homeport.domain.account import User


def account_json(user: User, created_at: datetime, disabled_at: datetime | None) -> dict[str, Any]:
    """An account as its administrators are told of it."""
    return {
        **own_account_json(user),
        "disabled": user.is_disabled,
        "created_at": _text(created_at),
        "disabled_at": _text(disabled_at) if disabled_at else None,
    }


def own_account_json(user: User) -> dict[str, Any]:
    """An account as its own user is told of it."""
    return {
        "name": user.name,
        "email": user.email,
        "email_verified": user.is_verified,
        "admin": user.is_admin,
    }


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
