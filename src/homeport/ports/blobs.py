"""Bytes by digest: what is kept here is never changed, and never lost while a row names it.

The write protocol (threats §3.1): receive into a temporary file of the same store; ``keep`` makes the bytes
durable, computes their digest again from what was stored, and links them into place. Only then may a row name them.
"""

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from homeport.domain.digests import Digests, Sha256


class Incoming(Protocol):
    """Bytes on their way in: in a private file that vanishes unless kept."""

    @property
    def path(self) -> Path:
        """Where the bytes are now, for an inspector to read."""
        ...

    @property
    def size_bytes(self) -> int:
        """How many bytes were written."""
        ...

    def write(self, data: bytes) -> None:
        """Take ``data``; raises ``TooLarge`` past the bound given to ``receive``."""
        ...

    def digests(self) -> Digests:
        """The digests of what was written so far, after handing it to the file system."""
        ...

    def keep(self) -> Sha256:
        """Make the bytes durable under their digest; keeping what is already there changes nothing.

        Raises ``Unavailable`` when the store cannot promise durability (disk full, failed fsync).
        """
        ...


class Blobs(Protocol):
    """A store of bytes, keyed by their SHA-256.

    A part of its disk is kept free: what would use it up is refused with ``Unavailable`` (T-39).
    """

    def free_bytes(self) -> int:
        """How many more bytes it would take now."""
        ...

    def receive(self, max_bytes: int) -> AbstractContextManager[Incoming]:
        """Room for at most ``max_bytes`` new bytes; leaving the context drops what was not kept."""
        ...

    def path(self, sha256: Sha256) -> Path | None:
        """The file that holds these bytes, or ``None``."""
        ...

    def forget(self, sha256: Sha256, *, kept_before: datetime) -> bool:
        """Let the bytes go, unless somebody kept them since, who may be about to name them; True when they are gone.

        Call it in a transaction in which no row names them.
        """
        ...

    def open(self, sha256: Sha256) -> BinaryIO:
        """The bytes for reading; raises ``Unavailable`` when they are missing (I-02)."""
        ...
