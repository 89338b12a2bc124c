"""The world: every port, built once in ``wiring`` and handed to whoever needs it."""

from dataclasses import dataclass, field
from datetime import datetime

from homeport.domain.account import AccountPolicy
from homeport.domain.drift import DriftPolicy
from homeport.domain.fetching import Few
from homeport.domain.hosting import Policy
from homeport.domain.manners import Politeness
from homeport.domain.throttle import Proxies
from homeport.ports.blobs import Blobs
from homeport.ports.clock import Clock
from homeport.ports.fetch import Fetcher
from homeport.ports.isolation import Isolation
from homeport.ports.mail import Mailer
from homeport.ports.names import NameServers
from homeport.ports.passwords import Passwords
from homeport.ports.post import Poster
from homeport.ports.sealer import Sealer
from homeport.ports.store import Store


@dataclass(frozen=True, slots=True)
class Limits:
    """How large things may be, and how long they may take."""

    file_bytes: int = 2 * 1024**3
    rehost_items: int = 2_000
    few: Few = field(default_factory=Few)
    """What a plan of history fetches unasked; a larger one only lists its files."""
    fetch_slice_seconds: float = 10.0
    """How long a job fetches from one host before it lets others in."""
    hands: int = 2
    """How many files of one host are worked on: one is fetched while those before it are examined."""
    host_waits: int = 3
    """How often a plan is put off because a host asks to be left alone for a while."""
    survey_threads: int = 32
    """How many hosts a survey asks at once; nearly all of that time is waiting."""
    registration_wait_seconds: float = 12.0
    retries: int = 12
    """How often a file that was accepted is tried by itself: with twice the pause each time, for a day and a half."""
    first_retry_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class World:
    """All that flows may touch."""

    store: Store
    blobs: Blobs
    fetcher: Fetcher
    isolation: Isolation
    clock: Clock
    passwords: Passwords
    base_url: str
    limits: Limits = field(default_factory=Limits)
    policy: Policy = field(default_factory=Policy)
    accounts: AccountPolicy = field(default_factory=AccountPolicy)
    mailer: Mailer | None = None
    sealer: Sealer | None = None
    """Keeps the read tokens of sources."""
    drift: DriftPolicy = field(default_factory=DriftPolicy)
    names: NameServers | None = None
    politeness: Politeness = field(default_factory=Politeness)
    """How other people's servers are treated, as ``fetcher`` does it."""
    poster: Poster | None = None
    """The way to those who are told by webhook."""
    rehearsed_until: datetime | None = None
    """Until when it was played, where the data is a copy that a rehearsal kept: nothing in it is real."""
    proxies: Proxies = ()
    """Whose ``X-Forwarded-For`` is believed."""
