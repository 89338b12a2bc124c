"""One bounded question to the outside: what is asked, and everything that happened.

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
    for the head of an answer, and for any pause within its body. A body that breaks off is continued at most
    ``max_resumes`` times. ``turn_seconds`` is how long a turn at a host is waited for (``Manners``), which counts
    against no other bound.
    """

    max_bytes: int
    connect_seconds: float = 5.0
    first_byte_seconds: float = 10.0
    total_seconds: float = 300.0
    floor_bytes_per_second: int = 1024
    max_redirects: int = 5
    max_resumes: int = 5
    turn_seconds: float = 120.0

    @property
    def silence_seconds(self) -> float:
        """No request is silent for longer: a look-up, three connections, TLS, and the head of the answer."""
        return min(self.total_seconds, 5 * self.connect_seconds + self.first_byte_seconds)


class Method(StrEnum):
    """What is asked for."""

    GET = "GET"
    HEAD = "HEAD"  # size and validators; there is no body
    POST = "POST"  # something is told; only ``ports.post`` does


class Errand(StrEnum):
    """Why the outside is asked; manners depend on it."""

    CRAWL = "crawl"  # we look for files: robots.txt decides
    CALL = "call"  # a person named this very place, or file, for programs to read
    ROBOTS = "robots"  # robots.txt itself


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret for one origin: the header is sent to ``origin`` (``Url.origin``), over TLS or loopback, and nowhere else.

    It is for chains that begin there: after a hop at another origin it is not sent any more, not even back home.
    """

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
class TlsFacts:
    """What TLS showed: protocol, leaf certificate's SHA-256, issuer, and the SHA-256 of its public key (SPKI)."""

    protocol: str
    leaf_sha256: str
    issuer: str
    key_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Hop:
    """One request of a chain. ``address`` is what was connected to, ``status`` 0 when nothing was answered.

    A request that our rules refused was never made: it is no hop. A body that was continued has one hop more, at
    the same URL, for each time.
    """

    url: str
    address: str
    status: int
    tls: TlsFacts | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """Everything that happened. ``code`` and ``reason`` say why it was not ``OK``.

    ``url`` is where the chain ended, without fragment: the last URL asked, or the one that was refused. ``is_tls``
    is true when *every* hop was TLS with a verified certificate, ``is_loopback`` when every hop stayed on a
    loopback address. ``size_bytes`` and ``sha256`` describe the body that went to the sink (``""`` when nothing
    did). ``content_type`` is the raw header value, ``headers`` has its names in lower case; they are those of the
    answer the body began with. ``tls`` is what TLS showed at the last hop.
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

    def header(self, name: str) -> str:
        """The first value of header ``name`` (in lower case), or ``""``."""
        return first_header(self.headers, name)

    @property
    def etag(self) -> str:
        """The validator of the final answer as it was sent, for the next ``Ask``."""
        return self.header("etag")

    @property
    def last_modified(self) -> str:
        """The date of the final answer as it was sent, for the next ``Ask``."""
        return self.header("last-modified")

    @property
    def announced_bytes(self) -> int | None:
        """The size the final answer announced: all that is known of a file that was asked for by HEAD."""
        announced = self.header("content-length")
        return int(announced) if announced else None


def first_header(headers: tuple[tuple[str, str], ...], name: str) -> str:
    """The first value of header ``name`` (in lower case), or ``""``."""
    return next((value for key, value in headers if key == name), "")


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Why a request is not made now: ``outcome`` is ``REFUSED`` when waiting cannot help, else ``UNREACHABLE``."""

    outcome: Outcome
    code: str
    reason: str
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Went:
    """How one request of a chain ended.

    ``status`` is 0 when nothing was answered. ``received_bytes`` counts heads and bodies as they came over the wire.
    ``problem`` is the code of what went wrong beside the status, ``abandoned`` when it was not the outside.
    """

    status: int
    received_bytes: int
    problem: str = ""
    retry_after_seconds: int | None = None


class Manners(Protocol):
    """Asked before every request of a chain, and told how it went (T-25, T-26)."""

    def before(self, url: Url, ask: Ask) -> TurnedAway | None:
        """Wait for a turn at the host of ``url`` and take it; or why it must not be asked now."""
        ...

    def during(self, url: Url) -> None:
        """Keep the turn, for bytes just came; called with every piece, so often more than once in a second."""
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


class RawFetcher(Protocol):
    """A ``Fetcher`` that is told its manners with every fetch; by itself it has none."""

    def fetch(
        self,
        url: str,
        limits: FetchLimits,
        sink: Callable[[bytes], None],
        ask: Ask = PLAIN_GET,
        manners: Manners | None = None,
    ) -> Fetched:
        """As :meth:`Fetcher.fetch`; ``manners`` is asked before every request and told how it went.

        It is asked once grammar and name let the request through, and before anything is looked up. The time it
        takes does not count against ``total_seconds``. Where it turns a request away, the fetch ends so.
        """
        ...
