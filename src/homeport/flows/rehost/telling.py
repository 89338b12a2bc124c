"""How far the fetches of one job are, told to whoever watches: at most once a second, however many there are.

Nothing depends on what is told, so trouble with telling disturbs no fetch. It is also when a fetch learns that nobody wants
its bytes any more, and ends.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from homeport.domain.errors import IllegalMove, Unavailable
from homeport.domain.progress import Fetching
from homeport.domain.rehost import Bytes, Item, State
from homeport.ports.store import Transaction
from homeport.ports.world import World

Watch = Callable[[int], None]
"""Told of every piece of a body, by its size."""

_EVERY = timedelta(seconds=1)


def nobody_watches(_count: int) -> None:
    """A fetch that nobody is told of."""


@dataclass
class Telling:
    """Tells of what is fetched from ``host`` for one rehost; ``told_at`` is when something was told last."""

    world: World
    rehost_id: int
    host: str
    told_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Files that come within the first second are told of when they are here."""
        self.told_at = self.world.clock.now()

    def watch(self, item: Item) -> Watch:
        """Who is told of the bytes of ``item``, from now on."""
        started, received = self.world.clock.now(), 0

        def on_bytes(count: int) -> None:
            nonlocal received
            received += count
            now = self.world.clock.now()
            if now - self.told_at >= _EVERY:
                self.told_at = now
                self._tell(item, received, started, now)

        return on_bytes

    def put_off(self, item: Item, reason: str) -> None:
        """Tell that the host wants to be left alone for a while."""
        now = self.world.clock.now()
        self._tell(item, 0, now, now, reason)

    def _tell(
        self, item: Item, received: int, started: datetime, now: datetime, waiting_for: str = ""
    ) -> None:
        total = item.facts.size_bytes
        told = Fetching(item.id, self.rehost_id, self.host, received, total, waiting_for, started, now)
        try:
            with self.world.store.write_lightly() as tx:
                if not _is_wanted(tx, self.rehost_id, item.id):
                    raise IllegalMove(f"Nobody wants {item.filename} any more.", code="fetch-unwanted")
                tx.fetches.put(told)
        except Unavailable:
            return


def _is_wanted(tx: Transaction, rehost_id: int, item_id: int) -> bool:
    rehost, item = tx.rehosts.find(rehost_id), tx.rehosts.item(rehost_id, item_id)
    return (
        rehost is not None
        and rehost.state is State.PLANNING
        and item is not None
        and item.bytes is Bytes.WANTED
    )
