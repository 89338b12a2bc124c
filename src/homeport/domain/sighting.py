"""Sightings: which bytes a URL gave, and when they were first and last seen.

1. The same bytes, seen again at least 24 hours later from the same host and both times over verified TLS, with no others
   in between, are stronger evidence than the first sight (T-11).
2. A URL that gave other bytes before may be giving different bytes to different askers: a person must look.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

APART: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Sighting:
    """Bytes that a URL gave. ``host`` is the host that sent them, after redirects."""

    url: str
    sha256: str
    host: str
    is_tls: bool
    first_at: datetime
    last_at: datetime


def seen_before(sightings: Iterable[Sighting], now: Sighting) -> Sighting | None:
    """The sighting that makes ``now`` a repeated one."""
    others_last_at = max((other.last_at for other in sightings if other.sha256 != now.sha256), default=None)
    for one in sightings:
        if (
            (one.url, one.sha256, one.host) == (now.url, now.sha256, now.host)
            and one.is_tls
            and now.is_tls
            and now.last_at - one.first_at >= APART
            and (others_last_at is None or others_last_at < one.first_at)
        ):
            return one
    return None


def other_bytes(sightings: Iterable[Sighting], now: Sighting) -> Sighting | None:
    """The newest sighting of other bytes at the same URL."""
    others = [one for one in sightings if one.url == now.url and one.sha256 != now.sha256]
    return max(others, key=lambda one: one.last_at, default=None)
