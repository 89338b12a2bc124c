"""Passwords: stored so that reading the database does not give them away."""

from typing import Protocol


class Passwords(Protocol):
    """A slow, salted hash."""

    def hash(self, password: str) -> str:
        """The text to store for ``password``."""
        ...

    def matches(self, stored: str | None, password: str) -> bool:
        """True when ``password`` is the stored one; ``None`` costs the same time and is False (T-27)."""
        ...
