"""ZIP files, read so strictly that no two readers can see different contents (standards B.10, T-18, A-13).

1. The file is its entries, then the central directory, then the end record, each once, side by side: nothing
   before, between or after; no archive comment, no entry comment, no second disk.
2. Every local header says the same as its central entry: name, flags, method, checksum, sizes. So there are no
   data descriptors, and ZIP64 fields stand exactly where a plain field has no room.
3. Entries are stored or deflated, not encrypted; files or folders, no links, devices or setuid bits.
4. An entry's bytes have the claimed size and CRC-32, and its deflate stream ends where the entry ends.
5. The file is not a tar at the same time.
"""

import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from homeport.formats.archive.entries import (
    CHUNK_BYTES,
    ArchiveError,
    Budget,
    Entry,
    EntryKind,
    read_exactly,
    size_of,
)
from homeport.formats.archive.inflate import inflate
from homeport.formats.archive.report import Report
from homeport.formats.archive.tar_header import is_tar_header
from homeport.formats.archive.zip_records import (
    FLAG_DESCRIPTOR,
    LOCAL_HEADER,
    Central,
    find_directory,
    read_central,
    read_local,
    shown_name,
)

_FLAG_ENCRYPTED, _FLAG_UTF8 = 0x0001, 0x0800
# Bits 1 and 2 tell how hard the compressor tried.
_FLAGS_ALLOWED = 0x0006 | _FLAG_UTF8
_STORED, _DEFLATED = 0, 8
_DOS_FOLDER = 0x10


@dataclass(frozen=True, slots=True)
class ZipMember:
    """One entry, agreed upon by both of its headers, and where its bytes begin."""

    entry: Entry
    method: int
    crc: int
    compressed_bytes: int
    data_offset: int


def walk_zip(file: BinaryIO, report: Report) -> tuple[ZipMember, ...]:
    """Every entry whose bytes can be read; what is wrong with single entries goes to ``report``."""
    size = size_of(file)
    budget = Budget(size)
    if is_tar_header(file.read(512)):
        raise ArchiveError(
            "also-a-tar", "The file is a ZIP and a tar at once: readers would see different contents."
        )
    directory = find_directory(file, size)
    entries = []
    file.seek(directory.offset)
    for _ in range(directory.count):
        budget.take_member()
        central = read_central(file, directory.end, report)
        budget.take_bytes(central.size_bytes)
        entries.append(central)
    if file.tell() != directory.end:
        raise ArchiveError(
            "zip-directory",
            "The central directory does not end where the end record begins: entries are hidden.",
        )
    _judge_folders(entries, report)
    members, spans = [], []
    for central in sorted(entries, key=lambda central: central.offset):
        if central.offset + LOCAL_HEADER.size > directory.offset:
            raise ArchiveError("zip-layout", "A central entry points behind the last entry.")
        start = read_local(file, central, report)
        members.append(_member(central, start, report))
        spans.append((central.offset, start + central.compressed_bytes))
    _judge_layout(spans, directory.offset)
    return tuple(filter(None, members))


def stream_zip(file: BinaryIO, member: ZipMember) -> Iterator[bytes]:
    """The bytes of one entry, verified by the time the last one was given."""
    file.seek(member.data_offset)
    compressed = _pieces(file, member.compressed_bytes)
    # Old zipfile called folders deflated and packed nothing: there is no stream to read.
    is_plain = member.method == _STORED or (
        member.entry.kind is EntryKind.FOLDER and not member.compressed_bytes
    )
    content = compressed if is_plain else _inflate_all(compressed, member.entry.path)
    crc, size = 0, 0
    for chunk in content:
        crc = zlib.crc32(chunk, crc)
        size += len(chunk)
        if size > member.entry.size_bytes:
            break
        yield chunk
    if size != member.entry.size_bytes:
        raise ArchiveError(
            "zip-size-mismatch",
            f"{member.entry.path!r} does not have the {member.entry.size_bytes} bytes it claims.",
        )
    if crc != member.crc:
        raise ArchiveError("checksum-mismatch", f"{member.entry.path!r} does not have the CRC-32 it claims.")


