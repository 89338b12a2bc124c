"""Exemptions and the hosting log for programs and spreadsheets."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime

from homeport.domain.exemption import Exemption
from homeport.domain.hosting import HostingMode, Mover
from homeport.domain.hosting_log import Event, HostingLine
from homeport.formats.exemption_json import (
    EXEMPTION_COLUMNS,
    exemption_json,
    exemptions_csv,
    hosting_log_json,
    live_json,
)

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
GIVEN = Exemption(3, 1, "demo", "=SUM(A1) ada@example.org", date(2026, 12, 31), "root", NOW)
ENDED = replace(GIVEN, id=2, reason="", until=None, by="", ended_at=NOW, ended_by=Mover.ADMIN)


def test_for_administrators() -> None:
    """Everything that is known, and null for what is not."""
    assert exemption_json(GIVEN) == {
        "id": 3,
        "project": "demo",
        "standing": "dated",
        "until": "2026-12-31",
        "reason": "=SUM(A1) ada@example.org",
        "by": "root",
        "since": "2026-03-04T05:06:07Z",
        "ended": None,
        "ended_by": None,
    }
    told = exemption_json(ENDED)
    assert (told["until"], told["reason"], told["by"]) == (None, None, None)
    assert (told["standing"], told["ended"], told["ended_by"]) == (
        "ended",
        "2026-03-04T05:06:07Z",
        "administrator",
    )


def test_for_readers_of_the_project() -> None:
    """Until when and why, without names and addresses; null when there is none."""
    assert live_json(None) is None
    assert live_json(GIVEN) == {
        "until": "2026-12-31",
        "reason": "=SUM(A1) (address)",
        "since": "2026-03-04T05:06:07Z",
    }
    assert live_json(replace(GIVEN, until=None, reason="")) == {
        "until": None,
        "reason": None,
        "since": "2026-03-04T05:06:07Z",
    }


def test_as_a_table() -> None:
    """A line for each below the columns; no cell is a formula."""
    rows = list(csv.reader("".join(exemptions_csv([[GIVEN], [ENDED]])).splitlines()))
    assert tuple(rows[0]) == EXEMPTION_COLUMNS
    assert rows[1][:5] == ["3", "demo", "dated", "2026-12-31", "'=SUM(A1) ada@example.org"]
    assert rows[2][3:6] == ["", "", ""]


def test_the_log() -> None:
    """Lines with roles instead of names, and where to go on."""
    given = HostingLine(
        9,
        NOW,
        "demo",
        Event.EXEMPTION_GIVEN,
        HostingMode.ONLY,
        HostingMode.EXT,
        Mover.ADMIN,
        "Ask ada@example.org",
        date(2026, 12, 31),
    )
    moved = HostingLine(8, NOW, "demo", Event.MOVED, HostingMode.CACHE, HostingMode.ONLY, Mover.OWNER)
    told = hosting_log_json([given, moved], 8)
    assert told["before"] == 8
    assert told["changes"][0] == {
        "serial": 9,
        "at": "2026-03-04T05:06:07Z",
        "project": "demo",
        "event": "exemption-given",
        "from": "pypi-only",
        "to": "pypi-ext",
        "by": "administrator",
        "reason": "Ask (address)",
        "until": "2026-12-31",
    }
    assert (told["changes"][1]["reason"], told["changes"][1]["until"]) == (None, None)
    assert hosting_log_json([], 0) == {"changes": [], "before": None}
