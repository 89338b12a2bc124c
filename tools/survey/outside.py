"""Everything there is outside: hosts and how they behave, pages and what they link, files and whether they are there.

1. Everything follows from the seed: who makes it again is given the same.
2. A host is an address of this machine, 127.x.y.z, and a port that says how it is reached: over plain HTTP, over TLS, or
   not at all, for nobody listens there.
3. Few hosts are giants that most projects use; the tail is long, and most of it belongs to one project each.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

# One certificate for each port, or it would name too many addresses to be shown at every connection.
TLS_PORTS = 8
_GIANTS = (0.34, 0.2, 0.14, 0.1, 0.08, 0.06, 0.05, 0.03)
_TLS_GIANTS = frozenset({1, 4})
# A giant that was closed: its pages stand, its files are gone.
_CLOSED_GIANT = 5
_GIANT_SHARE = 0.62
_TLS_SHARE = 0.26
_ADDRESSES_A_BLOCK = 250
_FIRST_SLOW = 250


class Fate(StrEnum):
    """What became of a host."""

    LIVE = "live"
    CLOSED = "closed"  # it answers, and has hardly anything any more
    DEAD = "dead"  # nobody listens
    SLOW = "slow"  # it thinks before it answers
    NO_HEAD = "no-head"  # HEAD is not known to it
    NO_ROBOTS = "no-robots"  # robots.txt forbids everything


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the simulated outside listens, and a port where nobody does."""

    plain: int
    tls: tuple[int, ...]
    dead: int

    @property
    def every(self) -> tuple[int, ...]:
        """All of them."""
        return (self.plain, *self.tls, self.dead)


@dataclass(frozen=True, slots=True)
class Host:
    """One host of the outside."""

    number: int
    fate: Fate
    is_tls: bool

    @property
    def address(self) -> str:
        """Its address on this machine; 127.0.0.0/16 is left to others."""
        high, low = divmod(self.number, _ADDRESSES_A_BLOCK)
        return f"127.{1 + high // _ADDRESSES_A_BLOCK}.{high % _ADDRESSES_A_BLOCK}.{1 + low}"

    def port(self, ports: Ports) -> int:
        """The port in its URLs."""
        if self.fate is Fate.DEAD:
            return ports.dead
        return ports.tls[self.number % len(ports.tls)] if self.is_tls else ports.plain

    def url(self, ports: Ports, path: str) -> str:
        """The URL of a path on it."""
        return f"{'https' if self.is_tls else 'http'}://{self.address}:{self.port(ports)}{path}"


@dataclass(frozen=True, slots=True)
class Thing:
    """What a path of a host answers: a status, and a page, the size of a file, or where it went."""

    status: int = 200
    size_bytes: int = 0
    location: str = ""
    html: str = ""


@dataclass
class Outside:
    """All hosts, and all that they have, by host and path."""

    ports: Ports
    hosts: list[Host] = field(default_factory=list)
    things: dict[tuple[int, str], Thing] = field(default_factory=dict)

    @cached_property
    def by_authority(self) -> dict[str, Host]:
        """Hosts by what stands in the ``Host`` header."""
        return {f"{host.address}:{host.port(self.ports)}": host for host in self.hosts}


class Hosts:
    """Hosts as they are drawn: a giant, or one of the tail, where a few are drawn often and most of them once."""

    def __init__(self, chance: random.Random, projects: int) -> None:
        self._chance = chance
        self.giants = [
            Host(number, Fate.CLOSED if number == _CLOSED_GIANT else Fate.LIVE, number in _TLS_GIANTS)
            for number in range(len(_GIANTS))
        ]
        self.tail = [self._of_tail(len(_GIANTS) + number) for number in range(max(20, projects // 5))]

    @property
    def every(self) -> Sequence[Host]:
        """All of them, by number."""
        return [*self.giants, *self.tail]

    def draw(self) -> Host:
        """Any host."""
        if self._chance.random() < _GIANT_SHARE:
            return self._chance.choices(self.giants, _GIANTS)[0]
        # Squared, so that the first ones of the tail are drawn far more often.
        return self.tail[int(len(self.tail) * self._chance.random() ** 2)]

    def live(self) -> Host:
        """A host that answers, and has things."""
        while (host := self.draw()).fate is not Fate.LIVE:
            pass
        return host

    def _of_tail(self, number: int) -> Host:
        fates = (Fate.LIVE, Fate.DEAD, Fate.NO_HEAD, Fate.NO_ROBOTS, Fate.SLOW)
        fate = self._chance.choices(fates, (79.5, 14, 4, 2, 0.5))[0]
        if fate is Fate.SLOW and number < _FIRST_SLOW:
            fate = Fate.LIVE  # one that many name would be all that is waited for
        return Host(number, fate, self._chance.random() < _TLS_SHARE)
