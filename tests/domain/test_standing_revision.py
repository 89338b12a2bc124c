"""The revision of a standing consent: what whoever consents says they saw."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from homeport.domain.errors import Conflict
from homeport.domain.ledger import Kind
from homeport.domain.standing_consent import StandingLine
from homeport.domain.standing_revision import require_seen, revision_of

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
FIRST = StandingLine(
    8, AT, Kind.STANDING_CONSENT_GIVEN, "mia", ("a.test",), ("/*",), ("*.whl",), date(2026, 12, 31)
)
SECOND = replace(
    FIRST, serial=12, at=AT + timedelta(hours=1), by="ben", hosts=("evil.test",), patterns=("*",)
)


def test_the_newest_change_is_the_revision() -> None:
    """It is its serial in the ledger; what nobody gave yet is at 0."""
    assert revision_of([]) == 0
    assert revision_of([SECOND, FIRST]) == 12


@pytest.mark.parametrize("revision", [None, 12])
def test_what_was_seen_can_be_agreed_to(revision: int | None) -> None:
    """So can whatever holds, for who does not say what they saw."""
    require_seen("demo", [SECOND, FIRST], revision)


def test_nothing_given_can_be_seen_as_well() -> None:
    """Who saw that there was none gives the first."""
    require_seen("demo", [], 0)
    with pytest.raises(Conflict):
        require_seen("demo", [FIRST], 0)


def test_what_changed_since_is_told() -> None:
    """The refusal says who made each change, when, and what it covers now; nothing of what was seen."""
    with pytest.raises(Conflict) as refusal:
        require_seen("demo", [SECOND, FIRST], 8)
    assert refusal.value.code == "standing-consent-changed"
    assert refusal.value.sentence == (
        "ben changed it: the standing consent of demo is at revision 12, you saw 8. Nothing was agreed to. Look at what holds, "
        "then decide again."
    )
    assert refusal.value.problems[1:] == (
        "2026-03-04 06:06 UTC, ben: Standing consent, until 2026-12-31, for every file found at evil.test.",
    )


def test_only_the_newest_changes_are_told() -> None:
    """A page that was left open for a year is not answered by the whole history."""
    lines = [replace(SECOND, serial=serial) for serial in range(40, 12, -1)]
    with pytest.raises(Conflict) as refusal:
        require_seen("demo", lines, 12)
    assert len(refusal.value.problems) == 6


def test_a_revision_that_never_was() -> None:
    """What is newer than everything is refused as well, by nobody's name."""
    with pytest.raises(
        Conflict, match="It is another one: the standing consent of demo is at revision 12, you saw 99"
    ):
        require_seen("demo", [SECOND, FIRST], 99)
