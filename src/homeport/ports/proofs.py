"""What proves where files came from: sightings, who may sign, and the origin records of what is hosted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from homeport.domain.digests import Sha256
from homeport.domain.origin_record import OriginRecord
from homeport.domain.sighting import Sighting
from homeport.domain.signature import SigningIdentity, SigningKey


class Proofs(Protocol):
    """Sightings, signing keys and identities of projects, and origin records."""

    def see(self, project_id: int, sighting: Sighting) -> None:
        """Remember that a URL gave these bytes: a new sighting, or a later time of one that is known."""
        ...

    def sightings(self, project_id: int, url: str) -> Sequence[Sighting]:
        """Which bytes that URL gave, the first seen first."""
        ...

    def seen_since(self, project_id: int, since: datetime) -> Sequence[Sighting]:
        """Which bytes any URL of a project gave after ``since``, the first seen first."""
        ...

    def keys(self, project_id: int) -> Sequence[SigningKey]:
        """The OpenPGP certificates registered for a project, oldest first."""
        ...

    def put_key(self, project_id: int, key: SigningKey) -> None:
        """Register a certificate, or a newer copy of it."""
        ...

    def remove_key(self, project_id: int, fingerprint: str) -> bool:
        """Forget a certificate; false when there is none of that fingerprint."""
        ...

    def identities(self, project_id: int) -> Sequence[SigningIdentity]:
        """The Sigstore identities named for a project, oldest first."""
        ...

    def add_identity(self, project_id: int, identity: SigningIdentity) -> bool:
        """Name an identity; false when it is named already."""
        ...

    def remove_identity(self, project_id: int, identity: SigningIdentity) -> bool:
        """Forget an identity; false when there is none like it."""
        ...

    def add_origin(self, project_id: int, record: OriginRecord) -> None:
        """Keep the origin record of a file, for ever."""
        ...

    def origin(self, project_id: int, filename: str, sha256: Sha256) -> bytes | None:
        """The newest origin record of a file with these bytes, as it was written."""
        ...
