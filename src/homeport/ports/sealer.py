"""Secrets of other places that must be kept to be used: sealed before they are stored, opened when they are sent."""

from typing import Protocol


class Sealer(Protocol):
    """Seals with a key that never is where the sealed secrets are."""

    def seal(self, secret: str) -> bytes:
        """The secret as it may be stored; twice the same secret looks different."""
        ...

    def open(self, sealed: bytes) -> str:
        """What was sealed; ``Conflict`` (``secret-key-lost``) when the key is not the one that sealed it, or is gone."""
        ...
