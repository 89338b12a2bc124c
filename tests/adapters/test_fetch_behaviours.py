"""Every way a server is known to misbehave: the fetch ends as it should, in time, and never with other bytes (G-23).

``HOMEPORT_FAULT_SEEDS=25`` runs each of them 25 times, with what is sent cut into pieces by chance.
"""

import hashlib
import os
import ssl
import time
import warnings
from functools import cache
from pathlib import Path
from random import Random

import pytest
from tests.support.faults import BEHAVIOURS, BODY, MAX_BYTES, Behaviour, talk_of
from tests.support.http_site import listening

from homeport.adapters.net.fetch import HttpFetcher
from homeport.domain.address import parse_allow
from homeport.ports.fetch import FetchLimits, Outcome

CERTS = Path(__file__).parent.parent / "support" / "certs"
SEEDS = range(int(os.environ.get("HOMEPORT_FAULT_SEEDS", "1")))
LIMITS = FetchLimits(
    max_bytes=MAX_BYTES,
    connect_seconds=1,
    first_byte_seconds=0.3,
    total_seconds=2,
    floor_bytes_per_second=5000,
    max_redirects=3,
    max_resumes=3,
)


@cache  # reading the authorities of the machine takes longer than most of these behaviours
def fetcher() -> HttpFetcher:
    """A fetcher for which every name is this machine's."""
    return HttpFetcher(
        about_url="https://index.example.org/about",
        allow=parse_allow("127.0.0.1:*"),
        ca_file=CERTS / "ca.pem",
        resolve=lambda host, seconds: ["127.0.0.1"],
    )


def shown_by(behaviour: Behaviour) -> ssl.SSLContext | None:
    """The server's side of TLS."""
    if not behaviour.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTS / f"{behaviour.certificate}.pem")
    if behaviour.is_old_tls:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
def test_no_behaviour_brings_wrong_bytes_or_holds_us(behaviour: Behaviour, seed: int) -> None:
    """The end is the one the table names; what is taken as whole is the file; the clock is kept."""
    taken = bytearray()
    with listening(talk_of(behaviour, Random(seed) if seed else None), tls=shown_by(behaviour)) as site:  # noqa: S311
        started = time.monotonic()
        fetched = fetcher().fetch(site.url(behaviour.host, "/file"), LIMITS, taken.extend)
        took = time.monotonic() - started
    assert (fetched.outcome, fetched.code) == (behaviour.outcome, behaviour.code), fetched.reason
    assert took < LIMITS.total_seconds + LIMITS.connect_seconds
    assert fetched.size_bytes == len(taken) <= LIMITS.max_bytes
    if fetched.outcome is Outcome.OK:
        assert bytes(taken) == BODY
        assert fetched.sha256 == hashlib.sha256(BODY).hexdigest()
    else:
        assert fetched.reason.endswith(".")
    assert fetched.retry_after_seconds is None
    assert {hop.address for hop in fetched.hops} == {"127.0.0.1"}


def test_the_table_is_as_long_as_promised() -> None:
    """At least 40 behaviours, each under its own name."""
    assert len({behaviour.name for behaviour in BEHAVIOURS}) == len(BEHAVIOURS) >= 40
