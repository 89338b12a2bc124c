"""The sealed secrets of webhooks and of receivers: the present one, and the one before it while both count."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, select, update


def secrets_of(connection: Connection, table: Table, number: int, now: datetime) -> Sequence[bytes]:
    """Those that count, the present one first."""
    columns = table.c
    wanted = select(columns.sealed_secret, columns.old_sealed_secret, columns.both_until)
    row = connection.execute(wanted.where(columns.id == number)).one()
    is_old_good = row.old_sealed_secret is not None and row.both_until > now
    return [bytes(row.sealed_secret), *([bytes(row.old_sealed_secret)] if is_old_good else [])]


def renew_secret(
    connection: Connection, table: Table, number: int, sealed_secret: bytes, both_until: datetime
) -> None:
    """Put ``sealed_secret`` in the place of the present one, which becomes the one before it."""
    renewed = {
        "old_sealed_secret": table.c.sealed_secret,
        "sealed_secret": sealed_secret,
        "both_until": both_until,
    }
    connection.execute(update(table).where(table.c.id == number).values(renewed))


def forget_secrets(connection: Connection, table: Table, now: datetime) -> None:
    """Drop the secrets that have ended."""
    ended = update(table).where(table.c.both_until <= now)
    connection.execute(ended.values(old_sealed_secret=None, both_until=None))
