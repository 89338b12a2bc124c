"""What is being fetched at this moment, for people to watch; nothing depends on it."""

from collections.abc import Sequence
from typing import Protocol

from homeport.domain.progress import Fetching


class Fetches(Protocol):
    """Fetches under way."""

    def put(self, fetching: Fetching) -> None:
        """Tell how far one is, in the place of what was told before; its item must exist."""
        ...

    def forget(self, item_id: int) -> None:
        """It is not under way any more."""
        ...

    def forget_all(self, rehost_id: int) -> None:
        """Nothing of a rehost is fetched any more."""
        ...

    def of_rehost(self, rehost_id: int) -> Sequence[Fetching]:
        """What is under way for a rehost, by item."""
        ...
