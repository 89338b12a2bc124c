"""The history of a project's hosting: moves, exemptions and consents, newest first, each in a sentence."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.support.builders import NOW, consent, item

from homeport.domain.consent import Hosted, Withdrawal
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.hosting_history import past_of
from homeport.domain.hosting_log import Event, HostingLine
from homeport.domain.ledger import Kind
from homeport.domain.standing_consent import StandingLine

EXT, CACHE, ONLY = HostingMode
DAY = date(2026, 12, 31)
MOVE = HostingLine(7, NOW, "demo", Event.MOVED, EXT, ONLY, Mover.OWNER, "We build here.")
GIVEN = StandingLine(8, NOW, Kind.STANDING_CONSENT_GIVEN, "ada", ("a.test", "b.test"), ("/*",), ("*",), DAY)


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (Event.MOVED, "Moved from pypi-ext to pypi-only."),
        (Event.EXEMPTION_GIVEN, "Exemption given: from pypi-ext to pypi-only until 2026-12-31."),
        (Event.EXEMPTION_EXTENDED, "Exemption extended until 2026-12-31."),
        (Event.EXEMPTION_ENDED, "Exemption ended: from pypi-ext to pypi-only."),
        (Event.CAMPAIGN_ANNOUNCED, "Campaign announced: to pypi-only until 2026-12-31."),
        (Event.CAMPAIGN_CANCELLED, "Campaign cancelled: it stays pypi-only."),
        (Event.CAMPAIGN_MOVED, "Moved by a campaign from pypi-ext to pypi-only."),
    ],
)
def test_moves(event: Event, sentence: str) -> None:
    """Every line of the hosting log has its sentence; who it was is told by role."""
    (past,) = past_of([replace(MOVE, event=event, until=DAY)], [], [])
    assert (past.what, past.sentence, past.by) == (event.value, sentence, "the owner")
    assert (past.reason, past.serial, past.rehost_id) == ("We build here.", 7, 0)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (GIVEN, "Standing consent, until 2026-12-31, for every file found at a.test, b.test."),
        (
            replace(GIVEN, kind=Kind.STANDING_CONSENT_NARROWED, hosts=(), patterns=("*.whl", "*.zip")),
            "Standing consent narrowed: a source was removed, until 2026-12-31, for files like *.whl, *.zip found at no host.",
        ),
        (
            replace(GIVEN, kind=Kind.CONSENT_VOIDED, hosts=("h",), paths=("/a/*",)),
            "Standing consent narrowed by the watch over its sources, until 2026-12-31, for every file found at h on pages like /a/*.",
        ),
        (replace(GIVEN, kind=Kind.STANDING_CONSENT_WITHDRAWN), "Standing consent withdrawn."),
    ],
)
def test_standing_consents(line: StandingLine, sentence: str) -> None:
    """Every change of the standing consent says what it covered from then on."""
    (past,) = past_of([], [line], [])
    assert (past.what, past.sentence, past.by, past.serial) == (line.kind.value, sentence, "ada", 8)


def test_consents_to_plans() -> None:
    """A consent is told of with its rehost, and so is its withdrawal."""
    given = consent(item(1), text="By licence.", serial=5, rehost_id=3)
    (past,) = past_of([], [], [given])
    assert (past.what, past.sentence) == ("consent-given", "Agreed to 1 file of rehost 3.")
    assert (past.by, past.reason, past.serial, past.rehost_id) == ("alice", "By licence.", 5, 3)
    taken = Withdrawal("bob", NOW + timedelta(days=1), Hosted.KEEP, "Wrong licence.", 9)
    both = past_of([], [], [consent(item(1), item(2, "b.zip"), rehost_id=3, withdrawal=taken)])
    assert [(one.what, one.sentence) for one in both] == [
        ("consent-withdrawn", "Took back the consent to 2 files of rehost 3."),
        ("consent-given", "Agreed to 2 files of rehost 3."),
    ]
    assert (both[0].by, both[0].reason, both[0].serial) == ("bob", "Wrong licence.", 9)


def test_newest_first() -> None:
    """All sorts stand in one row, by time and then by serial."""
    later = replace(MOVE, serial=9, at=NOW + timedelta(seconds=1))
    given = consent(item(1), serial=6)
    assert [past.serial for past in past_of([MOVE, later], [GIVEN], [given])] == [9, 8, 7, 6]
