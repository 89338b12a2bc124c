"""A running rehost is watched: how far it is at each host, read again and again, so without its plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from homeport.domain.account import Caller
from homeport.domain.progress import ItemStand, Progress, progress_of, wait_at
from homeport.domain.rehost import Bytes, Rehost
from homeport.flows.rehost.review import reached
from homeport.ports.store import Transaction
from homeport.ports.world import World


@dataclass(frozen=True, slots=True)
class RehostProgress:
    """A rehost, and how far it is. ``is_begun`` is false while no worker has taken it."""

    rehost: Rehost
    progress: Progress
    is_begun: bool


def watch_rehost(world: World, caller: Caller, rehost_id: int) -> RehostProgress:
    """How far a rehost is, for a maintainer of its project."""
    now = world.clock.now()
    with world.store.read() as tx:
        rehost, _ = reached(tx, caller, rehost_id)
        stands = tx.rehosts.stands(rehost_id)
        progress = progress_of(stands, tx.fetches.of_rehost(rehost_id), _waits(tx, stands, now), now)
    return RehostProgress(rehost, progress, bool(stands))


def _waits(tx: Transaction, stands: Iterable[ItemStand], now: datetime) -> dict[str, str]:
    hosts = dict.fromkeys(stand.host for stand in stands if stand.bytes is Bytes.WANTED)
    return {host: wait_at(tx.hosts.find(host), now) for host in hosts}
