"""Upload 2.0 (PEP 694, a draft) as JSON, written: sessions, their files, and what is wrong.

Clients build no address themselves: every one they need is among the ``links``.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from homeport.domain.staged_claim import HTTP_POST_BYTES
from homeport.domain.staging import Stage, StagedFile

MEDIA_TYPE = "application/vnd.pypi.upload.v2+json"
API_VERSION = "2.0"
ROOT = "/upload/2.0/"
_META = {"api-version": API_VERSION}


def session_url(base_url: str, stage: Stage) -> str:
    """The address of a session."""
    return f"{base_url}{ROOT}{stage.key}"


def file_session_url(base_url: str, stage: Stage, file: StagedFile) -> str:
    """The address of a file's own session."""
    return f"{session_url(base_url, stage)}/files/{file.id}"


def session_json(base_url: str, stage: Stage, files: Iterable[StagedFile]) -> dict[str, Any]:
    """A publishing session; one that has ended links to nothing but itself."""
    session = session_url(base_url, stage)
    links = {"session": session}
    if not stage.has_ended:
        links |= {
            "upload": f"{session}/files",
            "publish": f"{session}/publish",
            "extend": f"{session}/extend",
            "stage": f"{base_url}/stage/{stage.secret}/simple/",
        }
    document: dict[str, Any] = {
        "meta": _META,
        "links": links,
        "mechanisms": [HTTP_POST_BYTES],
        "expires-at": _moment(stage.expires_at),
        "status": stage.state.value,
        "files": {file.claim.file.filename: _listed(base_url, stage, file) for file in files},
    }
    if not stage.has_ended:
        document["session-token"] = stage.secret
    if stage.problems:
        document["notices"] = list(stage.problems)
    return document


def _listed(base_url: str, stage: Stage, file: StagedFile) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "status": file.state.value,
        "link": file_session_url(base_url, stage, file),
    }
    return entry | ({"notices": list(file.notices)} if file.notices else {})


def file_session_json(base_url: str, stage: Stage, file: StagedFile) -> dict[str, Any]:
    """A file upload session."""
    own = file_session_url(base_url, stage, file)
    document: dict[str, Any] = {
        "meta": _META,
        "links": {
            "publishing-session": session_url(base_url, stage),
            "file-upload-session": own,
            "complete": f"{own}/complete",
        },
        "status": file.state.value,
        # A file's session ends with the release's.
        "expires-at": _moment(stage.expires_at),
        "mechanism": {
            "identifier": HTTP_POST_BYTES,
            "file_url": f"{own}/bytes",
            "attestations_url": f"{own}/attestations",
        },
    }
    return document | ({"notices": list(file.notices)} if file.notices else {})


def upload_problem_json(
    status: int, title: str, sentence: str, code: str, problems: Sequence[str]
) -> dict[str, Any]:
    """A refusal as RFC 9457 has it, with what the draft adds."""
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": sentence,
        # The draft's own example spells it so; clients of today read the RFC's spelling.
        "details": sentence,
        "code": code,
        "meta": _META,
        "errors": [{"source": code, "message": problem} for problem in problems or (sentence,)],
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
