"""Tar streams, read so strictly that no two readers can see different contents (threats.md T01 to T42).

1. Files and folders; links are told to the caller with their target. Devices, pipes, sparse and unknown members
   are findings.
2. A pax record or a GNU long name may say more of a path than the header has room for, never something else;
   sizes come from the header alone.
3. The archive ends with two blocks of zeros, and nothing but zeros follows.
"""

import stat
from collections.abc import Iterator
from dataclasses import dataclass

from homeport.formats.archive.entries import CHUNK_BYTES, ArchiveError, Budget, Entry, EntryKind
from homeport.formats.archive.report import Report
from homeport.formats.archive.tar_header import (
    BLOCK_BYTES,
    MAX_RECORDS_BYTES,
    TarHeader,
    parse_header,
    parse_long_name,
    parse_pax,
)

_KINDS = {
    b"0": EntryKind.FILE,
    b"\0": EntryKind.FILE,
    b"1": EntryKind.HARD_LINK,
    b"2": EntryKind.LINK,
    b"5": EntryKind.FOLDER,
}
_LINKS = frozenset({EntryKind.LINK, EntryKind.HARD_LINK})
_PAX, _PAX_GLOBAL, _LONG_NAME, _LONG_LINK = b"x", b"g", b"L", b"K"
_ZEROS = bytes(BLOCK_BYTES)
_SHORT_NAME_BYTES = 100
# `git archive` notes its commit in a global header; names and sizes have no business there.
_RENAMING = frozenset({"path", "linkpath", "size"})
# Some readers take a name, a size or a kind from these, others never heard of them.
_NOT_READ_ALIKE = frozenset({"hdrcharset", "SCHILY.realsize", "SCHILY.filetype"})


class ByteSource:
    """A stream of chunks, read by exact counts; every byte is counted against the budget."""

    def __init__(self, chunks: Iterator[bytes], budget: Budget) -> None:
        self._chunks = chunks
        self._budget = budget
        self._held = memoryview(b"")

    def stream(self, count: int) -> Iterator[bytes]:
        """The next ``count`` bytes in pieces; fewer when the source ends."""
        while count:
            if not self._held:
                chunk = next(self._chunks, b"")
                if not chunk:
                    return
                self._budget.take_bytes(len(chunk))
                self._held = memoryview(chunk)
            piece, self._held = self._held[:count], self._held[count:]
            count -= len(piece)
            yield bytes(piece)

    def read(self, count: int) -> bytes:
        """The next ``count`` bytes; fewer when the source ends."""
        return b"".join(self.stream(count))


@dataclass(slots=True)
class _Extension:
    """What the records before a header say of the member."""

    path: bytes | None = None
    target: bytes | None = None
    size: bytes | None = None
    is_pax: bool = False


def walk_tar(
    chunks: Iterator[bytes], budget: Budget, report: Report
) -> Iterator[tuple[Entry, Iterator[bytes]]]:
    """Each member with its bytes, which must be used before the next member is asked for."""
    source = ByteSource(chunks, budget)
    extension = _Extension()
    while (block := source.read(BLOCK_BYTES)) != _ZEROS:
        if not block and extension == _Extension():
            report.add(
                "tar-end-missing", "The tar has no end mark: it may have been cut off between two members."
            )
            return
        if len(block) < BLOCK_BYTES:
            raise ArchiveError("archive-truncated", "The tar ends inside a header.")
        header = parse_header(block)
        if header.kind in {_PAX, _LONG_NAME, _LONG_LINK}:
            _extend(extension, header, _read_records(source, header))
            continue
        budget.take_member()
        if header.kind == _PAX_GLOBAL:
            _refuse_renaming(parse_pax(_read_records(source, header)), _RENAMING)
            continue
        entry = _entry(header, extension, report)
        extension = _Extension()
        body = _body(source, header.size_bytes)
        if entry:
            yield entry, body
        for _ in body:
            pass  # what the caller left, and the padding
    if extension != _Extension():
        raise ArchiveError("tar-header", "The tar ends after a record that speaks of a member to come.")
    _read_end(source, report)


def _read_end(source: ByteSource, report: Report) -> None:
    second = source.read(BLOCK_BYTES)
    if second.strip(b"\0"):
        raise ArchiveError(
            "trailing-bytes", "A block follows the tar's end mark: some readers would go on there."
        )
    if len(second) < BLOCK_BYTES:
        report.add("tar-end-missing", "The tar has only half of its end mark.")
    while padding := source.read(CHUNK_BYTES):
        if padding.strip(b"\0"):
            raise ArchiveError(
                "trailing-bytes", "Bytes follow the tar's end mark: some readers would go on there."
            )


