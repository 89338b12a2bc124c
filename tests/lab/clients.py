"""Who tries the vectors: our fetcher, and two clients as people write them, to show that the lab has teeth."""

import ipaddress
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

from tests.lab.sites import CANARY, GREETING
from tests.lab.vectors import RULES, Vector

from homeport.adapters.net.fetch import HttpFetcher
from homeport.domain.address import own_places, parse_allow
from homeport.domain.urls import Url
from homeport.ports.fetch import FetchLimits, Outcome

#: Tries a vector; how that ended.
Client = Callable[[Vector], str]

_LIMITS = FetchLimits(max_bytes=10_000, connect_seconds=2, first_byte_seconds=2, total_seconds=6)
_TIMEOUT_SECONDS = 0.4


def ours(ca_file: Path) -> Client:
    """The crawler's fetcher, as an index at ``index.test`` has it, with the system's own resolver."""
    fetchers = {
        has_rules: HttpFetcher(
            about_url="http://index.test/about/crawler/",
            allow=parse_allow(f"{RULES},127.0.0.1:8417" if has_rules else ""),
            own=own_places(Url.parse("http://index.test/"), "127.0.0.1", 8417),
            ca_file=ca_file,
        )
        for has_rules in (False, True)
    }

    def fetch(vector: Vector) -> str:
        taken = bytearray()
        fetched = fetchers[vector.has_rules].fetch(vector.url, _LIMITS, taken.extend)
        return _served(bytes(taken)) if fetched.outcome is Outcome.OK else fetched.outcome.value

    return fetch


def naive(vector: Vector) -> str:
    """Asks for what it is told to ask for."""
    # No proxies: the lab is about addresses.
    with build_opener(ProxyHandler({})).open(vector.url, timeout=_TIMEOUT_SECONDS) as answer:
        return _served(answer.read(10_000))


def asks_is_private(vector: Vector) -> str:
    """Looks the name up, asks the standard library whether that is private, and fetches by name."""
    host = urlsplit(vector.url).hostname
    for *_, place in socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM):
        if ipaddress.ip_address(str(place[0])).is_private:
            return "refused"
    return naive(vector)


def _served(body: bytes) -> str:
    return {GREETING: "public", CANARY: "opened"}.get(body, "something else")
