"""What was looked up, kept until anything is committed: bounded, and dropped as a whole (docs/adr/0009)."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by key, which were true when ``stamp`` was as it still is; use it from one thread.

    ``most_bytes`` bounds what the values are said to cost together.
    """

    def __init__(self, stamp: Callable[[], object], most_bytes: int) -> None:
        self._ask = stamp
        self._most = most_bytes
        self._room = most_bytes
        self._stamp: object = None
        self._values: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The value of ``key``, unless something was committed since it was put here."""
        stamp = self._ask()
        if stamp != self._stamp:
            self._forget()
            self._stamp = stamp
        return self._values.get(key)

    def put(self, key: K, value: V, cost_bytes: int) -> V:
        """Keep what was looked up after ``get`` had nothing; returns it."""
        if cost_bytes > self._room:
            self._forget()
        if cost_bytes <= self._room:
            self._room -= cost_bytes
            self._values[key] = value
        return value

    def _forget(self) -> None:
        self._values.clear()
        self._room = self._most
