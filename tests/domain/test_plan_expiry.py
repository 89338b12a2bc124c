"""A plan that waits: when it is warned of, and when it ends."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.support.builders import NOW

from homeport.domain.plan_expiry import due_at, expires_at, is_over, warning
from homeport.domain.rehost import Purpose, Rehost, State

WAITS = Rehost(1, "demo", Purpose.HISTORY, "", State.PLANNED, 1, None, "ada", NOW - timedelta(1), NOW)
END = NOW + timedelta(days=90)


@pytest.mark.parametrize("state", [state for state in State if state is not State.PLANNED])
def test_only_a_plan_that_waits_expires(state: State) -> None:
    """In every other state somebody answered, or nobody can."""
    rehost = replace(WAITS, state=state)
    assert (expires_at(rehost), due_at(rehost), warning(rehost, END)) == (None, None, None)
    assert not is_over(rehost, END)


@pytest.mark.parametrize(
    ("warned", "due"),
    [(None, END - timedelta(days=14)), (14, END - timedelta(days=3)), (3, END)],
)
def test_each_warning_is_due_once(warned: int | None, due: datetime) -> None:
    """What was told is remembered; after the last warning only the end is due."""
    assert due_at(replace(WAITS, warned=warned)) == due


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(days=14, microseconds=1), None),
        (timedelta(days=14), 14),
        (timedelta(days=3, microseconds=1), 14),
        (timedelta(days=3), 3),
        (timedelta(), 3),
    ],
)
def test_the_nearest_warning_stands_for_those_before(left: timedelta, told: int | None) -> None:
    """Who is told late is told once, and of how much is left."""
    assert warning(WAITS, END - left) == told


def test_the_end() -> None:
    """It is over in the moment in which 90 days are over, and not before."""
    assert expires_at(WAITS) == END
    assert is_over(WAITS, END)
    assert not is_over(WAITS, END - timedelta(microseconds=1))
