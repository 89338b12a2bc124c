"""Mails that did not arrive, as programs are told of them: never what they say, which may hold a link that opens an account."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import starmap
from typing import Any

from homeport.domain.account import User
from homeport.domain.mail import Mail
from homeport.formats.csv_lines import csv_lines
from homeport.formats.management_json import moment

MAIL_COLUMNS = ("id", "recipient", "subject", "kind", "created", "tries", "problem", "next_try")
UNREACHABLE_COLUMNS = ("user", "email", "problem", "since")


def mail_json(mail: Mail) -> dict[str, Any]:
    """A mail that could not be sent; one that was given up has no ``next_try``."""
    return {
        "id": mail.id,
        "recipient": mail.letter.recipient,
        "subject": mail.letter.subject,
        "kind": mail.letter.kind or None,
        "created": moment(mail.created_at),
        "tries": mail.tries,
        "problem": mail.problem,
        "next_try": moment(mail.due_at) if mail.due_at else None,
    }


def unreachable_json(user: User, since: datetime) -> dict[str, Any]:
    """Somebody whose address takes no mail."""
    return {"user": user.name, "email": user.email, "problem": user.mail_problem, "since": moment(since)}


def mails_csv(pieces: Iterable[Iterable[Mail]]) -> Iterator[str]:
    """Mails, a line each, below the names of the columns (RFC 4180); piece by piece."""
    return csv_lines(MAIL_COLUMNS, (map(mail_json, piece) for piece in pieces))


def unreachable_csv(pieces: Iterable[Iterable[tuple[User, datetime]]]) -> Iterator[str]:
    """People, a line each, piece by piece."""
    return csv_lines(UNREACHABLE_COLUMNS, (starmap(unreachable_json, piece) for piece in pieces))