def _judge_layout(spans: list[tuple[int, int]], directory_offset: int) -> None:
    if spans[0][0]:
        raise ArchiveError(
            "zip-prefix", "Bytes stand before the first entry: the file is something else as well."
        )
    for (_, end), (start, _) in pairwise((*spans, (directory_offset, directory_offset))):
        if end > start:
            raise ArchiveError("zip-overlap", "Two entries share the same bytes of the file.")
        if end < start:
            raise ArchiveError("zip-gap", "Bytes stand between two entries, or before the central directory.")


def _judge_folders(entries: list[Central], report: Report) -> None:
    names = [central.name for central in entries if central.name.endswith(b"/")]
    for name in names if len(set(names)) < len(names) else ():
        report.add("path-duplicate", f"The ZIP holds the folder {shown_name(name)} or another one twice.")


def _member(central: Central, data_offset: int, report: Report) -> ZipMember | None:
    shown = shown_name(central.name)
    problems = [*_flag_problems(central, shown), *_mode_problems(central, shown)]
    path = _decoded(central)
    if path is None:
        problems.append(("path-not-utf8", f"The member name {shown} is not UTF-8, or not declared as such."))
    for code, message in problems:
        report.add(code, message)
    if path is None or central.method not in {_STORED, _DEFLATED} or central.flags & ~_FLAGS_ALLOWED:
        return None
    kind = EntryKind.FOLDER if path.endswith("/") else EntryKind.FILE
    entry = Entry(path.removesuffix("/"), kind, central.size_bytes)
    return ZipMember(entry, central.method, central.crc, central.compressed_bytes, data_offset)


def _decoded(central: Central) -> str | None:
    # Without the flag, some readers take the bytes for code page 437.
    if not central.name.isascii() and not central.flags & _FLAG_UTF8:
        return None
    try:
        return central.name.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _flag_problems(central: Central, shown: str) -> Iterator[tuple[str, str]]:
    if central.flags & _FLAG_ENCRYPTED:
        yield "zip-encrypted", f"{shown} is encrypted: nobody could check it."
    if central.flags & FLAG_DESCRIPTOR:
        yield (
            "zip-data-descriptor",
            f"{shown} is followed by a data descriptor; write sizes into the header instead.",
        )
    if central.flags & ~(_FLAGS_ALLOWED | _FLAG_ENCRYPTED | FLAG_DESCRIPTOR):
        yield (
            "zip-flags",
            f"{shown} uses ZIP features (flags {central.flags:#06x}) that installers do not know.",
        )
    if central.method not in {_STORED, _DEFLATED}:
        yield (
            "zip-method",
            f"{shown} is compressed by method {central.method}; only deflate is read everywhere.",
        )
    if central.method == _STORED and central.size_bytes != central.compressed_bytes:
        yield "zip-size-mismatch", f"{shown} is stored, yet its two sizes differ."
    if central.name.endswith(b"/") and central.size_bytes:
        yield "zip-folder-with-bytes", f"{shown} is a folder that has contents of its own."


def _mode_problems(central: Central, shown: str) -> Iterator[tuple[str, str]]:
    mode = central.attributes >> 16
    kind = stat.S_IFMT(mode)
    is_folder = central.name.endswith(b"/")
    if kind == stat.S_IFLNK:
        yield "zip-symlink", f"{shown} is a symbolic link: pack the file itself."
    elif kind not in {0, stat.S_IFDIR if is_folder else stat.S_IFREG}:
        yield (
            "zip-special-file",
            f"{shown} is marked as a device, a pipe, or another kind than its name says.",
        )
    elif central.attributes & _DOS_FOLDER and not is_folder:
        yield "zip-special-file", f"{shown} is marked as a folder, and its name is a file's."
    if mode & (stat.S_ISUID | stat.S_ISGID):
        yield "mode-setuid", f"{shown} carries a setuid or setgid bit."


def _inflate_all(compressed: Iterator[bytes], path: str) -> Iterator[bytes]:
    leftover = yield from inflate(compressed)
    if leftover or any(compressed):
        raise ArchiveError(
            "deflate-trailing",
            f"Bytes follow the final block of {path!r}'s compressed data: a second payload.",
        )


def _pieces(file: BinaryIO, count: int) -> Iterator[bytes]:
    while count:
        piece = read_exactly(file, min(count, CHUNK_BYTES))
        count -= len(piece)
        yield piece
