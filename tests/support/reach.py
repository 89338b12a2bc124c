"""Either fetcher, the real one over sockets and the simulated one, before the same outside."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.support.http_site import serve
from tests.support.outside import Outside
from tests.support.outside_fetcher import OutsideFetcher

from homeport.adapters.net.fetch import HttpFetcher
from homeport.domain.address import parse_allow
from homeport.ports.fetch import PLAIN_GET, Ask, Fetched, FetchLimits, Manners, RawFetcher

LIMITS = FetchLimits(
    max_bytes=100_000,
    connect_seconds=2,
    first_byte_seconds=0.4,
    total_seconds=5,
    floor_bytes_per_second=2000,
    max_redirects=3,
)
BODY = bytes(range(256)) * 20
HOST = "project.test"


@dataclass
class Reach:
    """A fetcher, and how the URLs of the simulated world are written for it."""

    fetcher: RawFetcher
    url: Callable[[str], str]

    def fetch(
        self,
        path: str,
        limits: FetchLimits = LIMITS,
        ask: Ask = PLAIN_GET,
        manners: Manners | None = None,
    ) -> tuple[Fetched, bytes]:
        """What came of asking for ``path``, and what the sink was given."""
        pieces: list[bytes] = []
        fetched = self.fetcher.fetch(self.url(path), limits, pieces.append, ask, manners)
        return fetched, b"".join(pieces)


@contextmanager
def in_memory(outside: Outside) -> Iterator[Reach]:
    """The simulated fetcher."""
    yield Reach(OutsideFetcher(outside), lambda path: f"http://{HOST}{path}")


@contextmanager
def over_sockets(outside: Outside) -> Iterator[Reach]:
    """The real fetcher, with the world behind a loopback port."""
    with serve(outside) as site:
        fetcher = HttpFetcher(
            about_url="https://index.example.org/about",
            allow=parse_allow(f"127.0.0.1:{site.port}"),
            resolve=lambda host, seconds: ["127.0.0.1"],
        )
        yield Reach(fetcher, lambda path: site.url(HOST, path))
