"""How sources and events are told to programs and spreadsheets."""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

from homeport.domain.digests import Sha256
from homeport.domain.drift import Consequence, DriftEvent, Sign, State, Watch
from homeport.domain.manners import Frozen
from homeport.domain.source import SourceKind
from homeport.formats.drift_json import EVENT_COLUMNS, drift_json, event_json, events_csv, watch_json

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
MOMENT = "2026-03-04T05:06:07Z"
WATCH = Watch(
    project_id=1,
    project="demo",
    filename="demo-1.0.tar.gz",
    url="https://site.test/demo-1.0.tar.gz",
    host="site.test",
    source=SourceKind.INDEX,
    sha256=Sha256("a" * 64),
    size_bytes=4,
    agreed_at=NOW,
    due_at=NOW,
    read_at=NOW,
)
EVENT = DriftEvent(
    7,
    "demo",
    "",
    "https://site.test/",
    "site.test",
    Sign.NEW_TLS,
    "key",
    "It is new.",
    Consequence.FREEZE,
    NOW,
)


def test_a_source() -> None:
    """What is not known is null; a frozen host says why."""
    told = watch_json(WATCH, {})
    assert told == {
        "filename": "demo-1.0.tar.gz",
        "sha256": "a" * 64,
        "url": WATCH.url,
        "host": "site.test",
        "state": "new",
        "since": None,
        "seen": None,
        "problem": None,
        "looked_at": None,
        "due_at": MOMENT,
        "host_frozen": None,
    }
    gone = replace(WATCH, state=State.GONE, since=NOW, looked_at=NOW, problem="404", seen="x")
    assert watch_json(gone, {"site.test": Frozen(NOW, "drift", "It is bad.")}) == told | {
        "state": "gone",
        "since": MOMENT,
        "looked_at": MOMENT,
        "problem": "404",
        "seen": "x",
        "host_frozen": "It is bad.",
    }


def test_a_project() -> None:
    """Its sources, and what was told of them."""
    assert drift_json("demo", [WATCH], [EVENT], {}) == {
        "project": "demo",
        "sources": [watch_json(WATCH, {})],
        "events": [event_json(EVENT)],
    }


def test_events_in_a_spreadsheet() -> None:
    """A line each; what is null is empty, and nothing from outside is a formula."""
    formulas = [replace(EVENT, sentence=f"{first}1+1") for first in "=+-@\t\r"]
    rows = list(csv.DictReader(StringIO("".join(events_csv([EVENT, *formulas])), newline="")))
    assert tuple(rows[0]) == EVENT_COLUMNS
    assert rows[0] == {name: str(value or "") for name, value in event_json(EVENT).items()}
    assert all(row["sentence"].startswith("'") for row in rows[1:])
