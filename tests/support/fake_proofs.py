"""The fake store's sightings, signers and origin records."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.support.fake_tables import Tables

from homeport.domain.digests import Sha256
from homeport.domain.origin_record import OriginRecord
from homeport.domain.sighting import Sighting
from homeport.domain.signature import SigningIdentity, SigningKey


class FakeProofs:
    """``ports.proofs.Proofs``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def see(self, project_id: int, sighting: Sighting) -> None:
        """See the port."""
        key = (project_id, sighting.url, sighting.sha256, sighting.host, sighting.is_tls)
        known = self._tables.sightings.get(key, sighting)
        self._tables.sightings[key] = replace(known, last_at=sighting.last_at)

    def sightings(self, project_id: int, url: str) -> Sequence[Sighting]:
        """See the port."""
        seen = [one for key, one in self._tables.sightings.items() if key[:2] == (project_id, url)]
        return sorted(seen, key=lambda one: (one.first_at, one.sha256, one.host, one.is_tls))

    def seen_since(self, project_id: int, since: datetime) -> Sequence[Sighting]:
        """See the port."""
        rows = self._tables.sightings.items()
        seen = [one for key, one in rows if key[0] == project_id and one.last_at > since]
        return sorted(seen, key=lambda one: (one.first_at, one.sha256, one.host, one.is_tls))

    def keys(self, project_id: int) -> Sequence[SigningKey]:
        """See the port."""
        keys = [key for (owner, _), key in self._tables.signing_keys.items() if owner == project_id]
        return sorted(keys, key=lambda key: (key.at, key.fingerprint))

    def put_key(self, project_id: int, key: SigningKey) -> None:
        """See the port."""
        self._tables.signing_keys[project_id, key.fingerprint] = key

    def remove_key(self, project_id: int, fingerprint: str) -> bool:
        """See the port."""
        return self._tables.signing_keys.pop((project_id, fingerprint), None) is not None

    def identities(self, project_id: int) -> Sequence[SigningIdentity]:
        """See the port."""
        named = self._tables.signing_identities.items()
        return [identity for (owner, _), identity in named if owner == project_id]

    def add_identity(self, project_id: int, identity: SigningIdentity) -> bool:
        """See the port."""
        known = self._tables.signing_identities.setdefault((project_id, identity.key), identity)
        return known is identity

    def remove_identity(self, project_id: int, identity: SigningIdentity) -> bool:
        """See the port."""
        return self._tables.signing_identities.pop((project_id, identity.key), None) is not None

    def add_origin(self, project_id: int, record: OriginRecord) -> None:
        """See the port."""
        self._tables.origins.append((project_id, record))

    def origin(self, project_id: int, filename: str, sha256: Sha256) -> bytes | None:
        """See the port."""
        wanted = (project_id, filename, sha256)
        kept = reversed(self._tables.origins)
        return next((r.body for owner, r in kept if (owner, r.filename, r.sha256) == wanted), None)
