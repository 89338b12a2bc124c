"""One-time links to accounts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from homeport.adapters.db.tables import account_links
from homeport.domain.account_link import AccountLink, LinkPurpose
from homeport.domain.digests import Sha256


class SqlAccountLinks:
    """``ports.identity.AccountLinks`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, secret: Sha256, link: AccountLink, now: datetime) -> None:
        """See the port."""
        self._connection.execute(delete(account_links).where(account_links.c.expires_at <= now))
        self._connection.execute(
            insert(account_links).values(
                secret_sha256=secret.hex,
                user_id=link.user_id,
                purpose=link.purpose.value,
                email=link.email,
                expires_at=link.expires_at,
            )
        )

    def find(self, secret: Sha256, purpose: LinkPurpose, now: datetime) -> AccountLink | None:
        """See the port."""
        row = self._connection.execute(
            select(account_links).where(
                account_links.c.secret_sha256 == secret.hex,
                account_links.c.purpose == purpose.value,
                account_links.c.expires_at > now,
            )
        ).first()
        return _link(row) if row else None

    def take(self, secret: Sha256, purpose: LinkPurpose, now: datetime) -> AccountLink | None:
        """See the port."""
        row = self._connection.execute(
            delete(account_links)
            .where(
                account_links.c.secret_sha256 == secret.hex,
                account_links.c.purpose == purpose.value,
                account_links.c.expires_at > now,
            )
            .returning(account_links)
        ).first()
        return _link(row) if row else None

    def close(self, user_id: int, purpose: LinkPurpose | None = None) -> None:
        """See the port."""
        theirs = delete(account_links).where(account_links.c.user_id == user_id)
        self._connection.execute(
            theirs if purpose is None else theirs.where(account_links.c.purpose == purpose)
        )


def _link(row: Row[Any]) -> AccountLink:
    return AccountLink(LinkPurpose(row.purpose), row.user_id, row.email, row.expires_at)
