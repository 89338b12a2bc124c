"""How requests to remove files are told to programs."""

from collections.abc import Iterable, Iterator
from typing import Any

from homeport.domain.removal_request import RemovalRequest
from homeport.formats.csv_lines import csv_lines
from homeport.formats.management_json import moment

REMOVAL_COLUMNS = (
    "id",
    "project",
    "rehost",
    "files",
    "reason",
    "asked_by",
    "asked",
    "answer",
    "answered_by",
    "answered",
    "answer_reason",
)


def removal_json(request: RemovalRequest) -> dict[str, Any]:
    """A request, and its answer once there is one."""
    return {
        "id": request.id,
        "project": request.project,
        "rehost": request.rehost_id,
        "files": list(request.filenames),
        "reason": request.reason,
        "asked_by": request.asked_by,
        "asked": moment(request.asked_at),
        "answer": request.answer.value if request.answer else None,
        "answered_by": request.answered_by or None,
        "answered": moment(request.answered_at) if request.answered_at else None,
        "answer_reason": request.answer_reason or None,
    }


def removals_csv(pieces: Iterable[Iterable[RemovalRequest]]) -> Iterator[str]:
    """Requests, a line each, below the names of the columns (RFC 4180); piece by piece."""
    return csv_lines(REMOVAL_COLUMNS, (map(removal_json, piece) for piece in pieces))
