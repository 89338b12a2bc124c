"""Fetches that somebody waits for: an answer in time, even when it is that a host is busy."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from homeport.domain.rehost import Purpose
from homeport.ports.fetch import PLAIN_GET, Ask, Fetched, Fetcher, FetchLimits
from homeport.ports.world import World

# Release tools give up after 12 seconds and more (design §3); they are told to repeat before that.
_TURN_SECONDS = 10.0


def fetcher_for(world: World, purpose: Purpose) -> Fetcher:
    """The world's fetcher; one that does not wait long for a turn where a person waits for a registration."""
    return hurried(world.fetcher) if purpose is Purpose.REGISTRATION else world.fetcher


def hurried(fetcher: Fetcher) -> Fetcher:
    """``fetcher``, not waiting long for a turn."""
    return _Hurried(fetcher)


@dataclass(frozen=True, slots=True)
class _Hurried:
    """``ports.fetch.Fetcher``."""

    fetcher: Fetcher

    def fetch(
        self, url: str, limits: FetchLimits, sink: Callable[[bytes], None], ask: Ask = PLAIN_GET
    ) -> Fetched:
        """See the port."""
        return self.fetcher.fetch(
            url, replace(limits, turn_seconds=min(limits.turn_seconds, _TURN_SECONDS)), sink, ask
        )
