"""What strangers get of a project by every way there is: both simple pages, PyPI's JSON, and the addresses of files."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from tests.support.fake_tables import Tables
from tests.support.hot_reads import PUBLISHED, DictReads
from tests.support.world import Fakes

from homeport.api.answers import Answer
from homeport.api.files import Files
from homeport.domain.account import Caller
from homeport.domain.digests import Sha256
from homeport.domain.errors import NotFound
from homeport.domain.freeze import frozen_reason
from homeport.domain.project import Project, ProjectStatus
from homeport.domain.release import HostedFile
from homeport.flows.release_pages import latest_release
from homeport.formats.pypi_json import PypiJson
from homeport.ports.reads import StoredFile, StoredFrozen, StoredMetadata

_ANCHOR = re.compile('<a href="([^"]*)"[^>]*>([^<]*)</a>')
_OURS = re.compile(r".*/files/([0-9a-f]{64})/([^/#]+)(?:#.*)?")
_PYPIS = re.compile(r".*/packages/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{60})/([^/#]+)")


@dataclass(frozen=True)
class Page:
    """A page as a stranger reads it: files of this index by name, with their sha256, and every address elsewhere."""

    files: Mapping[str, str]
    elsewhere: Mapping[str, str]


def html_page(fakes: Fakes, name: str) -> Page:
    """``/simple/<name>/`` as browsers and old installers get it."""
    body = fakes.store.committed.pages[name, "html"].bodies["identity"].decode()
    return _page((unescape(text), unescape(url)) for url, text in _ANCHOR.findall(body))


def json_page(fakes: Fakes, name: str) -> Page:
    """The same as new installers get it."""
    told = json.loads(fakes.store.committed.pages[name, "json"].bodies["identity"])
    for file in told["files"]:
        if (ours := _OURS.fullmatch(file["url"])) and ours[1] != file["hashes"]["sha256"]:
            raise AssertionError(
                f"{file['filename']} is told to be {file['hashes']}, its address says {ours[1]}"
            )
    return _page((file["filename"], file["url"]) for file in told["files"])


def _page(links: Iterable[tuple[str, str]]) -> Page:
    files, elsewhere = dict[str, str](), dict[str, str]()
    for text, url in links:
        if ours := _OURS.fullmatch(url):
            files[ours[2]] = ours[1]
        else:
            elsewhere[text] = url.partition("#")[0]
    return Page(files, elsewhere)


def pypi_json(fakes: Fakes, name: str) -> Mapping[str, str] | None:
    """The files in ``/pypi/<name>/json``, ``None`` when there is no such document."""
    try:
        page = latest_release(fakes.world, _nobody, name)
    except NotFound:
        return None
    told = json.loads(PypiJson(fakes.world.base_url).project(page))
    found = [_PYPIS.fullmatch(file["url"]) for file in _every_file(told)]
    return {one[4]: "".join(one.groups()[:3]) for one in found if one}


def _every_file(told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from told["urls"]
    for files in told["releases"].values():
        yield from files


def _nobody() -> Caller:
    raise AssertionError("nobody is asked who they are for what everybody may read")


@dataclass
class StoreReads(DictReads):
    """``ports.reads.HotReads`` for files over the tables of a fake store, by the conditions of the real statements."""

    def __init__(self, tables: Tables, paths: Mapping[str, Path]) -> None:
        super().__init__()
        self._tables = tables
        self._paths = paths

    def file(self, sha256: str, filename: str) -> StoredFile | None:
        """See the port."""
        found = self._found(sha256, filename, is_frozen=False)
        if found is None:
            return None
        project, file = found
        name = project.name.normalized
        return StoredFile(self._paths.get(sha256), file.size_bytes, PUBLISHED, name, project.is_private)

    def metadata_file(self, sha256: str, filename: str) -> StoredMetadata | None:
        """See the port."""
        found = self._found(sha256, filename, is_frozen=False)
        body = self._tables.metadata_files.get((found[0].id, filename)) if found else None
        if found is None or body is None:
            return None
        return StoredMetadata(body, found[0].name.normalized, found[0].is_private)

    def frozen(self, sha256: str, filename: str) -> StoredFrozen | None:
        """See the port."""
        found = self._found(sha256, filename, is_frozen=True)
        if found is None:
            return None
        project, file = found
        live = [one for of, one in self._tables.freezes.values() if of == project.id and one.is_live]
        reason = frozen_reason(live, file.version, filename) or frozen_reason(live, file.version)
        status = self._tables.policies[-1].policy.frozen_status if self._tables.policies else 404
        return StoredFrozen(reason, status, project.name.normalized, project.is_private)  # type: ignore[arg-type]

    def _found(self, sha256: str, filename: str, *, is_frozen: bool) -> tuple[Project, HostedFile] | None:
        for (project_id, name), file in self._tables.files.items():
            project = self._tables.projects[project_id]
            if (name, file.digests.sha256.hex, file.is_frozen) == (
                filename,
                sha256,
                is_frozen,
            ) and project.status is not ProjectStatus.QUARANTINED:
                return project, file
        return None


class FileReader:
    """Asks for files as a client does; the bytes of each are laid into the folder of the fake blobs once."""

    def __init__(self, fakes: Fakes) -> None:
        self._fakes = fakes
        self._paths: dict[str, Path] = {}

    def ask(self, sha256: str, filename: str) -> Answer:
        """The answer to ``GET /files/<sha256>/<filename>``."""
        if sha256 not in self._paths and (shown := self._fakes.blobs.path(Sha256.parse(sha256))):
            self._paths[sha256] = shown
        files = Files(StoreReads(self._fakes.store.committed, self._paths), _missing)
        path = f"/files/{sha256}/{filename}"
        answer = files.answer({"type": "http", "method": "GET", "path": path, "headers": []})
        if answer is None:
            raise AssertionError("the bytes are not in the local folder")
        return answer


def _missing(sha256: str, filename: str) -> None:
    raise AssertionError(f"I-02: the bytes of {filename}, {sha256}, are missing")
