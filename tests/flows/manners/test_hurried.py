"""Who waits for a registration does not wait for a busy host."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.support.world import fake_world

from homeport.domain.rehost import Purpose
from homeport.flows.manners.hurried import fetcher_for
from homeport.ports.fetch import PLAIN_GET, Ask, Fetched, FetchLimits, Outcome

URL = "https://site.test/"


@dataclass
class Noting:
    """A fetcher that notes how long it was let wait for a turn."""

    seconds: list[float] = field(default_factory=list)

    def fetch(
        self, url: str, limits: FetchLimits, sink: Callable[[bytes], None], ask: Ask = PLAIN_GET
    ) -> Fetched:
        """See the port."""
        self.seconds.append(limits.turn_seconds)
        return Fetched(Outcome.OK, url)


@pytest.mark.parametrize("purpose", Purpose)
def test_only_registrations_are_in_a_hurry(tmp_path: Path, purpose: Purpose) -> None:
    """A registration waits ten seconds at most for a turn, others as long as they said."""
    noting = Noting()
    with fake_world(tmp_path) as fakes:
        fetcher = fetcher_for(replace(fakes.world, fetcher=noting), purpose)
        for seconds in (120.0, 3.0):
            limits = FetchLimits(1, turn_seconds=seconds)
            assert fetcher.fetch(URL, limits, lambda _: None).outcome is Outcome.OK
    assert noting.seconds == ([10.0, 3.0] if purpose is Purpose.REGISTRATION else [120.0, 3.0])
