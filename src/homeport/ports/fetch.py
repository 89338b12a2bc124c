"""One bounded GET to the outside: what is asked, and everything that happened.

A failed fetch is a value to record, not an accident: it keeps its hops, so that a person can see where it ended.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from homeport.domain.urls import Url


class Outcome(StrEnum):
    """How a fetch ended."""

    OK = "ok"
    REFUSED = "refused"  # our rules forbid it (scheme, port, address, redirect): trying again cannot help
    UNREACHABLE = "unreachable"  # no answer, or one that broke off: trying again may help
    HTTP_ERROR = "http-error"  # the site answered with another status than 200, and no redirect
    TOO_LARGE = "too-large"  # more bytes than the limit, announced or sent
    NOT_MODIFIED = "not-modified"  # 304: what was seen before stands


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may cost. ``total_seconds`` bounds all hops together.

    ``connect_seconds`` is for each step before the request (look-up, connection, TLS), ``first_byte_seconds``
    for the head of an answer, and for any pause within its body.
    """

    max_bytes: int
    connect_seconds: float = 5.0
    first_byte_seconds: float = 10.0
    total_seconds: float = 300.0
    floor_bytes_per_second: int = 1024
    max_redirects: int = 5


class Method(StrEnum):
    """What is asked for."""

    GET = "GET"
    HEAD = "HEAD"  # size and validators; there is no body


class Errand(StrEnum):
    """Why the outside is asked; manners depend on it."""

    CRAWL = "crawl"  # we look for files: robots.txt decides
    CALL = "call"  # a person named this very place, or file, for programs to read
    ROBOTS = "robots"  # robots.txt itself


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret for one origin: the header is sent to ``origin`` (``Url.origin``) over TLS or loopback, and nowhere else."""

    origin: str
    header: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked beside the URL. ``etag`` and ``last_modified`` make the request conditional."""

    method: Method = Method.GET
    accept: str = ""
    errand: Errand = Errand.CRAWL
    credential: Credential | None = None
    etag: str = ""
    last_modified: str = ""


PLAIN_GET: Final = Ask()


@dataclass(frozen=True, slots=True)
class Hop:
    """One request of a chain. ``address`` is what was connected to, ``status`` 0 when nothing was answered.

    A request that our rules refused was never made: it is no hop.
    """

    url: str
    address: str
    status: int


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What TLS showed at the last hop: protocol, leaf certificate's SHA-256, issuer."""

    protocol: str
    leaf_sha256: str
    issuer: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """Everything that happened. ``code`` and ``reason`` say why it was not ``OK``.

    ``url`` is where the chain ended, without fragment: the last URL asked, or the one that was refused. ``is_tls``
    is true when *every* hop was TLS with a verified certificate, ``is_loopback`` when every hop stayed on a
    loopback address. ``size_bytes`` and ``sha256`` describe the body that went to the sink (``""`` when nothing
    did). ``content_type`` is the raw header value, ``headers`` has its names in lower case.
    """

    outcome: Outcome
    url: str
    hops: tuple[Hop, ...] = ()
    code: str = ""
    reason: str = ""
    status: int = 0
    content_type: str = ""
    size_bytes: int = 0
    sha256: str = ""
    is_tls: bool = False
    is_loopback: bool = False
    tls: TlsFacts | None = None
    retry_after_seconds: int | None = None
    headers: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Why a request is not made now: ``outcome`` is ``REFUSED`` when waiting cannot help, else ``UNREACHABLE``."""

    outcome: Outcome
    code: str
    reason: str
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Went:
    """How one request of a chain ended. ``status`` is 0 when nothing was answered, ``problem`` the code of its end."""

    status: int
    received_bytes: int
    problem: str = ""
    retry_after_seconds: int | None = None


class Manners(Protocol):
    """Asked before every request of a chain, and told how it went (T-25, T-26)."""

    def before(self, url: Url, ask: Ask) -> TurnedAway | None:
        """Wait for a turn at the host of ``url`` and take it; or why it must not be asked now."""
        ...

    def after(self, url: Url, went: Went) -> None:
        """Give the turn back; called once for every turn that was taken, whatever happened."""
        ...


class Fetcher(Protocol):
    """Reaches the outside, once, within bounds."""

    def fetch(
        self, url: str, limits: FetchLimits, sink: Callable[[bytes], None], ask: Ask = PLAIN_GET
    ) -> Fetched:
        """Ask for ``url`` and hand the body to ``sink`` piece by piece; never raises for what the outside does.

        The body of an error status (with an HTML type) is handed over as well: easy_install reads those
        pages for links (standards D.5.4).
        """
        ...
