"""Exemptions: when something is due about one, what may extend it, and how its reason is shown."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.domain.errors import Invalid
from homeport.domain.exemption import (
    LONGEST,
    REMINDERS,
    Exemption,
    Standing,
    extended,
    parse_day,
    read_terms,
    reminder,
)
from homeport.domain.hosting import Mover

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
TODAY, UNTIL = NOW.date(), date(2026, 12, 31)
DAY = timedelta(days=1)
GIVEN = Exemption(1, 1, "demo", "Too large; ask ada@example.org.", UNTIL, "root", NOW)


def test_what_is_due_when() -> None:
    """The reminders come first, then the end; what ended, or has no end, is never due."""
    assert GIVEN.due_on == UNTIL - 30 * DAY
    assert replace(GIVEN, reminded=30).due_on == UNTIL - 7 * DAY
    assert replace(GIVEN, reminded=7).due_on == UNTIL
    assert replace(GIVEN, until=None).due_on is None
    assert replace(GIVEN, ended_at=NOW, ended_by=Mover.OWNER).due_on is None


def test_it_is_over_when_its_day_has_come() -> None:
    """The day itself is the first without it."""
    assert not GIVEN.is_over(UNTIL - DAY)
    assert GIVEN.is_over(UNTIL)
    assert not replace(GIVEN, until=None).is_over(date.max)


def test_standing() -> None:
    """With an end, without one, or ended."""
    assert GIVEN.standing is Standing.DATED
    assert replace(GIVEN, until=None).standing is Standing.ENDLESS
    assert replace(GIVEN, until=None, ended_at=NOW).standing is Standing.ENDED


def test_the_public_reason_names_no_address() -> None:
    """Mail addresses in a reason are for administrators."""
    assert GIVEN.public_reason == "Too large; ask (address)."


@given(st.lists(st.integers(1, 100), min_size=1, max_size=30), st.integers(1, 60))
def test_each_reminder_once_whatever_the_time_does(days_left: list[int], lasts: int) -> None:
    """However the time jumps, reminders go down, each at most once; the one that is nearest stands for those before."""
    today = UNTIL - lasts * DAY
    exemption, told = replace(GIVEN, reminded=reminder(UNTIL, today)), []
    for left in days_left:
        day = UNTIL - left * DAY
        if exemption.due_on is not None and exemption.due_on <= day:
            exemption = replace(exemption, reminded=reminder(UNTIL, day))
            told.append(exemption.reminded)
    assert told == sorted(set(map(int, filter(None, told))), reverse=True)
    first = reminder(UNTIL, today)
    nearest = reminder(UNTIL, UNTIL - min(days_left) * DAY)
    assert exemption.reminded == min(filter(None, (first, nearest)), default=None)


@pytest.mark.parametrize(("left", "stands_for"), [(31, None), (30, 30), (8, 30), (7, 7), (1, 7)])
def test_what_a_telling_stands_for(left: int, stands_for: int | None) -> None:
    """Who is told of an end that is near needs no reminder that is farther away."""
    assert reminder(UNTIL, UNTIL - left * DAY) == stands_for
    assert REMINDERS == (30, 7)


@pytest.mark.parametrize("text", ["2026-12-31", "2028-02-29"])
def test_a_day(text: str) -> None:
    """A day is written in one way."""
    assert parse_day(text).isoformat() == text


@pytest.mark.parametrize(
    "text",
    ["", "20261231", "2026-W10-1", "2026-2-31", "2026-02-30", "31.12.2026", "2026-12-31 ", "٢٠٢٦-١٢-٣١"],
)
def test_no_day(text: str) -> None:
    """Everything else is refused with an example."""
    with pytest.raises(Invalid, match="2027-03-31") as refusal:
        parse_day(text)
    assert refusal.value.code == "date-invalid"


def test_the_terms_as_they_are_typed() -> None:
    """Both are read, and everything that is wrong with both is told at once; two years are the most."""
    last = TODAY + LONGEST
    assert read_terms(last.isoformat(), " Large. ", TODAY) == (last, "Large.")
    with pytest.raises(Invalid) as refusal:
        read_terms("", " ", TODAY)
    assert list(refusal.value.problems) == [
        "Say why it may stay: the reason is public.",
        "Say until when it holds, like 2027-03-31.",
    ]
    assert refusal.value.code == "needs-exemption"
    for wrong, words in (
        ("soon", "is not a date"),
        (f"{TODAY}", "a day to come"),
        ("9999-12-31", f"until {last};"),
    ):
        with pytest.raises(Invalid, match=words):
            read_terms(wrong, "Large.", TODAY)


def test_extended() -> None:
    """A later day with a reason; an exemption without an end gets any day to come."""
    assert extended(GIVEN, UNTIL + DAY, " Still\n large. ", TODAY) == (UNTIL + DAY, "Still large.")
    assert extended(replace(GIVEN, until=None), TODAY + DAY, "Decided.", TODAY) == (TODAY + DAY, "Decided.")


@pytest.mark.parametrize(
    ("until", "reason", "problems"),
    [
        (
            None,
            "",
            ["Say why it is extended: the reason is public.", "Say until when it holds, like 2027-03-31."],
        ),
        (TODAY, "Large.", ["It must hold until a day to come; 2026-03-04 is none."]),
        (UNTIL, "Large.", ["It holds until 2026-12-31 already; to end it sooner, end it."]),
        (UNTIL + DAY, "\x1b[31m", ["The reason holds control or invisible characters: write plain text."]),
    ],
)
def test_not_extended(until: date | None, reason: str, problems: list[str]) -> None:
    """All that is wrong is told at once."""
    with pytest.raises(Invalid) as refusal:
        extended(GIVEN, until, reason, TODAY)
    assert refusal.value.code == "needs-exemption"
    assert list(refusal.value.problems) == problems
