"""Days are added up from what changed on them, and the dashboard says what its parts come to."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.dashboards import NOW, dashboard, day

from homeport.domain.campaign import Stand
from homeport.domain.dashboard import (
    Alarms,
    Exempt,
    ModeChange,
    ProjectStand,
    last_settled_day,
    mode_days,
    progress,
)
from homeport.domain.drift import Sign
from homeport.domain.hosting import HostingMode

EXT, CACHE, ONLY = HostingMode.EXT, HostingMode.CACHE, HostingMode.ONLY


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2026, 3, 4, 0, 59, 59, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 4, 1, tzinfo=UTC), date(2026, 3, 3)),
        (datetime(2026, 3, 4, 23, 59, tzinfo=UTC), date(2026, 3, 3)),
    ],
)
def test_a_day_is_over_an_hour_after_its_end(now: datetime, last: date) -> None:
    """What was begun before midnight may be written a little after."""
    assert last_settled_day(now) == last


def test_days_go_on_from_the_last() -> None:
    """Every day behind the last one is there, also one on which nothing changed; each mode has its number."""
    changes = [
        ModeChange(date(2026, 3, 3), EXT, -1),
        ModeChange(date(2026, 3, 3), ONLY, 1),
        ModeChange(date(2026, 3, 3), EXT, -1),
        ModeChange(date(2026, 3, 5), CACHE, 2),
    ]
    until = date(2026, 3, 5)
    assert mode_days(day(1, ext=5), changes, until) == [
        day(2, ext=5),
        day(3, ext=3, only=1),
        day(4, ext=3, only=1),
        day(5, ext=3, cache=2, only=1),
    ]


def test_the_first_day_is_the_first_change() -> None:
    """Nothing is told of the time before there was a project; without any there is no day."""
    changes = [ModeChange(date(2026, 3, 4), ONLY, 1)]
    assert mode_days(None, changes, date(2026, 3, 5)) == [day(4, only=1), day(5, only=1)]
    assert mode_days(None, [], date(2026, 3, 5)) == []
    assert mode_days(day(5, only=1), [], date(2026, 3, 5)) == []


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 28), st.sampled_from(HostingMode), st.integers(-5, 5)), max_size=20),
    st.integers(1, 28),
)
def test_in_two_parts_as_in_one(found: list[tuple[int, HostingMode, int]], middle: int) -> None:
    """Days that are kept and gone on from later are the same as all of them counted at once."""
    changes = [ModeChange(date(2026, 3, 1), ONLY, 0)]
    changes += [ModeChange(date(2026, 3, number), mode, more) for number, mode, more in found]
    until = date(2026, 3, 28)
    whole = mode_days(None, changes, until)
    kept = mode_days(None, changes, date(2026, 3, middle))
    later = mode_days(kept[-1], [one for one in changes if one.day > kept[-1].day], until)
    assert [*kept, *later] == whole


def test_what_the_dashboard_comes_to() -> None:
    """Now is the last day; alarms are added up, by sign too; soon is thirty days from now."""
    alarms = [
        Alarms("one.test", Sign.GONE, 2),
        Alarms("two.test", Sign.GONE, 1),
        Alarms("two.test", Sign.OTHER_BYTES, 4),
    ]
    shown = dashboard(modes=[day(3, only=1), day(4, ext=1, cache=2, only=3)], alarms=alarms)
    assert shown.now == day(4, ext=1, cache=2, only=3)
    assert shown.now.total == 6
    assert shown.alarm_count == 7
    assert shown.alarms_by_sign == {Sign.OTHER_BYTES: 4, Sign.GONE: 3}
    assert shown.soon == NOW.date() + timedelta(days=30)


@pytest.mark.parametrize(("reachable", "is_reachable"), [(0, False), (1, True), (2, True)])
def test_one_owner_is_enough(reachable: int, is_reachable: bool) -> None:
    """A project is reachable as soon as somebody who may decide is."""
    stand = ProjectStand("demo", EXT, NOW, Exempt.NONE, None, 2, reachable)
    assert stand.is_reachable is is_reachable


def test_how_a_campaign_came_along() -> None:
    """From the announcement on, who left waits no longer; what was written a little before it counts on its day."""
    left = [
        (date(2026, 3, 1), Stand.EXEMPT, 1),
        (date(2026, 3, 3), Stand.ACTED, 2),
        (date(2026, 3, 3), Stand.EXEMPT, 1),
    ]
    days = progress(left, 10, date(2026, 3, 2), date(2026, 3, 4))
    told = [
        (one.day.day, *(one.projects[stand] for stand in (Stand.WAITING, Stand.ACTED, Stand.EXEMPT)))
        for one in days
    ]
    assert told == [(2, 9, 0, 1), (3, 6, 2, 2), (4, 6, 2, 2)]
    assert [one.day for one in progress([], 1, date(2026, 3, 2), date(2026, 3, 1))] == [date(2026, 3, 2)]