def _body(source: ByteSource, size: int) -> Iterator[bytes]:
    seen = 0
    for piece in source.stream(size):
        seen += len(piece)
        yield piece
    if seen < size or len(source.read(-size % BLOCK_BYTES)) < -size % BLOCK_BYTES:
        raise ArchiveError("archive-truncated", "The tar ends inside a member.")


def _read_records(source: ByteSource, header: TarHeader) -> bytes:
    if header.size_bytes > MAX_RECORDS_BYTES:
        raise ArchiveError("tar-header", "A tar header's extension is larger than any that is needed.")
    return b"".join(_body(source, header.size_bytes))


def _extend(extension: _Extension, header: TarHeader, data: bytes) -> None:
    if header.kind == _LONG_NAME and extension.path is None:
        extension.path = parse_long_name(data)
    elif header.kind == _LONG_LINK and extension.target is None:
        extension.target = parse_long_name(data)
    elif extension == _Extension():
        records = parse_pax(data)
        _refuse_renaming(records, frozenset())
        extension.is_pax = True
        extension.path, extension.target = records.get("path"), records.get("linkpath")
        extension.size = records.get("size")
    else:
        raise ArchiveError("tar-header", "Two records name one member: readers would see different names.")


def _refuse_renaming(records: dict[str, bytes], refused: frozenset[str]) -> None:
    for keyword in records:
        if keyword in refused or keyword in _NOT_READ_ALIKE or keyword.startswith("GNU.sparse"):
            raise ArchiveError(
                "tar-pax", f"The pax record {keyword[:40]!r} is not read alike by every installer."
            )


def _entry(header: TarHeader, extension: _Extension, report: Report) -> Entry | None:
    raw = _extended(header.name, extension.path, extension)
    shown = repr(raw[:120].decode("utf-8", "backslashreplace"))
    kind = _KINDS.get(header.kind)
    if header.kind == b"\0" and raw.endswith(b"/"):
        kind = EntryKind.FOLDER  # as tar wrote folders before there was a flag for them
    _refuse_contradictions(header, extension, kind, shown)
    _judge_mode(header.mode, kind, shown, report)
    try:
        path = raw.decode("utf-8")
        target = _extended(header.link, extension.target, extension).decode("utf-8")
    except UnicodeDecodeError:
        report.add("path-not-utf8", f"The name of {shown} or of its target is not UTF-8.")
        return None
    if kind is None:
        report.add("tar-special-member", f"{shown} is a device, a pipe or of unknown kind {header.kind!r}.")
        return None
    return Entry(
        path.removesuffix("/") if kind is EntryKind.FOLDER else path, kind, header.size_bytes, target
    )


def _refuse_contradictions(
    header: TarHeader, extension: _Extension, kind: EntryKind | None, shown: str
) -> None:
    if extension.size is not None and extension.size != str(header.size_bytes).encode():
        raise ArchiveError("tar-pax", f"Header and pax record disagree about the size of {shown}.")
    if header.size_bytes and kind is not EntryKind.FILE:
        raise ArchiveError(
            "tar-header", f"{shown} is not a file and claims to have contents: readers would differ."
        )
    if kind not in _LINKS and (header.link or extension.target):
        raise ArchiveError(
            "tar-header", f"{shown} is no link and names a target: some readers would follow it."
        )


def _judge_mode(mode: int, kind: EntryKind | None, shown: str, report: Report) -> None:
    if mode & (stat.S_ISUID if kind is EntryKind.FOLDER else stat.S_ISUID | stat.S_ISGID):
        report.add("mode-setuid", f"{shown} carries a setuid or setgid bit.")
    elif mode & stat.S_ISGID:
        report.add("folder-setgid", f"The folder {shown} was packed with its setgid bit.")


def _extended(short: bytes, long: bytes | None, extension: _Extension) -> bytes:
    """``long`` when it only says more than ``short`` had room for, else the readers would differ."""
    if long is None:
        return short
    needs_room = len(long) > _SHORT_NAME_BYTES or not long.isascii()
    agrees = needs_room if extension.is_pax else long.startswith(short)
    if not long or b"\0" in long or not (agrees or long.rstrip(b"/") == short.rstrip(b"/")):
        raise ArchiveError(
            "tar-name-differs",
            f"A record calls a member {long[:80]!r}, its header {short[:80]!r}: readers would differ.",
        )
    return long
