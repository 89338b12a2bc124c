"""What is asked of every server, and which answer is the right one.

1. A page is asked for as installers do (JSON or HTML, gzip welcome), and as it is without compression.
2. An answer is right when it lists every file; a server that has no such answer is left out of that case.
"""

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from tools.bench.corpus import LARGE, METADATA, PAGES, page
from tools.bench.processes import Server

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
ROOT = ""
PLAIN_FILES = ""
KEY_FILES = 50

_OK = 200
_NOT_MODIFIED = 304


class Form(StrEnum):
    """What is asked for."""

    HTML = "HTML"
    JSON = "JSON"
    METADATA = "metadata"
    FILE = "file"


class NotOffered(Exception):  # noqa: N818 - nothing went wrong
    """The server has no such answer; the text says what it has instead."""


@dataclass(frozen=True)
class Case:
    """One request, by so many connections at once; ``entries`` is how much the page lists."""

    what: str
    form: Form
    project: str
    connections: int
    entries: int = 0
    is_gzip: bool = False
    is_conditional: bool = False
    is_key: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The header fields of the request."""
        accepted = {Form.JSON: JSON_TYPE, Form.HTML: "text/html"}.get(self.form, "*/*")
        return {"Accept": accepted, **({"Accept-Encoding": "gzip, deflate"} if self.is_gzip else {})}

    @property
    def title(self) -> str:
        """The case without its connections."""
        how = ", gzip" * self.is_gzip
        if self.is_conditional:
            return f"{self.what}, unchanged (304)"
        return f"{self.what}, {self.form}{how}" if self.is_page else self.what

    @property
    def is_page(self) -> bool:
        """True for what installers read to choose a file."""
        return self.form in {Form.HTML, Form.JSON}


@dataclass(frozen=True)
class Request:
    """A case as it is put to one server."""

    path: str
    headers: Mapping[str, str]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs).get("href") or "")


def cases(projects: int, *, is_quick: bool) -> list[Case]:
    """Everything that is measured with wrk; fewer cases in a quick run."""
    found = [case for files in PAGES for case in _page_cases(files)]
    found += [
        Case(f"list of {projects:,} projects", form, ROOT, connections, projects, is_gzip=True)
        for form in (Form.JSON, Form.HTML)
        for connections in (1, 32)
    ]
    found += [Case("metadata file of 1 KB", Form.METADATA, METADATA, count) for count in (1, 32)]
    found.append(Case("file of 50 MB", Form.FILE, LARGE, 1, is_key=True))
    if is_quick:
        found = [case for case in found if case.is_key or (case.connections > 1 and not case.is_page)]
    return found


def _page_cases(files: int) -> list[Case]:
    what = f"page of {files:,} file{'s' * (files > 1)}"
    is_key = files == KEY_FILES
    codings = (True, False) if is_key else (True,)
    found = []
    for connections in (1, 32):
        many = connections > 1
        found += [
            Case(what, form, page(files), connections, files, is_gzip=is_gzip, is_key=is_key and many)
            for form in (Form.JSON, Form.HTML)
            for is_gzip in codings
        ]
        found.append(
            Case(
                what,
                Form.JSON,
                page(files),
                connections,
                files,
                is_gzip=True,
                is_conditional=True,
                is_key=is_key and many,
            )
        )
    return found


def request_for(case: Case, server: Server) -> Request:
    """The case as this server is asked for it, after its answer was looked at; ``NotOffered`` when it has none."""
    request = Request(_path(case, server), case.headers)
    status, fields, body = server.ask(request.path, request.headers)
    if status != _OK:
        raise NotOffered(f"answers {status}")
    if not case.is_page:
        return request
    kind = fields.get("Content-Type", "").partition(";")[0]
    if (kind == JSON_TYPE) != (case.form is Form.JSON):
        raise NotOffered(f"no {case.form}")
    listed = len(links(kind, decoded(fields.get("Content-Encoding", ""), body)))
    if listed != case.entries:
        raise NotOffered(f"lists {listed} of {case.entries}")
    return _conditional(request, server, fields.get("ETag")) if case.is_conditional else request


def _conditional(request: Request, server: Server, etag: str | None) -> Request:
    if etag is None:
        raise NotOffered("sends no ETag")
    again = Request(request.path, {**request.headers, "If-None-Match": etag})
    status, _, _ = server.ask(again.path, again.headers)
    if status != _NOT_MODIFIED:
        raise NotOffered("sends the whole page again")
    return again


def _path(case: Case, server: Server) -> str:
    """Where the server has it; a file is where its project's page says."""
    if server.simple == PLAIN_FILES:
        return plain_path(case)
    address = f"{server.simple}{case.project}/" if case.project else server.simple
    if case.is_page:
        return address
    status, fields, body = server.ask(address, {"Accept": "text/html"})
    found = links(fields.get("Content-Type", "").partition(";")[0], body)
    if status != _OK or len(found) != 1:
        raise NotOffered(f"answers {status} with {len(found)} files")
    address = urlsplit(urljoin(f"http://127.0.0.1:{server.port}{address}", found[0])).path
    return f"{address}.metadata" if case.form is Form.METADATA else address


def plain_path(case: Case) -> str:
    """Where the bytes lie for a server that knows nothing of indexes."""
    return f"/{case.project or 'list'}.{case.form.lower()}"


def links(kind: str, body: bytes) -> list[str]:
    """The addresses of the files, or the names of the projects, that a page lists."""
    if kind != JSON_TYPE:
        parser = _Links()
        parser.feed(body.decode())
        return parser.found
    told = json.loads(body)
    return (
        [file["url"] for file in told["files"]] if "files" in told else [p["name"] for p in told["projects"]]
    )


def decoded(coding: str, body: bytes) -> bytes:
    """The body without its content coding."""
    if coding == "gzip":
        return gzip.decompress(body)
    return zlib.decompress(body) if coding == "deflate" else body
