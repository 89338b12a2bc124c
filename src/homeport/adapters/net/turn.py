"""One request of a chain, from the wait for a turn to the connection's end.

1. Grammar and name are checked first, then manners are asked, then the name is looked up: a host whose turn it
   is not is not even asked for its address.
2. A turn that was taken is given back exactly once, whatever happened.
3. Time spent waiting for a turn is not the outside's fault: it does not count against the total.
"""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

from homeport.adapters.net.connect import Gate, Patience, connected
from homeport.adapters.net.ending import Deadline, Ended
from homeport.adapters.net.request import headers_of
from homeport.adapters.net.response import Exchange, Head
from homeport.adapters.net.rest import Rest
from homeport.adapters.net.story import Story
from homeport.domain.urls import Url
from homeport.ports.fetch import Ask, FetchLimits, Manners, Outcome, Went

_ABANDONED = "abandoned"
_NO_HEAD = Head(0, ())
_TOLD_BY_STATUS = frozenset({Outcome.HTTP_ERROR, Outcome.NOT_MODIFIED})


class Turns:
    """The requests of one fetch, on one clock."""

    def __init__(
        self,
        gate: Gate,
        tls: ssl.SSLContext,
        agent: str,
        limits: FetchLimits,
        manners: Manners | None,
        story: Story,
    ) -> None:
        self._gate = gate
        self._tls = tls
        self._agent = agent
        self._limits = limits
        self._manners = manners
        self._story = story
        seconds = limits.total_seconds
        self._total = Deadline.after(seconds, "timed-out", f"The fetch took longer than {seconds:g} seconds.")

    @contextmanager
    def take(self, url: Url, ask: Ask, rest: Rest | None = None) -> Iterator[tuple[Exchange, Head]]:
        """The answer to one request, its body still to be read; the connection is closed at the end of the block."""
        self._gate.require_name(url)
        self._wait(url, ask)
        exchange, head, problem = None, _NO_HEAD, _ABANDONED
        try:
            patience = Patience(self._limits.connect_seconds, self._total)
            addresses = self._gate.addresses(url, patience)
            self._story.set_out_for(addresses[0])
            with connected(url, addresses, self._tls, patience) as connection:
                self._story.arrived(connection)
                exchange = Exchange(connection, self._limits, self._total, lambda: self._keep(url))
                headers = headers_of(url, self._agent, ask, connection.address, rest)
                head = exchange.ask(url, ask.method, headers)
                self._story.heard(head)
                yield exchange, head
            problem = ""
        except Ended as ended:
            problem = "" if ended.outcome in _TOLD_BY_STATUS else ended.code
            raise
        finally:
            if self._manners is not None:
                received = 0 if exchange is None else exchange.received_bytes
                self._manners.after(url, Went(head.status, received, problem, head.retry_after_seconds))

    def _keep(self, url: Url) -> None:
        if self._manners is not None:
            self._manners.during(url)

    def _wait(self, url: Url, ask: Ask) -> None:
        self._total.seconds_left()
        started = time.monotonic()
        turned_away = self._manners.before(url, ask) if self._manners else None
        self._total = self._total.later(time.monotonic() - started)
        if turned_away is not None:
            raise Ended(
                turned_away.outcome, turned_away.code, turned_away.reason, turned_away.retry_after_seconds
            )
