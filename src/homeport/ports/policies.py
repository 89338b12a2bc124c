"""What administrators decided for the whole index, as the database remembers it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from homeport.domain.hosting_policy import Decided, HostingPolicy


class Policies(Protocol):
    """Every policy there was; the newest holds."""

    def current(self) -> HostingPolicy:
        """The policy that holds now; one indexed look-up."""
        ...

    def newest(self) -> Decided:
        """The same with who decided it."""
        ...

    def put(self, policy: HostingPolicy, *, by: str, reason: str, at: datetime) -> Decided:
        """Let this policy hold from now on."""
        ...

    def decided(self, *, before: int = 0, limit: int) -> Sequence[Decided]:
        """What was decided, newest first; ``before`` is a revision, 0 for the newest."""
        ...
