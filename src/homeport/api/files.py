"""``/files/<sha256>/<filename>``, and beside it the core metadata and the origin record.

1. A URL names one file for ever; its strong ETag is its sha256.
2. Bytes are sent as they are: no coding, no type a browser would run, always as a download (T-21).
3. One range is answered (RFC 9110 §14); several, or what does not parse, get the whole file.
4. A row whose bytes are not there, or not all there, is our failure: 503, and it is told (I-02).
5. A frozen file is answered as the policy says, and nobody keeps that answer: the freeze may end.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

from starlette.types import Scope

from homeport.api.answers import (
    NOSNIFF,
    NOT_FOUND,
    OPEN_TO_ALL,
    Answer,
    FileSlice,
    header_fields,
    text_answer,
)
from homeport.api.caching import FILE_CACHE_CONTROL, is_known_to_client, may_resume
from homeport.api.kept import Kept
from homeport.domain.errors import Invalid
from homeport.domain.freeze import told_frozen
from homeport.domain.names import require_plain_filename
from homeport.formats.byte_range import asked_span
from homeport.ports.reads import HotReads, StoredFile

_SHA256 = re.compile(r"[0-9a-f]{64}")
# Whatever the bytes are, a browser runs nothing of them (T-21).
_INERT = (
    (b"cache-control", FILE_CACHE_CONTROL),
    NOSNIFF,
    (b"content-security-policy", b"sandbox"),
    OPEN_TO_ALL,
)
# Handing a small file to the server's own sending costs more than twice what reading it here does.
_AT_ONCE_BYTES = 64 * 1024

# What one process may keep of which file a URL names.
_MOST_KEPT_BYTES = 4 * 1024 * 1024
_KEPT_FILE_BYTES = 1024

_MISSING = text_answer(503, "The bytes of this file are missing on this server.", cache_control=b"no-store")

OnMissing = Callable[[str, str], None]


class Files:
    """The answers to requests below ``/files``; which file a URL names is kept until anything is committed.

    ``on_missing`` is told the sha256 and the name of a file whose bytes should be there.
    """

    def __init__(self, reads: HotReads, on_missing: OnMissing) -> None:
        self._reads = reads
        self._on_missing = on_missing
        self._kept = Kept[str, StoredFile](reads.stamp, _MOST_KEPT_BYTES)

    def answer(self, scope: Scope) -> Answer | None:
        """The answer, or ``None`` when the bytes are not in the local folder."""
        located = _located(scope["path"])
        if located is None:
            return NOT_FOUND
        sha256, filename = located
        for suffix, told in _BESIDE:
            if filename.endswith(suffix):
                named = filename.removesuffix(suffix)
                return told(self._reads, scope, sha256, named) or self._nothing(sha256, named)
        file = self._kept.get(scope["path"]) or self._look_up(scope["path"], sha256, filename)
        if file is None:
            return self._nothing(sha256, filename)
        if file.path is None:
            return None
        answer = _bytes_answer(file, file.path, scope, sha256, filename)
        if answer is None:
            self._on_missing(sha256, filename)
            return _MISSING._replace(of=file.project, is_private=file.is_private)
        return answer

    def _nothing(self, sha256: str, filename: str) -> Answer:
        """Why there is nothing: a frozen file says so (RFC 7725 wants an explanation), everything else is not there."""
        frozen = self._reads.frozen(sha256, filename)
        if frozen is None:
            return NOT_FOUND
        sentence = told_frozen(filename, frozen.reason)
        answer = text_answer(frozen.status, sentence, cache_control=b"no-store")
        return answer._replace(of=frozen.project, is_private=frozen.is_private)

    def _look_up(self, path: str, sha256: str, filename: str) -> StoredFile | None:
        file = self._reads.file(sha256, filename)
        return self._kept.put(path, file, _KEPT_FILE_BYTES) if file else None


def _located(path: str) -> tuple[str, str] | None:
    """The digest and the name of exactly two plain segments; every trick with dots and slashes ends here (F16)."""
    sha256, _, filename = path.removeprefix("/files/").partition("/")
    if not _SHA256.fullmatch(sha256):
        return None
    try:
        return sha256, require_plain_filename(filename)
    except Invalid:
        return None


def _bytes_answer(file: StoredFile, path: Path, scope: Scope, sha256: str, filename: str) -> Answer | None:
    """``None`` when the bytes are not there, or not all there."""
    etag = b'"%b"' % sha256.encode("ascii")
    last_modified = file.published_at_http.encode("ascii")
    tagged = (*_INERT, (b"etag", etag), (b"last-modified", last_modified), (b"accept-ranges", b"bytes"))
    fields = header_fields(scope)
    if _is_unchanged(fields, etag, last_modified):
        return Answer(304, tagged, b"", file.project, file.is_private)

    size = file.size_bytes
    span = None
    if scope["method"] == "GET" and may_resume(fields.get(b"if-range", b""), etag, last_modified):
        span = asked_span(fields.get(b"range", b""), size)
    if span is not None and not span:
        unsatisfied = text_answer(
            416, f"The file has {size} bytes.", (b"content-range", b"bytes */%d" % size)
        )
        return unsatisfied._replace(of=file.project, is_private=file.is_private)
    sent = range(size) if span is None else span
    headers = (
        *tagged,
        (b"content-type", b"application/octet-stream"),
        (b"content-disposition", b'attachment; filename="%b"' % filename.encode("ascii")),
        (b"content-length", b"%d" % len(sent)),
    )
    body = _body(FileSlice(path, sent.start, len(sent), is_whole=len(sent) == size), size, scope["method"])
    if body is None:
        return None
    if span is None:
        return Answer(200, headers, body, file.project, file.is_private)
    content_range = (b"content-range", b"bytes %d-%d/%d" % (span.start, span.stop - 1, size))
    return Answer(206, (*headers, content_range), body, file.project, file.is_private)


def _body(part: FileSlice, size: int, method: str) -> bytes | FileSlice | None:
    """What is to be sent; ``None`` when the file is not there, or is not the file of that size."""
    try:
        file = os.open(part.path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_size != size:
            return None
        is_small = method == "GET" and part.length <= _AT_ONCE_BYTES
        return os.pread(file, part.length, part.start) if is_small else part
    finally:
        os.close(file)


def _is_unchanged(fields: dict[bytes, bytes], etag: bytes, last_modified: bytes) -> bool:
    if_none_match = fields.get(b"if-none-match")
    if if_none_match is not None:
        return is_known_to_client(if_none_match, etag)
    # The bytes of a URL have one date for ever: any other is not ours, so equality is enough.
    return fields.get(b"if-modified-since") == last_modified


def _metadata_answer(reads: HotReads, scope: Scope, sha256: str, filename: str) -> Answer | None:
    found = reads.metadata_file(sha256, filename)
    if found is None:
        return None
    body, project, is_private = found
    # The metadata is part of the file, so the file's digest names it as well.
    etag = b'"%b-metadata"' % sha256.encode("ascii")
    tagged = (*_INERT, (b"etag", etag))
    if is_known_to_client(header_fields(scope).get(b"if-none-match", b""), etag):
        return Answer(304, tagged, b"", project, is_private)
    described = ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)))
    return Answer(200, (*tagged, *described), body, project, is_private)


def _origin_answer(reads: HotReads, scope: Scope, sha256: str, filename: str) -> Answer | None:
    found = reads.origin_record(sha256, filename)
    if found is None:
        return None
    body, project, is_private = found
    # A file that was removed and came back has another record: it is asked for again each time.
    etag = b'"%b"' % hashlib.sha256(body).hexdigest().encode("ascii")
    told = ((b"cache-control", b"no-cache"), *_INERT[1:], (b"etag", etag))
    if is_known_to_client(header_fields(scope).get(b"if-none-match", b""), etag):
        return Answer(304, told, b"", project, is_private)
    described = ((b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)))
    return Answer(200, (*told, *described), body, project, is_private)


_BESIDE = ((".metadata", _metadata_answer), (".origin", _origin_answer))
