"""The ledger as it is written and read: only ever longer."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from homeport.domain.canonical import Plain
from homeport.domain.ledger import Kind, Sealed


class Ledger(Protocol):
    """The ledger: append and read, nothing else."""

    def append(
        self, kind: Kind, *, at: datetime, actor: str, project: str, details: Mapping[str, Plain]
    ) -> int:
        """Write the next entry; returns its ``seq``, the serial."""
        ...

    def entries(self, *, after: int = 0, limit: int | None = None) -> Iterator[Sealed]:
        """Every entry with a greater ``seq``, in order; not more than ``limit``."""
        ...

    def last(self) -> int:
        """The ``seq`` of the newest entry; 0 before there is any."""
        ...
