"""The world: every port, built once in ``wiring`` and handed to whoever needs it."""

from dataclasses import dataclass, field

from homeport.domain.account import AccountPolicy
from homeport.domain.hosting import Policy
from homeport.domain.throttle import Proxies
from homeport.ports.blobs import Blobs
from homeport.ports.clock import Clock
from homeport.ports.fetch import Fetcher
from homeport.ports.isolation import Isolation
from homeport.ports.mail import Mailer
from homeport.ports.passwords import Passwords
from homeport.ports.store import Store


@dataclass(frozen=True, slots=True)
class Limits:
    """How large things may be, and how long they may take."""

    file_bytes: int = 2 * 1024**3
    rehost_items: int = 2_000
    registration_wait_seconds: float = 12.0
    retries: int = 5
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
    proxies: Proxies = ()
    """Whose ``X-Forwarded-For`` is believed."""
