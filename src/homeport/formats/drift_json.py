"""How the places that files came from are told to programs: one shape for the API, files to keep, and ``--json``."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from homeport.domain.drift import DriftEvent, Watch
from homeport.domain.manners import Frozen
from homeport.formats.csv_lines import csv_lines
from homeport.formats.management_json import moment

EVENT_COLUMNS = (
    "id",
    "at",
    "project",
    "host",
    "sign",
    "consequence",
    "filename",
    "url",
    "seen",
    "sentence",
)


def watch_json(watch: Watch, frozen: Mapping[str, Frozen]) -> dict[str, Any]:
    """The source of a file, and how it fares."""
    return {
        "filename": watch.filename,
        "sha256": watch.sha256.hex,
        "url": watch.url,
        "host": watch.host,
        "state": watch.state.value,
        "since": moment(watch.since) if watch.since else None,
        "seen": watch.seen or None,
        "problem": watch.problem or None,
        "looked_at": moment(watch.looked_at) if watch.looked_at else None,
        "due_at": moment(watch.due_at),
        "host_frozen": frozen[watch.host].reason if watch.host in frozen else None,
    }


def event_json(event: DriftEvent) -> dict[str, Any]:
    """What was told of a source."""
    return {
        "id": event.id,
        "at": moment(event.at),
        "project": event.project,
        "host": event.host,
        "sign": event.sign.value,
        "consequence": event.consequence.value,
        "filename": event.filename or None,
        "url": event.url,
        "seen": event.what,
        "sentence": event.sentence,
    }


def drift_json(
    project: str, watches: Iterable[Watch], events: Iterable[DriftEvent], frozen: Mapping[str, Frozen]
) -> dict[str, Any]:
    """The sources of a project's files, and what was told of them, newest first."""
    return {
        "project": project,
        "sources": [watch_json(watch, frozen) for watch in watches],
        "events": [event_json(event) for event in events],
    }


def events_csv(events: Iterable[DriftEvent]) -> Iterator[str]:
    """Events, a line each, below the names of the columns (RFC 4180)."""
    return csv_lines(EVENT_COLUMNS, ([event_json(event)] for event in events))
