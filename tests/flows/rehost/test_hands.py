"""Two hands at one host: one fetches while the other examines, and the host is never asked twice at once."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Lock

import pytest
from tests.support.outside import page
from tests.support.outside_fetcher import OutsideFetcher
from tests.support.story import SITE, sdist
from tests.support.world import Meanwhile, Real, add_person, add_project, real_world

from homeport.domain.account import Caller
from homeport.domain.hosting import HostingMode
from homeport.domain.rehost import Bytes, State
from homeport.flows.manage_project import add_source
from homeport.flows.rehost.fetch import fetch_from_host
from homeport.flows.rehost.plan import crawl_sources
from homeport.flows.rehost.review import show_rehost
from homeport.flows.rehost.start import start_plan
from homeport.ports.fetch import PLAIN_GET, Ask, Fetched, FetchLimits
from homeport.ports.jobs import Job
from homeport.ports.world import World

FILES = [f"demo-{number}.0.tar.gz" for number in range(6)]


@dataclass
class Counting:
    """A fetcher that knows how many ask it at once, and tells when the second file is asked for."""

    inner: OutsideFetcher
    lock: Lock = field(default_factory=Lock)
    asking: int = 0
    most: int = 0
    files: int = 0
    second_is_asked: Event = field(default_factory=Event)

    def fetch(
        self, url: str, limits: FetchLimits, sink: Callable[[bytes], None], ask: Ask = PLAIN_GET
    ) -> Fetched:
        """Count, and fetch."""
        with self.lock:
            self.asking += 1
            self.most = max(self.most, self.asking)
            self.files += 1
        if self.files > 1:
            self.second_is_asked.set()
        fetched = self.inner.fetch(url, limits, sink, ask)
        with self.lock:
            self.asking -= 1
        return fetched


def planned(real: Real) -> tuple[Caller, int, Job]:
    """A plan of six files at one host, whose page was read."""
    ada = Caller(add_person(real.world, "ada"))
    add_project(real.world, ada.user, "demo", HostingMode.CACHE)
    add_source(real.world, ada, "demo", "homepage", f"{SITE}/")
    real.outside.put(f"{SITE}/", page("".join(f"<a href={name}>" for name in FILES)))
    for number, name in enumerate(FILES):
        real.outside.put_file(f"{SITE}/{name}", sdist(f"{number}.0"))
    rehost = start_plan(real.world, ada, "demo")
    (job,) = crawl_sources(real.world, rehost.id)
    return ada, rehost.id, job


def test_one_file_is_fetched_while_another_is_examined(tmp_path: Path) -> None:
    """The first inspection waits until the second file is asked for: with one hand it would wait for ever."""
    with real_world(tmp_path) as real:
        ada, rehost_id, job = planned(real)
        counting = Counting(OutsideFetcher(real.outside))
        world: World = replace(
            real.world,
            fetcher=counting,
            isolation=Meanwhile(lambda: counting.second_is_asked.wait(timeout=20) or pytest.fail("one hand")),
        )
        fetch_from_host(world, job)
        view = show_rehost(real.world, ada, rehost_id)
        assert view.rehost.state is State.PLANNED
        assert [item.bytes for item in view.plan.items] == [Bytes.HERE] * len(FILES)
        assert (counting.most, counting.files) == (1, len(FILES))


def test_an_accident_of_one_hand_ends_the_job(tmp_path: Path) -> None:
    """What nobody expected reaches whoever runs the job; what is left is still wanted, and the next try brings it."""
    with real_world(tmp_path) as real:
        ada, rehost_id, job = planned(real)

        def break_down() -> None:
            raise ZeroDivisionError("an accident")

        with pytest.raises(ZeroDivisionError):
            fetch_from_host(replace(real.world, isolation=Meanwhile(break_down)), job)
        states = {item.bytes for item in show_rehost(real.world, ada, rehost_id).plan.items}
        assert states == {Bytes.WANTED}
        fetch_from_host(real.world, job)
        assert show_rehost(real.world, ada, rehost_id).rehost.state is State.PLANNED
