"""The address table beside the standard library's: every difference is one that is explained here (G-21).

The library's opinion changes with its version and has holes, so it judges only one thing: what we allow, it must
call global. Where we refuse what it calls global, the block stands below with its reason.
"""

import ipaddress
import random
from collections.abc import Iterator

import pytest

from homeport.domain.address import (
    _PUBLIC_IPV6,
    _REFUSED_IPV4,
    _REFUSED_IPV6,
    Allowed,
    IPAddress,
    IPNetwork,
    may_connect,
)

STRICTER = tuple(
    (ipaddress.ip_network(block), why)
    for block, why in (
        ("168.63.129.16/32", "a cloud serves its machines from this public address"),
        ("192.0.0.0/24", "newer libraries call .9 and .10 global (anycast); clouds keep metadata at .192"),
        ("192.31.196.0/24", "AS112 answers anybody's reverse look-ups: no site is there"),
        ("192.52.193.0/24", "relays of multicast: no site is there"),
        ("192.88.99.0/24", "relays of 6to4 lead to any IPv4 address"),
        ("192.175.48.0/24", "AS112, as above"),
        ("224.0.0.0/4", "the library calls multicast global"),
        ("::/3", "IPv4 in other spellings, NAT64, and what is not assigned: the library calls most of it global"),
        ("2001::/23", "protocols' own addresses, some of them global to newer libraries"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4 carries any IPv4 address, the library looks at none of them"),
        ("2620:4f:8000::/48", "AS112, as above"),
        ("3ffe::/16", "the 6bone is gone; who announces it today is nobody's neighbour"),
        ("3fff::/20", "documentation since RFC 9637, unknown to older libraries"),
        ("4000::/2", "not assigned; the library calls it global"),
        ("8000::/1", "not assigned, ULA, link-local, site-local, multicast: the library calls some of it global"),
    )
)  # fmt: skip


def edges(network: IPNetwork) -> Iterator[IPAddress]:
    """First and last address of a block and their neighbours outside."""
    kind = type(network.network_address)
    first, last = int(network.network_address), int(network.broadcast_address)
    for number in (first - 1, first, last, last + 1):
        if 0 <= number < 2**network.max_prefixlen:
            yield kind(number)


def is_allowed(address: IPAddress) -> bool:
    """Our opinion."""
    return isinstance(may_connect(str(address), 443, (), frozenset()), Allowed)


def check(address: IPAddress) -> None:
    """Assert that both agree, or that we are stricter for a reason."""
    if is_allowed(address):
        assert address.is_global, f"{address} is allowed, and the library knows better"
    elif address.is_global:
        assert any(address in network for network, _ in STRICTER), f"{address} is refused without a reason"


@pytest.mark.parametrize(
    "network", [block for block, _ in (*_REFUSED_IPV4, *_REFUSED_IPV6, *STRICTER)] + [_PUBLIC_IPV6], ids=str
)
def test_edges_of_every_block(network: IPNetwork) -> None:
    """Both edges of every block of either table, and their neighbours, are judged alike or with a reason."""
    for address in edges(network):
        check(address)


@pytest.mark.parametrize("address_class", [ipaddress.IPv4Address, ipaddress.IPv6Address])
def test_random_addresses(address_class: type[IPAddress]) -> None:
    """16,384 random addresses, half of the IPv6 ones where the public ones are, are judged alike or with a reason."""
    chance = random.Random(21)  # noqa: S311 - the same numbers every time
    width = 32 if address_class is ipaddress.IPv4Address else 128
    allowed = 0
    for turn in range(16_384):
        number = chance.getrandbits(width)
        if width == 128 and turn % 2:
            number = (number >> 3) | (1 << 125)
        address = address_class(number)
        check(address)
        allowed += is_allowed(address)
    assert allowed > 4_000


@pytest.mark.parametrize(("network", "why"), STRICTER, ids=[str(network) for network, _ in STRICTER])
def test_no_reason_is_idle(network: IPNetwork, why: str) -> None:
    """Every block with a reason is refused from end to end: none excuses something that is allowed."""
    chance = random.Random(str(network))  # noqa: S311
    kind = type(network.network_address)
    inside = [network.network_address, network.broadcast_address]
    span = network.num_addresses
    inside += [kind(int(network.network_address) + chance.randrange(span)) for _ in range(200)]
    if network == ipaddress.ip_network("::/3"):
        assert not ipaddress.ip_network("::/3").overlaps(_PUBLIC_IPV6)
    assert not any(is_allowed(address) for address in inside), why
