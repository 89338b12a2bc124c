"""An index of the eighth schema becomes one of the ninth: its standing consents go on, and their changes are kept beside the ledger."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.old_index import insert_entries, old_index, settings_in

from homeport.domain.canonical import Plain
from homeport.domain.ledger import Entry, Kind
from homeport.domain.standing_consent import StandingConsent
from homeport.settings import Settings
from homeport.wiring import open_world, prepare

AT = datetime(2025, 6, 7, 8, 9, 10, 111213, tzinfo=UTC)
END = datetime(2026, 6, 7, 8, 9, 10, 111213, tzinfo=UTC)
GIVEN: dict[str, Plain] = {"hosts": ["a.test", "b.test"], "patterns": ["*.whl"], "until": "2026-06-07"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an index of the eighth schema, whose project demo has a consent that the drift watch narrowed."""
    settings = settings_in(tmp_path)
    entries = [
        Entry(1, AT, Kind.STANDING_CONSENT_GIVEN, "ada", "demo", GIVEN),
        # What somebody says in an entry of another kind is no consent.
        Entry(2, AT, Kind.SOURCE_ADDED, "ada", "demo", {"kind": "standing-consent-given"}),
        Entry(
            3,
            AT,
            Kind.CONSENT_VOIDED,
            "clock",
            "demo",
            {"host": "b.test", "hosts": ["a.test"], "reason": "Sold."},
        ),
        Entry(4, AT, Kind.STANDING_CONSENT_GIVEN, "eve", "gone", GIVEN),
    ]
    with old_index(settings, "0008") as connection:
        connection.execute(
            text(
                "INSERT INTO projects (id, name, normalized, mode, status, serial, created_at, status_reason, is_private,"
                " size_bytes, look_alike) VALUES (1, 'demo', 'demo', 'pypi-cache', 'active', 1,"
                " '2025-01-01T00:00:00.000000Z', '', 0, 0, 'demo')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO standing_consents (project_id, given_by, hosts, patterns, given_at, expires_at)"
                """ VALUES (1, 'ada', '["a.test"]', '["*.whl"]', '2025-06-07T08:09:10.111213Z', '2026-06-07T08:09:10.111213Z')"""
            )
        )
        insert_entries(connection, entries)
    return settings


def test_consents_go_on(settings: Settings) -> None:
    """What was consented to before there were path patterns covers every path, and people will be told of its end."""
    prepare(settings)
    with open_world(settings).store.read() as tx:
        standing = tx.standing_consents.of_project(1)
        assert standing == StandingConsent("demo", "ada", ("a.test",), ("*.whl",), AT, END)
        assert tx.standing_consents.due(date(2026, 5, 7), limit=9) == []
        assert tx.standing_consents.due(date(2026, 5, 8), limit=9) == [(1, standing)]


def test_changes_of_the_past_are_kept(settings: Settings) -> None:
    """Every change of a project that is there, with its serial; a voided consent keeps the patterns and the end it had."""
    prepare(settings)
    with open_world(settings).store.read() as tx:
        voided, given = tx.standing_consents.lines(1, limit=9)
    assert (given.serial, given.at, given.kind, given.by) == (1, AT, Kind.STANDING_CONSENT_GIVEN, "ada")
    assert (given.hosts, given.paths, given.patterns) == (("a.test", "b.test"), ("/*",), ("*.whl",))
    assert (given.until, given.reason) == (date(2026, 6, 7), "")
    assert (voided.serial, voided.kind, voided.by, voided.reason) == (
        3,
        Kind.CONSENT_VOIDED,
        "clock",
        "Sold.",
    )
    assert (voided.hosts, voided.patterns, voided.until) == (("a.test",), ("*.whl",), date(2026, 6, 7))
