"""Hosts that were asked, and how it went."""

from datetime import UTC, datetime, timedelta

from homeport.domain.manners import Ending, Host, Politeness, given_back, with_turn

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SECOND, MINUTE, LEASE = timedelta(seconds=1), timedelta(minutes=1), timedelta(seconds=300)
POLITE = Politeness()
HOST = Host("example.org")
FINE, GONE, BROKEN = Ending(200), Ending(404), Ending(0, "timed-out")


def asked(host: Host, ending: Ending, now: datetime = NOW, politeness: Politeness = POLITE) -> Host:
    """``host`` after one request that ended so, at once."""
    return given_back(with_turn(host, "me", LEASE, politeness, now), "me", now, ending, politeness, now)


def failed(times: int, ending: Ending = BROKEN) -> Host:
    """A host that failed so often in a row."""
    host = HOST
    for _ in range(times):
        host = asked(host, ending)
    return host
