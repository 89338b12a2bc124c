"""``HotReads`` over dictionaries, and files in a folder of the test."""

import gzip
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from starlette.types import ASGIApp
from tests.support.asgi import teapot

from homeport.api.files import OnMissing
from homeport.api.hot import OnAccident, hot_paths
from homeport.api.reading import Readers, SignIn
from homeport.api.token_uses import NoteUse, TokenUses
from homeport.domain.account import Caller, Token
from homeport.domain.errors import Unauthenticated
from homeport.domain.project import Role
from homeport.domain.throttle import Proxies
from homeport.formats.accept import Form
from homeport.formats.codings import CODINGS, Coding, encoded
from homeport.ports.reads import StoredFile, StoredFrozen, StoredMetadata, StoredPage

PUBLISHED = "Wed, 04 Mar 2026 05:06:07 GMT"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
_CHUNK_BYTES = 10


@dataclass(frozen=True)
class BytesList:
    """``ports.reads.StoredList`` in memory, in small chunks."""

    body: bytes
    serial: int

    def length(self, coding: Coding) -> int:
        """See the port."""
        return len(self._in(coding))

    def chunks(self, coding: Coding) -> Iterator[bytes]:
        """See the port."""
        body = self._in(coding)
        return (body[at : at + _CHUNK_BYTES] for at in range(0, len(body), _CHUNK_BYTES))

    def _in(self, coding: Coding) -> bytes:
        if coding == "zstd":
            raise AssertionError("the list is kept in gzip alone")
        return gzip.compress(self.body, mtime=0) if coding == "gzip" else self.body


@dataclass
class DictReads:
    """The read port without a database: every ``add`` commits.

    ``callers`` are by the digest of their token, with the time it ends.
    """

    pages: dict[tuple[str, Form, Coding], StoredPage] = field(default_factory=dict)
    lists: dict[Form, BytesList] = field(default_factory=dict)
    files: dict[tuple[str, str], StoredFile] = field(default_factory=dict)
    metadata: dict[tuple[str, str], StoredMetadata] = field(default_factory=dict)
    origins: dict[tuple[str, str], StoredMetadata] = field(default_factory=dict)
    frozen_files: dict[tuple[str, str], StoredFrozen] = field(default_factory=dict)
    callers: dict[str, tuple[Caller, datetime | None]] = field(default_factory=dict)
    roles: dict[tuple[int, str], Role] = field(default_factory=dict)
    commits: int = 0

    def stamp(self) -> object:
        """See the port."""
        return self.commits

    def page(self, normalized: str, form: Form, coding: Coding) -> StoredPage | None:
        """See the port."""
        return self.pages.get((normalized, form, coding))

    def serial(self) -> int:
        """See the port."""
        return self.lists["json"].serial

    def project_list(self, form: Form) -> BytesList:
        """See the port."""
        return self.lists[form]

    def file(self, sha256: str, filename: str) -> StoredFile | None:
        """See the port."""
        return self.files.get((sha256, filename))

    def metadata_file(self, sha256: str, filename: str) -> StoredMetadata | None:
        """See the port."""
        return self.metadata.get((sha256, filename))

    def origin_record(self, sha256: str, filename: str) -> StoredMetadata | None:
        """See the port."""
        return self.origins.get((sha256, filename))

    def frozen(self, sha256: str, filename: str) -> StoredFrozen | None:
        """See the port."""
        return self.frozen_files.get((sha256, filename))

    def caller(self, token_sha256: str, at: datetime) -> Caller | None:
        """See the port."""
        caller, ends = self.callers.get(token_sha256, (None, None))
        return caller if ends is None or ends > at else None

    def role(self, user_id: int, normalized: str) -> Role | None:
        """See the port."""
        return self.roles.get((user_id, normalized))

    def add_list(self, json: bytes, html: bytes, serial: int = 1) -> None:
        """Show the list of projects."""
        self.commits += 1
        self.lists = {"json": BytesList(json, serial), "html": BytesList(html, serial)}

    def add_project(
        self, name: str, json: bytes, html: bytes, serial: int = 1, *, is_private: bool = False
    ) -> None:
        """Show a project's pages."""
        self.commits += 1
        bodies: tuple[tuple[Form, bytes], ...] = (("json", json), ("html", html))
        for form, body in bodies:
            etag = hashlib.sha256(body).hexdigest()[:32]
            for coding in CODINGS:
                page = StoredPage(encoded(body, coding), etag, serial, is_private)
                self.pages[name, form, coding] = page

    def add_file(self, path: Path, filename: str, *, project: str = "demo", is_private: bool = False) -> str:
        """List the file at ``path`` under ``filename``; its sha256 is returned."""
        self.commits += 1
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        self.files[sha256, filename] = StoredFile(path, len(content), PUBLISHED, project, is_private)
        return sha256


def nobody_signs_in(name: str, password: str, address: str) -> Caller:
    """An index without accounts."""
    raise Unauthenticated("The user name or password is not known here.", code="credentials-wrong")


def uses_are_not_noted(token: Token) -> None:
    """An index where nobody asks when a token was used."""


def nothing_is_missing(sha256: str, filename: str) -> None:
    """An index whose bytes are all there."""
    raise AssertionError(f"{sha256} {filename} is missing")


def nothing_happens(error: Exception, path: str) -> str:
    """An index where nothing goes wrong."""
    raise AssertionError(f"{path} failed") from error


def hot_app(
    reads: DictReads,
    *,
    sign_in: SignIn = nobody_signs_in,
    must_sign_in: bool = False,
    proxies: Proxies = (),
    rest: ASGIApp = teapot,
    note_use: NoteUse = uses_are_not_noted,
    now: Callable[[], datetime] = lambda: NOW,
    on_missing: OnMissing = nothing_is_missing,
    on_accident: OnAccident = nothing_happens,
) -> ASGIApp:
    """The hot paths over ``reads``; the index is public unless ``must_sign_in``."""
    readers = Readers(reads, lambda: NOW, sign_in, must_sign_in=must_sign_in, proxies=proxies)
    return hot_paths(reads, rest, readers, TokenUses(note_use, now), on_missing, on_accident)
