"""An index of the fifth schema becomes one of the sixth: its moves are in the hosting log, its exemptions go on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.old_index import insert_entries, old_index, settings_in

from homeport.adapters.system import SystemClock
from homeport.domain.canonical import Plain
from homeport.domain.exemption import Standing
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.hosting_log import Event
from homeport.domain.ledger import Entry, Kind
from homeport.ports.hosting import ExemptionFilter
from homeport.settings import Settings
from homeport.wiring import open_world, prepare

AT = datetime(2025, 6, 7, 8, 9, 10, 111213, tzinfo=UTC)
TODAY = SystemClock().now().date()
SOON, LATER = TODAY + timedelta(days=2), TODAY + timedelta(days=100)
MOVES = (
    # Each with its project, where it led from and to, by whom, why, and until when.
    ("later", "pypi-only", "pypi-ext", "admin", "Too large.", LATER.isoformat()),
    ("soon", "pypi-cache", "pypi-ext", "admin", "For a while.", SOON.isoformat()),
    ("left", "pypi-only", "pypi-ext", "admin", "Long ago.", LATER.isoformat()),
    ("left", "pypi-ext", "pypi-only", "owner", "", None),
    ("gone", "pypi-cache", "pypi-only", "owner", "Of no project that is there.", None),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an index of the fifth schema with projects in pypi-ext, one of which the ledger says nothing."""
    settings = settings_in(tmp_path)
    project = text(
        "INSERT INTO projects (id, name, normalized, mode, status, serial, created_at, status_reason, is_private,"
        " size_bytes, look_alike) VALUES (:id, :name, :name, :mode, 'active', 1, :at, '', 0, 0, :name)"
    )
    modes = {"later": "pypi-ext", "soon": "pypi-ext", "left": "pypi-only", "silent": "pypi-ext"}
    with old_index(settings, "0005") as connection:
        for number, (name, mode) in enumerate(modes.items(), 1):
            connection.execute(
                project, {"id": number, "name": name, "mode": mode, "at": "2025-01-01T00:00:00.000000Z"}
            )
        # What somebody says in an entry of another kind is no move.
        entries = [Entry(1, AT, Kind.SOURCE_ADDED, "ada", "soon", {"kind": "mode-changed"})]
        for seq, (name, source, target, by, reason, until) in enumerate(MOVES, 2):
            told: dict[str, Plain] = {
                "from": source,
                "to": target,
                "by": by,
                "one_way": False,
                "reason": reason,
                "until": until,
            }
            entries.append(Entry(seq, AT, Kind.MODE_CHANGED, "root", name, told))
        insert_entries(connection, entries)
    return settings


def test_the_moves_of_the_past_are_in_the_log(settings: Settings) -> None:
    """Every change of mode of a project that is there, with its serial; what else the ledger says is not."""
    prepare(settings)
    with open_world(settings).store.read() as tx:
        lines = tx.hosting_log.lines(limit=9)
    assert [(line.serial, line.project, line.event) for line in lines] == [
        (5, "left", Event.MOVED),
        (4, "left", Event.EXEMPTION_GIVEN),
        (3, "soon", Event.EXEMPTION_GIVEN),
        (2, "later", Event.EXEMPTION_GIVEN),
    ]
    assert (lines[3].at, lines[3].mover, lines[3].reason, lines[3].until) == (
        AT,
        Mover.ADMIN,
        "Too large.",
        LATER,
    )
    assert (lines[0].source, lines[0].target, lines[0].until) == (HostingMode.EXT, HostingMode.ONLY, None)


def test_exemptions_go_on(settings: Settings) -> None:
    """A known end stays, with its reminders to come; one that nobody can be reminded of in time, or knows, is none."""
    prepare(settings)
    with open_world(settings).store.read() as tx:
        found = {one.project: one for one in tx.exemptions.every(ExemptionFilter(), limit=9)}
        assert [one.project for one in tx.exemptions.due(LATER - timedelta(days=30), limit=9)] == ["later"]
        assert tx.exemptions.due(LATER - timedelta(days=31), limit=9) == []
    assert found.keys() == {"later", "soon", "silent"}
    later, soon, silent = found["later"], found["soon"], found["silent"]
    assert (later.until, later.reason, later.by, later.at) == (LATER, "Too large.", "root", AT)
    assert later.due_on == LATER - timedelta(days=30)
    assert (soon.until, soon.standing, soon.reason) == (None, Standing.ENDLESS, "For a while.")
    assert (silent.until, silent.standing, silent.reason, silent.by) == (None, Standing.ENDLESS, "", "")
