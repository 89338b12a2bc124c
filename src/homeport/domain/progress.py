"""How far a running rehost is, host by host: what is here, how fast it comes, and what is waiting for whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from homeport.domain.manners import Host, HostState
from homeport.domain.rehost import Bytes, Decision

# A fetch that was not heard of for so long tells nothing of the present.
_FRESH = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Fetching:
    """One fetch under way. ``total_bytes`` is what the place or the site told, ``waiting_for`` why nothing comes."""

    item_id: int
    rehost_id: int
    host: str
    received_bytes: int
    total_bytes: int | None
    waiting_for: str
    started_at: datetime
    changed_at: datetime

    def rate(self, now: datetime) -> float:
        """Bytes a second, of a fetch that was heard of just now."""
        seconds = (self.changed_at - self.started_at).total_seconds()
        return self.received_bytes / seconds if seconds > 0 and now - self.changed_at < _FRESH else 0.0


@dataclass(frozen=True, slots=True)
class ItemStand:
    """What progress needs to know of an item; ``size_bytes`` is what it has, or what a place says it has."""

    host: str
    bytes: Bytes
    size_bytes: int | None
    decision: Decision
    is_published: bool


@dataclass(frozen=True, slots=True)
class HostProgress:
    """The files that come from one host. ``total_bytes`` is ``None`` while the size of one of them is unknown."""

    host: str
    done: int
    total: int
    received_bytes: int
    total_bytes: int | None
    bytes_per_second: float
    waiting_for: str

    @property
    def is_done(self) -> bool:
        """True when every file was looked at."""
        return self.done == self.total


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything that is fetched for a rehost: hosts that are not done first, and the sums over all of them.

    ``accepted`` and ``published`` count files once they were agreed to.
    """

    hosts: tuple[HostProgress, ...]
    accepted: int
    published: int

    @property
    def done(self) -> int:
        """Files that were looked at."""
        return sum(host.done for host in self.hosts)

    @property
    def total(self) -> int:
        """Files whose bytes are wanted, or were."""
        return sum(host.total for host in self.hosts)

    @property
    def received_bytes(self) -> int:
        """Bytes that are here, or on their way."""
        return sum(host.received_bytes for host in self.hosts)

    @property
    def total_bytes(self) -> int | None:
        """What all of them have, ``None`` while a size is unknown."""
        sizes = [host.total_bytes for host in self.hosts]
        return None if None in sizes else sum(size for size in sizes if size)

    @property
    def bytes_per_second(self) -> float:
        """What comes from all hosts together."""
        return sum(host.bytes_per_second for host in self.hosts)


def progress_of(
    items: Iterable[ItemStand], fetches: Iterable[Fetching], waits: Mapping[str, str], now: datetime
) -> Progress:
    """The progress of a rehost's ``items``. ``waits`` says, by host, what everybody waits for there."""
    by_host: dict[str, list[ItemStand]] = {}
    under_way: dict[str, list[Fetching]] = {}
    accepted = published = 0
    for item in items:
        accepted += item.decision is Decision.ACCEPT
        published += item.decision is Decision.ACCEPT and item.is_published
        if item.bytes is not Bytes.LISTED:
            by_host.setdefault(item.host, []).append(item)
    for fetching in fetches:
        under_way.setdefault(fetching.host, []).append(fetching)
    hosts = [
        _host_progress(host, its, under_way.get(host, []), waits.get(host, ""), now)
        for host, its in by_host.items()
    ]
    return Progress(tuple(sorted(hosts, key=lambda host: (host.is_done, host.host))), accepted, published)


def wait_at(host: Host, now: datetime) -> str:
    """What everybody waits for who wants something of ``host`` now; empty when nobody need wait."""
    state = host.state(now)
    if state is HostState.FROZEN and host.frozen is not None:
        return f"it is frozen: {host.frozen.reason}"
    if state is HostState.RESTING and host.resting_until is not None:
        return f"it rests until {host.resting_until:%H:%M:%S} UTC" + (
            f" ({host.problem})" if host.problem else ""
        )
    return "the next turn at this host" if state is HostState.PACED else ""


def _host_progress(
    host: str, items: list[ItemStand], fetches: list[Fetching], wait: str, now: datetime
) -> HostProgress:
    wanted = [item for item in items if item.bytes is Bytes.WANTED]
    here = sum(item.size_bytes or 0 for item in items if item.bytes is Bytes.HERE)
    received = here + sum(fetching.received_bytes for fetching in fetches)
    to_come: int | None = 0
    for item in wanted:
        to_come = None if to_come is None or item.size_bytes is None else to_come + item.size_bytes
    if to_come is None and len(wanted) == len(fetches) == 1:
        to_come = fetches[0].total_bytes
    told = next((fetching.waiting_for for fetching in fetches if fetching.waiting_for), wait)
    rate = sum(fetching.rate(now) for fetching in fetches)
    if wanted and not told and not fetches:
        told = "its turn"
    return HostProgress(
        host=host,
        done=len(items) - len(wanted),
        total=len(items),
        received_bytes=received,
        total_bytes=None if to_come is None else max(here + to_come, received),
        bytes_per_second=rate,
        waiting_for=told if wanted and not rate else "",
    )
