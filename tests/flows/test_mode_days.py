"""The days of the modes over months: counted once, whenever somebody is there to count, and always the same."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.support.world import Fakes, add_person, add_project, fake_world

from homeport.domain.account import Caller
from homeport.domain.dashboard import ModeDay
from homeport.domain.errors import Forbidden
from homeport.domain.hosting import HostingMode
from homeport.flows.change_hosting import Wish, change_hosting
from homeport.flows.mode_days import DayFilter, keep_mode_days, list_mode_days

EXT, CACHE, ONLY = HostingMode.EXT, HostingMode.CACHE, HostingMode.ONLY
DAY = timedelta(days=1)


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    """An index of fakes, without projects, on the fourth of March."""
    with fake_world(tmp_path) as opened:
        yield opened


def told(days: list[ModeDay]) -> list[tuple[int, int, int, int]]:
    """Days by their number, with the projects in pypi-ext, pypi-cache and pypi-only."""
    return [(one.day.day, one.projects[EXT], one.projects[CACHE], one.projects[ONLY]) for one in days]


def kept(fakes: Fakes) -> list[tuple[int, int, int, int]]:
    """What is kept."""
    with fakes.store.read() as tx:
        return told(list(tx.overview.mode_days()))


def shown(
    fakes: Fakes, since: date | None = None, until: date | None = None
) -> list[tuple[int, int, int, int]]:
    """What is shown."""
    return told(list(list_mode_days(fakes.world, None, DayFilter(since, until))))


def live(fakes: Fakes) -> Caller:
    """Three days: two projects are made, one moves to pypi-ext and, a day later, back; ada owns them."""
    ada = add_person(fakes.world, "ada")
    add_project(fakes.world, ada, "first", CACHE)
    add_project(fakes.world, ada, "second", EXT)
    fakes.clock.advance(DAY)
    change_hosting(fakes.world, Caller(ada), "second", Wish(ONLY, acknowledges_loss=True))
    fakes.clock.advance(DAY)
    add_project(fakes.world, ada, "third", ONLY)
    return Caller(ada)


EVERY = [(4, 1, 1, 0), (5, 0, 1, 1), (6, 0, 1, 2)]


def test_before_there_is_a_project(fakes: Fakes) -> None:
    """Nothing is kept, and nothing shown."""
    assert keep_mode_days(fakes.world) == 0
    assert shown(fakes) == kept(fakes) == []


def test_a_missing_day_is_counted_later(fakes: Fakes) -> None:
    """Days on which nobody counted are kept as they were; today is shown as it is, and kept when it is over."""
    live(fakes)
    assert shown(fakes) == EVERY
    assert keep_mode_days(fakes.world) == 2
    assert kept(fakes) == EVERY[:2]
    assert shown(fakes) == EVERY
    assert keep_mode_days(fakes.world) == 0
    fakes.clock.advance(2 * DAY)
    assert keep_mode_days(fakes.world) == 2
    assert kept(fakes) == [*EVERY, (7, 0, 1, 2)]


def test_counting_every_day_is_the_same(fakes: Fakes) -> None:
    """Whoever counts each day finds what is found at the end."""
    ada = add_person(fakes.world, "ada")
    add_project(fakes.world, ada, "first", EXT)
    fakes.clock.advance(DAY)
    assert keep_mode_days(fakes.world) == 1
    change_hosting(fakes.world, Caller(ada), "first", Wish(ONLY, acknowledges_loss=True))
    fakes.clock.advance(DAY)
    assert keep_mode_days(fakes.world) == 1
    assert kept(fakes) == [(4, 1, 0, 0), (5, 0, 0, 1)]


def test_days_are_asked_for(fakes: Fakes) -> None:
    """From a day, to a day, kept or not; by administrators and the shell only."""
    ada = live(fakes)
    for _ in range(2):
        assert shown(fakes, since=date(2026, 3, 5)) == EVERY[1:]
        assert shown(fakes, until=date(2026, 3, 5)) == EVERY[:2]
        assert shown(fakes, date(2026, 3, 5), date(2026, 3, 5)) == EVERY[1:2]
        assert shown(fakes, since=date(2027, 1, 1)) == []
        keep_mode_days(fakes.world)
    with pytest.raises(Forbidden):
        list_mode_days(fakes.world, ada, DayFilter())
