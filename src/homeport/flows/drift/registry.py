"""What the world says of a host's name: who serves it, and when its domain was registered last.

Both are asked where the operator named somebody to ask, of the registrable domain, once a day at most for each host.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from homeport.domain.drift import HostMemory, HostSeen
from homeport.domain.registrable import registrable_domain
from homeport.domain.urls import Url
from homeport.formats.rdap import MAX_BYTES, read_registered_at, read_services, server_for
from homeport.ports.fetch import Ask, Errand, FetchLimits, Outcome
from homeport.ports.world import World

_ASK_AGAIN_AFTER: Final = timedelta(days=1)
_LIMITS: Final = FetchLimits(max_bytes=MAX_BYTES, total_seconds=20.0)
_ASK: Final = Ask(accept="application/rdap+json, application/json", errand=Errand.CALL)


class Registry:
    """Asks for one run of looks; the list of registries is fetched when it is first needed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._services: Mapping[str, str] | None = None

    def ask_about(self, url: Url, memory: HostMemory, now: datetime) -> HostSeen:
        """Name servers and registration of the host of ``url``; nothing when it is too soon, or nobody to ask."""
        is_asked = self._world.names is not None or self._world.drift.rdap_url
        if url.address is not None or not is_asked or not _is_time(memory, now):
            return HostSeen()
        domain = registrable_domain(url)
        servers = self._world.names.name_servers(domain) if self._world.names else frozenset[str]()
        return HostSeen(name_servers=servers, registered_at=self._registered_at(domain), asked_about=True)

    def _registered_at(self, domain: str) -> datetime | None:
        if not self._world.drift.rdap_url:
            return None
        if self._services is None:
            self._services = read_services(self._read(self._world.drift.rdap_url))
        url = server_for(domain, self._services)
        return read_registered_at(self._read(url)) if url else None

    def _read(self, url: str) -> bytes:
        body = bytearray()
        fetched = self._world.fetcher.fetch(url, _LIMITS, body.extend, _ASK)
        return bytes(body) if fetched.outcome is Outcome.OK else b""


def _is_time(memory: HostMemory, now: datetime) -> bool:
    return memory.asked_at is None or now - memory.asked_at >= _ASK_AGAIN_AFTER
