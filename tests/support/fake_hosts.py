"""The fake store's memory of other people's servers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from tests.support.fake_tables import Tables

from homeport.domain.manners import Frozen, Host, HostState


class FakeHosts:
    """``ports.hosts.Hosts``."""

    def __init__(self, tables: Tables) -> None:
        self._hosts = tables.hosts
        self._bytes = tables.outside_bytes

    def find(self, name: str) -> Host:
        """See the port."""
        return self._hosts.get(name, Host(name))

    def put(self, host: Host) -> None:
        """See the port."""
        self._hosts[host.name] = host

    def listed(
        self, now: datetime, state: HostState | None = None, text: str = "", *, after: str = "", limit: int
    ) -> Sequence[Host]:
        """See the port."""
        found = [
            host
            for name, host in sorted(self._hosts.items())
            if name > after and text.lower() in name and state in {None, host.state(now)}
        ]
        return found[:limit]

    def is_listed(self, name: str) -> bool:
        """See the port."""
        return name in self._hosts

    def freeze(self, name: str, by: str, reason: str, at: datetime) -> None:
        """See the port."""
        self.put(replace(self.find(name), frozen=Frozen(at, by, reason)))

    def unfreeze(self, name: str) -> None:
        """See the port."""
        if name in self._hosts:
            self.put(replace(self.find(name), frozen=None))

    def taken(self, names: Sequence[str], day: date) -> Mapping[str, int]:
        """See the port."""
        return {name: self._bytes[name, day] for name in names if (name, day) in self._bytes}

    def take(self, name: str, day: date, size_bytes: int) -> None:
        """See the port."""
        self._bytes[name, day] = self._bytes.get((name, day), 0) + size_bytes
        for of, when in list(self._bytes):
            if of == name and when < day - timedelta(days=31):
                del self._bytes[of, when]
