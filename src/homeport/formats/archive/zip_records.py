"""The records of a ZIP: end records, central entries, local headers and extra fields, each read strictly.

ZIP64 fields stand exactly where a plain field has no room: any other place is one where readers differ.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from homeport.formats.archive.entries import ArchiveError, read_exactly, size_of
from homeport.formats.archive.report import Report

FLAG_DESCRIPTOR = 0x0008

_END = struct.Struct("<4s4H2LH")
_LOCATOR64 = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_END_MAGIC, _LOCATOR64_MAGIC, _END64_MAGIC = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_CENTRAL_MAGIC, _LOCAL_MAGIC = b"PK\x01\x02", b"PK\x03\x04"
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
_END64_BODY_BYTES = 44
# ZIP64 needs 4.5, and nothing that is allowed here needs more; Info-ZIP silently skips entries above 4.6.
_NEWEST_VERSION = 45

_EXTRA_ZIP64, _EXTRA_UNICODE_PATH, _EXTRA_UNICODE_COMMENT = 0x0001, 0x7075, 0x6375
_EXTRA_ENCRYPTION = frozenset({0x0014, 0x0015, 0x0016, 0x0017, 0x9901})


@dataclass(frozen=True, slots=True)
class Directory:
    """What the end records say of the central directory."""

    count: int
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Central:
    """One central entry, ZIP64 resolved."""

    name: bytes
    flags: int
    method: int
    crc: int
    compressed_bytes: int
    size_bytes: int
    attributes: int
    offset: int


def opens_as_zip(file: BinaryIO) -> bool:
    """True when lenient readers, who look for an end record from the back, would read ``file`` as a ZIP."""
    size = size_of(file)
    file.seek(max(0, size - _END.size - _FULL_16))
    tail = file.read()
    at = tail.rfind(_END_MAGIC)
    if at < 0 or at + _END.size > len(tail):
        return False
    directory_bytes = _END.unpack_from(tail, at)[5]
    start = size - len(tail) + at - directory_bytes
    if directory_bytes in {0, _FULL_32}:
        return True
    file.seek(max(0, start))
    return start >= 0 and file.read(4) == _CENTRAL_MAGIC


def find_directory(file: BinaryIO, size: int) -> Directory:
    """The central directory of a file of ``size`` bytes, whose last bytes are the end record."""
    if size < _END.size:
        raise ArchiveError("not-zip", "The file is too short to be a ZIP.")
    at = size - _END.size
    file.seek(at)
    magic, disk, first_disk, count_here, count, length, offset, comment = _END.unpack(file.read(_END.size))
    if magic != _END_MAGIC:
        raise ArchiveError(
            "zip-end",
            "The file does not end with a ZIP end record: it is cut off, not a ZIP, or has bytes after it.",
        )
    if disk or first_disk or count_here != count:
        raise ArchiveError("zip-disks", "The ZIP claims to be spread over several disks.")
    if comment:
        raise ArchiveError("zip-end", "The end record promises a comment after it, and there is none.")
    if count == _FULL_16 or _FULL_32 in (length, offset):
        at, (count, length, offset) = _read_end64(file, at, (count, length, offset))
    elif at >= _LOCATOR64.size:
        file.seek(at - _LOCATOR64.size)
        if file.read(4) == _LOCATOR64_MAGIC:
            raise ArchiveError("zip64", "The ZIP carries ZIP64 records it has no need for.")
    if offset + length != at:
        raise ArchiveError("zip-directory", "The central directory is not where the end record says it is.")
    if not count:
        raise ArchiveError("archive-empty", "The ZIP holds nothing.")
    return Directory(count, offset, at)


def _read_end64(file: BinaryIO, end: int, plain: tuple[int, int, int]) -> tuple[int, tuple[int, int, int]]:
    at = end - _LOCATOR64.size - _END64.size
    if at < 0:
        raise ArchiveError("zip64", "The ZIP needs ZIP64 records and has none.")
    file.seek(at)
    magic, body, _, _, disk, first_disk, count_here, *wide = _END64.unpack(file.read(_END64.size))
    locator_magic, locator_disk, located, disks = _LOCATOR64.unpack(file.read(_LOCATOR64.size))
    count, length, offset = wide
    if (
        (magic, body, locator_magic, located) != (_END64_MAGIC, _END64_BODY_BYTES, _LOCATOR64_MAGIC, at)
        or (disk, first_disk, locator_disk, disks, count_here) != (0, 0, 0, 1, count)
        or any(
            narrow not in (full, value)
            for narrow, full, value in zip(plain, (_FULL_16, _FULL_32, _FULL_32), wide, strict=True)
        )
    ):
        raise ArchiveError(
            "zip64", "The ZIP64 end records are missing, misplaced, or contradict the plain one."
        )
    return at, (count, length, offset)


def read_central(file: BinaryIO, end: int, report: Report) -> Central:
    """The central entry that begins here, in a directory that reaches to ``end``."""
    if file.tell() + _CENTRAL.size > end:
        raise ArchiveError("zip-directory", "The end record counts more entries than the directory holds.")
    record = file.read(_CENTRAL.size)
    (magic, _, version, flags, method, _, _, crc, compressed, size, name_length, extra_length, comment_length, disk, _,
     attributes, offset) = _CENTRAL.unpack(record)  # fmt: skip
    if magic != _CENTRAL_MAGIC:
        raise ArchiveError("zip-directory", "The central directory holds something that is not an entry.")
    name = read_exactly(file, name_length)
    extra = read_exactly(file, extra_length)
    if file.tell() + comment_length > end:
        raise ArchiveError("zip-directory", "A central entry reaches beyond the central directory.")
    shown = shown_name(name)
    if comment_length:
        report.add(
            "zip-comment", f"{shown} carries a comment in the central directory, a place to hide bytes."
        )
        file.seek(comment_length, 1)
    _judge_version(version, shown, report)
    if disk:
        raise ArchiveError("zip-disks", f"{shown} claims to be on another disk.")
    size, compressed, offset = _widened(_extras(extra, shown, report), (size, compressed, offset), shown)
    return Central(name, flags, method, crc, compressed, size, attributes, offset)


def _extras(data: bytes, shown: str, report: Report) -> bytes | None:
    """The ZIP64 extra field, when there is one; other fields are judged."""
    zip64 = None
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<2H", data, at) if len(data) - at >= 4 else (0, _FULL_16)  # noqa: PLR2004 - two 16-bit fields
        body = data[at + 4 : at + 4 + length]
        if len(body) < length:
            raise ArchiveError("zip-extra", f"The extra fields of {shown} are malformed.")
        if kind == _EXTRA_ZIP64:
            if zip64 is not None:
                raise ArchiveError("zip64", f"{shown} carries two ZIP64 fields.")
            zip64 = body
        elif kind in {_EXTRA_UNICODE_PATH, _EXTRA_UNICODE_COMMENT}:
            report.add(
                "zip-unicode-extra", f"{shown} carries a second name or comment for readers who look for it."
            )
        elif kind in _EXTRA_ENCRYPTION:
            report.add("zip-encrypted", f"{shown} is encrypted: nobody could check it.")
        at += 4 + length
    return zip64


def _widened(zip64: bytes | None, plain: tuple[int, ...], shown: str) -> tuple[int, ...]:
    """``plain`` with every full field replaced from the ZIP64 extra, which must hold exactly these."""
    full = [index for index, value in enumerate(plain) if value == _FULL_32]
    if len(zip64 or b"") != 8 * len(full):
        raise ArchiveError("zip64", f"The ZIP64 field of {shown} does not hold exactly what its entry needs.")
    wide = list(plain)
    for index, value in zip(full, struct.unpack(f"<{len(full)}Q", zip64 or b""), strict=True):
        wide[index] = value
    return tuple(wide)


def read_local(file: BinaryIO, central: Central, report: Report) -> int:
    """Where the entry's bytes begin; its local header must say what its central entry says."""
    file.seek(central.offset)
    magic, version, flags, method, _, _, crc, compressed, size, name_length, extra_length = (
        LOCAL_HEADER.unpack(read_exactly(file, LOCAL_HEADER.size))
    )
    shown = shown_name(central.name)
    if magic != _LOCAL_MAGIC:
        raise ArchiveError("zip-layout", f"There is no local header where the directory says {shown} is.")
    _judge_version(version, shown, report)
    name = read_exactly(file, name_length)
    zip64 = _extras(read_exactly(file, extra_length), shown, report)
    if name != central.name:
        raise ArchiveError("zip-headers-differ", f"{shown} is called {shown_name(name)} by its local header.")
    if flags & FLAG_DESCRIPTOR and not central.flags & FLAG_DESCRIPTOR:
        raise ArchiveError(
            "zip-headers-differ", f"Only the local header of {shown} announces a data descriptor."
        )
    if not flags & FLAG_DESCRIPTOR:
        # Bazel repeats both sizes in a ZIP64 field; a field that says the same is read alike by everybody.
        if zip64 != struct.pack("<2Q", size, compressed):
            size, compressed = _widened(zip64, (size, compressed), shown)
        if (flags, method, crc, compressed, size) != (
            central.flags, central.method, central.crc, central.compressed_bytes, central.size_bytes,
        ):  # fmt: skip
            raise ArchiveError(
                "zip-headers-differ",
                f"The two headers of {shown} contradict each other: readers would differ.",
            )
    return file.tell()


def _judge_version(version: int, shown: str, report: Report) -> None:
    if version > _NEWEST_VERSION:
        report.add(
            "zip-version",
            f"{shown} asks for a ZIP reader of version {version / 10}; 4.5 is the newest that all have.",
        )


def shown_name(name: bytes) -> str:
    """A member's name as a sentence may show it: quoted, what is not printable escaped, short."""
    return repr(name[:120].decode("utf-8", "backslashreplace"))
