"""How exemptions and the hosting log are told to programs: one shape for the API, files to keep, and ``--json``."""

from collections.abc import Iterable, Iterator
from typing import Any

from homeport.domain.exemption import Exemption
from homeport.domain.hosting_log import WHO, HostingLine
from homeport.formats.csv_lines import csv_lines
from homeport.formats.management_json import moment

EXEMPTION_COLUMNS = (
    "id",
    "project",
    "standing",
    "until",
    "reason",
    "by",
    "since",
    "ended",
    "ended_by",
)
LINE_COLUMNS = ("serial", "at", "project", "event", "from", "to", "by", "reason", "until")


def exemption_json(exemption: Exemption) -> dict[str, Any]:
    """An exemption as administrators are told it."""
    return {
        "id": exemption.id,
        "project": exemption.project,
        "standing": exemption.standing.value,
        "until": exemption.until.isoformat() if exemption.until else None,
        "reason": exemption.reason or None,
        "by": exemption.by or None,
        "since": moment(exemption.at),
        "ended": moment(exemption.ended_at) if exemption.ended_at else None,
        "ended_by": WHO[exemption.ended_by] if exemption.ended_by else None,
    }


def live_json(exemption: Exemption | None) -> dict[str, Any] | None:
    """The exemption of a project as everybody who reads the project is told it."""
    if exemption is None:
        return None
    return {
        "until": exemption.until.isoformat() if exemption.until else None,
        "reason": exemption.public_reason or None,
        "since": moment(exemption.at),
    }


def exemptions_csv(pieces: Iterable[Iterable[Exemption]]) -> Iterator[str]:
    """Exemptions, a line each, below the names of the columns (RFC 4180); piece by piece."""
    return csv_lines(EXEMPTION_COLUMNS, (map(exemption_json, piece) for piece in pieces))


def hosting_log_json(lines: Iterable[HostingLine], before: int) -> dict[str, Any]:
    """A part of the hosting log; ``before`` asks for what follows, and is null at its end."""
    return {"changes": [hosting_line_json(line) for line in lines], "before": before or None}


def hosting_lines_csv(pieces: Iterable[Iterable[HostingLine]]) -> Iterator[str]:
    """Lines of the hosting log, piece by piece."""
    return csv_lines(LINE_COLUMNS, (map(hosting_line_json, piece) for piece in pieces))


def hosting_line_json(line: HostingLine) -> dict[str, Any]:
    """One line of the hosting log."""
    return {
        "serial": line.serial,
        "at": moment(line.at),
        "project": line.project,
        "event": line.event.value,
        "from": line.source.value,
        "to": line.target.value,
        "by": line.who,
        "reason": line.public_reason or None,
        "until": line.until.isoformat() if line.until else None,
    }
