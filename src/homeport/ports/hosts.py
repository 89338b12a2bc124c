"""Other people's servers, as the database remembers them: whose turn it is, how they fare, what was taken from them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from homeport.domain.manners import Host, HostState


class Hosts(Protocol):
    """Hosts by their name (``Url.authority``), and the bytes of a day by the name of a host or a domain.

    A turn is taken by finding, changing and putting a host in one write transaction: there is one writer at a time.
    """

    def find(self, name: str) -> Host:
        """What is known of a host; one that was never heard of is new, and in no list."""
        ...

    def put(self, host: Host) -> None:
        """Remember all of a host."""
        ...

    def listed(
        self, now: datetime, state: HostState | None = None, text: str = "", *, after: str = "", limit: int
    ) -> Sequence[Host]:
        """The hosts that stand so now, and whose names hold ``text``, by name; from behind ``after`` on."""
        ...

    def is_listed(self, name: str) -> bool:
        """True when something is remembered of the host."""
        ...

    def freeze(self, name: str, by: str, reason: str, at: datetime) -> None:
        """Let nobody ask the host any more; in force at the next request of any process."""
        ...

    def unfreeze(self, name: str) -> None:
        """Let the host be asked again."""
        ...

    def taken(self, names: Sequence[str], day: date) -> Mapping[str, int]:
        """The bytes that were taken on ``day``; names from which nothing was taken are left out."""
        ...

    def take(self, name: str, day: date, size_bytes: int) -> None:
        """Count bytes that were taken; what is older than a month is forgotten."""
        ...
