"""How often somebody may try in vain to say who they are, and whose tries are counted together (T-27).

1. Only failures are counted. Who shows the right password is slowed by nobody's mistakes but those on their own
   account, from their own address, or on the whole index.
2. A try counts for the account it was made on, whether that exists or not, for the address it came from, and for
   the whole index. An IPv6 address counts as its /64: one customer has all of it.
3. The address is the peer's. What ``X-Forwarded-For`` says is believed of trusted proxies only, read from its end:
   everything left of the first address that is no proxy of ours was written by who knows whom.
"""

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from homeport.domain.address import IPAddress, IPNetwork
from homeport.domain.digests import Sha256
from homeport.domain.errors import Invalid, RateLimited

WINDOW = timedelta(minutes=5)
LONGEST_WINDOW = timedelta(hours=1)
PER_ACCOUNT = 10
PER_ADDRESS = 10
PER_INDEX = 1_000
PER_TRIER = 20
PER_RENEWER = 10
PER_SEEKER = 20
_IPV6_CUSTOMER_BITS = 64

Proxies = tuple[IPNetwork, ...]


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tries that are counted together, and how many of them may fail within the window."""

    name: str
    limit: int
    window: timedelta = WINDOW


@dataclass(frozen=True, slots=True)
class Trier:
    """On which account somebody tries, and from where; ``address`` is empty when nobody knows."""

    account: str
    address: str = ""

    def buckets(self) -> tuple[Bucket, ...]:
        """Where a failure counts."""
        # The digest has a bounded length, and what people type into the wrong field is not kept.
        account = Bucket(f"account:{Sha256.of(self.account.encode(errors='replace')).hex}", PER_ACCOUNT)
        everybody = Bucket("index", PER_INDEX)
        place = _place(self.address)
        return (
            (account, Bucket(f"address:{place}", PER_ADDRESS), everybody) if place else (account, everybody)
        )


def asking(address: str) -> Bucket:
    """Where it counts that a stranger asked for an account or for a link, in vain or not."""
    return Bucket(f"asking:{_place(address)}", PER_ADDRESS)


def trying(user: str) -> Bucket:
    """Where it counts that somebody had another place looked at, or told something, in vain or not."""
    return Bucket(f"trying-source:{user}", PER_TRIER)


def seeking(user: str) -> Bucket:
    """Where it counts that somebody asked for a person by an address, in vain or not: whose it is, is nobody's to find out."""
    return Bucket(f"seeking:{user}", PER_SEEKER, LONGEST_WINDOW)


def renewing(user: str) -> Bucket:
    """Where it counts that somebody made another secret: each of them is told to people."""
    return Bucket(f"renewing:{user}", PER_RENEWER, LONGEST_WINDOW)


def renewed_too_often(reached_at: datetime, now: datetime) -> RateLimited:
    """The refusal while somebody has made enough secrets."""
    seconds = _seconds_left(reached_at, now, LONGEST_WINDOW)
    return RateLimited(
        f"You have made {PER_RENEWER} new secrets within an hour. Wait {_told(seconds)}, then try again.",
        code="renewed-too-often",
        retry_after_seconds=seconds,
    )


def sought_too_often(reached_at: datetime, now: datetime) -> RateLimited:
    """The refusal while somebody has asked for enough people by their addresses."""
    seconds = _seconds_left(reached_at, now, LONGEST_WINDOW)
    return RateLimited(
        f"You have named {PER_SEEKER} people by their addresses within an hour. Name them by their user names, or wait "
        f"{_told(seconds)}, then try again.",
        code="sought-too-often",
        retry_after_seconds=seconds,
    )


def tried_too_often(reached_at: datetime, now: datetime) -> RateLimited:
    """The refusal while somebody has had enough places looked at, or told something."""
    seconds = _seconds_left(reached_at, now)
    return RateLimited(
        f"You have had {PER_TRIER} places looked at, or told something, within a few minutes. Wait {_told(seconds)}, "
        "then try again.",
        code="tried-too-often",
        retry_after_seconds=seconds,
    )


def asked_too_often(reached_at: datetime, now: datetime) -> RateLimited:
    """The refusal while strangers from one address have asked enough."""
    seconds = _seconds_left(reached_at, now)
    return RateLimited(
        f"That was asked from your address often enough for now. Wait {_told(seconds)}, then try again.",
        code="asked-too-often",
        retry_after_seconds=seconds,
    )


def too_many(reached_at: datetime, now: datetime) -> RateLimited:
    """The refusal while a bucket is full; ``reached_at`` is when the oldest failure that fills it was."""
    seconds = _seconds_left(reached_at, now)
    return RateLimited(
        f"Too many tries failed. Wait {_told(seconds)}, then try again; tokens and open sessions go on working.",
        code="too-many-tries",
        retry_after_seconds=seconds,
    )


def _seconds_left(reached_at: datetime, now: datetime, window: timedelta = WINDOW) -> int:
    return max(1, math.ceil((reached_at + window - now).total_seconds()))


def _told(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def parse_proxies(text: str) -> Proxies:
    """The networks of a comma-separated list of addresses and prefixes, or ``Invalid`` naming the entry."""
    return tuple(_network(entry.strip()) for entry in text.split(",") if entry.strip())


def _network(entry: str) -> IPNetwork:
    try:
        return ipaddress.ip_network(entry)
    except ValueError:
        raise Invalid(
            f"{entry[:60]!r} is neither an address nor a prefix: write for example 10.0.0.7 or 10.0.0.0/24.",
            code="proxy-invalid",
        ) from None


def client_address(peer: str, forwarded_for: str, proxies: Proxies) -> str:
    """The address a request came from (rule 3); ``""`` when the peer has none.

    ``forwarded_for`` is the value of ``X-Forwarded-For``; of a header that was sent twice, both, joined by a comma.
    """
    found = _address(peer)
    if found is None:
        return ""
    told = forwarded_for.split(",") if forwarded_for else []
    while told and _is_proxy(found, proxies):
        before = _address(told.pop().strip())
        if before is None:
            break
        found = before
    return str(found)


def _is_proxy(address: IPAddress, proxies: Sequence[IPNetwork]) -> bool:
    return any(address in network for network in proxies)


def _address(text: str) -> IPAddress | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _place(text: str) -> str:
    address = _address(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(address), _IPV6_CUSTOMER_BITS), strict=False))
    return str(address or "")
