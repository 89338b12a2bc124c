"""Sightings, who may sign, and origin records."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from homeport.adapters.db.outside_tables import origins, sightings, signing_identities, signing_keys
from homeport.domain.digests import Sha256
from homeport.domain.origin_record import OriginRecord
from homeport.domain.sighting import Sighting
from homeport.domain.signature import SigningIdentity, SigningKey


class SqlProofs:
    """``ports.proofs.Proofs`` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def see(self, project_id: int, sighting: Sighting) -> None:
        """See the port."""
        row = upsert(sightings).values(
            project_id=project_id,
            url=sighting.url,
            sha256=sighting.sha256,
            host=sighting.host,
            is_tls=sighting.is_tls,
            first_at=sighting.first_at,
            last_at=sighting.last_at,
        )
        keys = [column.name for column in sightings.primary_key]
        self._connection.execute(
            row.on_conflict_do_update(index_elements=keys, set_={"last_at": sighting.last_at})
        )

    def sightings(self, project_id: int, url: str) -> Sequence[Sighting]:
        """See the port."""
        return self._sightings(sightings.c.project_id == project_id, sightings.c.url == url)

    def seen_since(self, project_id: int, since: datetime) -> Sequence[Sighting]:
        """See the port."""
        return self._sightings(sightings.c.project_id == project_id, sightings.c.last_at > since)

    def _sightings(self, *wanted: ColumnElement[bool]) -> list[Sighting]:
        rows = self._connection.execute(
            select(sightings)
            .where(*wanted)
            .order_by(sightings.c.first_at, sightings.c.sha256, sightings.c.host, sightings.c.is_tls)
        )
        return [
            Sighting(row.url, row.sha256, row.host, row.is_tls, row.first_at, row.last_at) for row in rows
        ]

    def keys(self, project_id: int) -> Sequence[SigningKey]:
        """See the port."""
        rows = self._connection.execute(
            select(signing_keys)
            .where(signing_keys.c.project_id == project_id)
            .order_by(signing_keys.c.added_at, signing_keys.c.fingerprint)
        )
        return [
            SigningKey(row.fingerprint, row.armoured, row.added_by, row.added_at, tuple(row.user_ids))
            for row in rows
        ]

    def put_key(self, project_id: int, key: SigningKey) -> None:
        """See the port."""
        values = {
            "armoured": key.armoured,
            "user_ids": list(key.user_ids),
            "added_by": key.by,
            "added_at": key.at,
        }
        row = upsert(signing_keys).values(project_id=project_id, fingerprint=key.fingerprint, **values)
        self._connection.execute(
            row.on_conflict_do_update(index_elements=["project_id", "fingerprint"], set_=values)
        )

    def remove_key(self, project_id: int, fingerprint: str) -> bool:
        """See the port."""
        gone = self._connection.execute(
            delete(signing_keys).where(
                signing_keys.c.project_id == project_id, signing_keys.c.fingerprint == fingerprint
            )
        )
        return gone.rowcount == 1

    def identities(self, project_id: int) -> Sequence[SigningIdentity]:
        """See the port."""
        rows = self._connection.execute(
            select(signing_identities)
            .where(signing_identities.c.project_id == project_id)
            .order_by(signing_identities.c.id)
        )
        return [
            SigningIdentity(row.issuer, row.repository, row.workflow, row.subject, row.added_by, row.added_at)
            for row in rows
        ]

    def add_identity(self, project_id: int, identity: SigningIdentity) -> bool:
        """See the port."""
        row = upsert(signing_identities).values(
            **_identity_key(project_id, identity), added_by=identity.by, added_at=identity.at
        )
        return self._connection.execute(row.on_conflict_do_nothing()).rowcount == 1

    def remove_identity(self, project_id: int, identity: SigningIdentity) -> bool:
        """See the port."""
        wanted = _identity_key(project_id, identity)
        gone = self._connection.execute(
            delete(signing_identities).where(
                *(signing_identities.c[name] == value for name, value in wanted.items())
            )
        )
        return gone.rowcount == 1

    def add_origin(self, project_id: int, record: OriginRecord) -> None:
        """See the port."""
        self._connection.execute(
            insert(origins).values(
                project_id=project_id,
                filename=record.filename,
                sha256=record.sha256.hex,
                record=record.body,
                at=record.at,
            )
        )

    def origin(self, project_id: int, filename: str, sha256: Sha256) -> bytes | None:
        """See the port."""
        newest: Select[Any] = (
            select(origins.c.record)
            .where(
                origins.c.project_id == project_id,
                origins.c.filename == filename,
                origins.c.sha256 == sha256.hex,
            )
            .order_by(origins.c.id.desc())
            .limit(1)
        )
        return self._connection.execute(newest).scalar()


def _identity_key(project_id: int, identity: SigningIdentity) -> dict[str, Any]:
    issuer, repository, workflow, subject = identity.key
    return {
        "project_id": project_id,
        "issuer": issuer,
        "repository": repository,
        "workflow": workflow,
        "subject": subject,
    }
