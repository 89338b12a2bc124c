"""Accounts as programs are told of them."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import starmap
from typing import Any

from homeport.domain.account import User
from homeport.formats.csv_lines import csv_lines

ACCOUNT_COLUMNS = ("name", "email", "email_verified", "admin", "disabled", "created_at", "disabled_at")


def account_json(user: User, created_at: datetime, disabled_at: datetime | None) -> dict[str, Any]:
    """An account as its administrators are told of it."""
    return {
        **own_account_json(user),
        "disabled": user.is_disabled,
        "created_at": _text(created_at),
        "disabled_at": _text(disabled_at) if disabled_at else None,
    }


def accounts_csv(pieces: Iterable[Iterable[tuple[User, datetime, datetime | None]]]) -> Iterator[str]:
    """Accounts, a line each, below the names of the columns (RFC 4180); piece by piece."""
    return csv_lines(ACCOUNT_COLUMNS, (starmap(account_json, piece) for piece in pieces))


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
