"""What strangers get of a project by every way there is: both simple pages, PyPI's JSON, and the addresses of files."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from tests.support.store_reads import StoreReads
from tests.support.world import Fakes

from homeport.api.answers import Answer
from homeport.api.files import Files
from homeport.domain.account import Caller
from homeport.domain.digests import Sha256
from homeport.domain.errors import NotFound, Unauthenticated
from homeport.flows.release_pages import latest_release
from homeport.formats.pypi_json import PypiJson

_ANCHOR = re.compile('<a href="([^"]*)"[^>]*>([^<]*)</a>')
_OURS = re.compile(r".*/files/([0-9a-f]{64})/([^/#]+)(?:#.*)?")
_PYPIS = re.compile(r".*/packages/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{60})/([^/#]+)")


@dataclass(frozen=True)
class Page:
    """A page as a stranger reads it: files of this index by name, with their sha256, and every address elsewhere.

    ``hashed`` are the names elsewhere whose digest is told in the address.
    """

    files: Mapping[str, str]
    elsewhere: Mapping[str, str]
    hashed: frozenset[str]


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
    files, elsewhere, hashed = dict[str, str](), dict[str, str](), set[str]()
    for text, url in links:
        if ours := _OURS.fullmatch(url):
            files[ours[2]] = ours[1]
        else:
            elsewhere[text], _, fragment = url.partition("#")
            hashed |= {text} if fragment.startswith("sha256=") else set()
    return Page(files, elsewhere, frozenset(hashed))


def pypi_json(fakes: Fakes, name: str) -> Mapping[str, str] | None:
    """The files in ``/pypi/<name>/json``, ``None`` when there is no such document."""
    try:
        page = latest_release(fakes.world, _nobody, name)
    except (NotFound, Unauthenticated):
        return None
    told = json.loads(PypiJson(fakes.world.base_url).project(page))
    found = [_PYPIS.fullmatch(file["url"]) for file in _every_file(told)]
    return {one[4]: "".join(one.groups()[:3]) for one in found if one}


def _every_file(told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from told["urls"]
    for files in told["releases"].values():
        yield from files


def _nobody() -> Caller:
    raise Unauthenticated("Nobody signed in.", code="credentials-missing")


class FileReader:
    """Asks for files as a client does; bytes are laid into the folder of the fake blobs when they are others than before."""

    def __init__(self, fakes: Fakes) -> None:
        self._fakes = fakes
        self._paths: dict[str, Path] = {}
        self._laid: dict[str, bytes] = {}

    def ask(self, sha256: str, filename: str) -> Answer:
        """The answer to ``GET /files/<sha256>/<filename>``."""
        blobs, digest = self._fakes.blobs, Sha256.parse(sha256)
        stored = blobs.kept.get(digest)
        if stored is not None and stored is not self._laid.get(sha256) and (laid := blobs.path(digest)):
            self._paths[sha256], self._laid[sha256] = laid, stored
        files = Files(StoreReads(self._fakes.store.committed, self._paths), _missing)
        path = f"/files/{sha256}/{filename}"
        answer = files.answer({"type": "http", "method": "GET", "path": path, "headers": []})
        if answer is None:
            raise AssertionError("the bytes are not in the local folder")
        return answer


def _missing(sha256: str, filename: str) -> None:
    raise AssertionError(f"I-02: the bytes of {filename}, {sha256}, are missing")
