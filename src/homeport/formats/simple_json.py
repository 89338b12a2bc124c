"""The JSON index (living spec "Simple repository API", version 1.4), written.

1. A key without a value is left out; null is never written, uv refuses the page for it.
2. ``size`` is mandatory (PEP 700): an external link of unknown size or hash is left out (standards D.7).
3. Keys that no spec names begin with ``_``.
4. All text is written with JSON's own escapes, so the bytes are ASCII.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from homeport.domain.index_page import ListedProject, ProjectPage, file_url
from homeport.domain.project import ProjectStatus
from homeport.domain.release import ExternalLink, HostedFile

# The HTML index has a constant of its own: it stays at 1.4 whatever becomes of this one (PEP 833).
JSON_API_VERSION = "1.4"

LIST_JOINT_JSON = b","
LIST_CLOSING_JSON = b"]}"


def project_page_json(page: ProjectPage) -> bytes:
    """``/simple/<name>/`` as JSON; equal pages give equal bytes."""
    document: dict[str, Any] = {
        "meta": _meta(page.serial),
        "name": page.name,
        "versions": page.shown_versions,
        "files": [
            *(_hosted(file, page.root) for file in page.shown_files),
            *(entry for link in page.shown_external if (entry := _external(link)) is not None),
        ],
    }
    if page.status is not ProjectStatus.ACTIVE:
        document["project-status"] = {"status": page.status.value} | (
            {"reason": page.status_reason} if page.status_reason else {}
        )
    return _written(document)


def list_opening_json(serial: int) -> bytes:
    """What ``/simple/`` as JSON begins with; entries follow, joined by ``LIST_JOINT_JSON``."""
    return _written({"meta": _meta(serial), "projects": []}).removesuffix(LIST_CLOSING_JSON)


def list_entries_json(listed: Iterable[ListedProject]) -> bytes:
    """The entries of some projects, in their order, as they stand between opening and closing."""
    entries = ({"_last-serial": project.serial, "name": project.name} for project in listed)
    return LIST_JOINT_JSON.join(map(_written, entries))


def _meta(serial: int) -> dict[str, Any]:
    return {"api-version": JSON_API_VERSION, "_last-serial": serial}


def _hosted(file: HostedFile, root: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "filename": file.filename,
        "url": file_url(file, root),
        "hashes": {"sha256": file.digests.sha256.hex},
        "size": file.size_bytes,
        "upload-time": _upload_time(file.published_at),
    }
    if file.requires_python:
        entry["requires-python"] = file.requires_python
    # PEP 714: never "dist-info-metadata" here, pip 22.3 to 23.0 crash on it.
    entry["core-metadata"] = {"sha256": file.metadata_sha256.hex} if file.metadata_sha256 else False
    # PEP 592 knows an empty reason, but pip takes "" for "not yanked" and uv for "yanked".
    entry["yanked"] = False if file.yanked is None else file.yanked or True
    return entry


def _external(link: ExternalLink) -> dict[str, Any] | None:
    if link.size_bytes is None or link.sha256 is None:
        return None
    entry: dict[str, Any] = {
        "filename": link.filename,
        "url": link.url.partition("#")[0],
        "hashes": {"sha256": link.sha256.hex},
        "size": link.size_bytes,
    }
    if link.requires_python:
        entry["requires-python"] = link.requires_python
    return entry


def _upload_time(moment: datetime) -> str:
    # PEP 700: UTC, a "Z", at most six digits of a second.
    return f"{moment.replace(tzinfo=None).isoformat()}Z"


def _written(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode("ascii")
