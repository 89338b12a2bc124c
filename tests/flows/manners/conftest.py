"""A street to be polite in."""

from datetime import datetime

import pytest
from tests.support.fake_clock import FakeClock
from tests.support.fake_store import FakeStore
from tests.support.outside import Outside
from tests.support.outside_fetcher import OutsideFetcher
from tests.support.street import FILE, SITE, Street, Watched

from homeport.domain.manners import Politeness
from homeport.flows.manners.polite import PoliteFetcher


@pytest.fixture
def street() -> Street:
    """A street with one site, which has a page and a file."""
    outside, store, clock = Outside(), FakeStore(), FakeClock()
    outside.put_page(SITE, "<p>Here.")
    outside.put_file(FILE, b"x" * 100)
    moments: list[datetime] = []
    raw = Watched(OutsideFetcher(outside), clock, moments)
    return Street(outside, store, clock, PoliteFetcher(raw, store, clock, Politeness()), moments)
