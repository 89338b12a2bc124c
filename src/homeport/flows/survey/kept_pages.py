"""Pages that several projects name are fetched once in a survey, and read once.

What is kept is bounded: where it becomes too much, what was wanted longest ago is forgotten.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar, cast

from homeport.domain.offer import Offers, PageKind
from homeport.ports.fetch import PLAIN_GET, Ask, Fetched, Fetcher, FetchLimits, Method
from homeport.ports.isolation import Isolation
from homeport.ports.world import World

T = TypeVar("T")
_MOST_BYTES = 64 * 1024 * 1024
# What an entry weighs beside the bytes it holds.
_ENTRY_BYTES = 4 * 1024
_OFFER_BYTES = 500


def keeping_pages(world: World, most_bytes: int = _MOST_BYTES) -> World:
    """``world``, in which a page that is asked for without a secret is neither fetched nor read a second time."""
    return replace(
        world,
        fetcher=_OnceFetcher(world.fetcher, Kept(most_bytes)),
        isolation=cast("Isolation", _OnceIsolation(world.isolation, Kept(most_bytes))),
    )


@dataclass
class _Entry(Generic[T]):
    """A value, or a place for it; the lock is held while it is made."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    made: list[T] = field(default_factory=list)
    size_bytes: int = 0


class Kept(Generic[T]):
    """Values by key, each made once, by whoever wants it first; others wait for it."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._held_bytes = 0
        self._entries: OrderedDict[Hashable, _Entry[T]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], tuple[T, int]]) -> T:
        """The value of ``key``; ``make`` gives it, and how many bytes it holds."""
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
        with entry.lock:
            if not entry.made:
                value, size_bytes = make()
                entry.made.append(value)
                self._weigh(key, entry, size_bytes + _ENTRY_BYTES)
            return entry.made[0]

    def _weigh(self, key: Hashable, entry: _Entry[T], size_bytes: int) -> None:
        with self._lock:
            if self._entries.get(key) is not entry:
                return  # it was forgotten while it was made
            entry.size_bytes = size_bytes
            self._held_bytes += size_bytes
            while self._held_bytes > self._most_bytes:
                _, forgotten = self._entries.popitem(last=False)
                self._held_bytes -= forgotten.size_bytes


@dataclass(frozen=True)
class _OnceFetcher:
    """``ports.fetch.Fetcher`` that keeps pages; what is asked otherwise than for a page goes through."""

    fetcher: Fetcher
    kept: Kept[tuple[Fetched, bytes]]

    def fetch(
        self, url: str, limits: FetchLimits, sink: Callable[[bytes], None], ask: Ask = PLAIN_GET
    ) -> Fetched:
        """See the port."""
        if ask.credential is not None or ask.method is not Method.GET:
            return self.fetcher.fetch(url, limits, sink, ask)

        def make() -> tuple[tuple[Fetched, bytes], int]:
            body = bytearray()
            fetched = self.fetcher.fetch(url, limits, body.extend, ask)
            return (fetched, bytes(body)), len(body)

        fetched, body = self.kept.get((url, ask, limits), make)
        sink(body)
        return fetched


class _OnceIsolation:
    """``ports.isolation.Isolation`` that keeps what it read of pages; whatever else is asked goes through."""

    def __init__(self, isolation: Isolation, kept: Kept[Offers]) -> None:
        self._isolation = isolation
        self._kept = kept

    def __getattr__(self, name: str) -> Any:
        """What is not about pages."""
        return getattr(self._isolation, name)

    def read_offers(
        self, kind: PageKind, page: bytes, asked_url: str, final_url: str, content_type: str
    ) -> Offers:
        """See the port."""

        def make() -> tuple[Offers, int]:
            offers = self._isolation.read_offers(kind, page, asked_url, final_url, content_type)
            return offers, sum(len(offer.url) + _OFFER_BYTES for offer in offers.offers)

        key = (kind, hashlib.sha256(page).digest(), asked_url, final_url, content_type)
        return self._kept.get(key, make)
