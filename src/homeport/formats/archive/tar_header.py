"""One 512-byte tar header, and the two kinds of records that extend it: pax and GNU long names."""

import re
from dataclasses import dataclass
from typing import Final

from homeport.formats.archive.entries import ArchiveError

BLOCK_BYTES: Final = 512
MAX_RECORDS_BYTES: Final = 1024 * 1024

_USTAR, _GNU, _V7 = b"ustar\x0000", b"ustar  \x00", bytes(8)
_OCTAL = re.compile(rb" *([0-7]*)[ \x00]*")
_BASE_256, _NEGATIVE = 0x80, 0xFF
# T42: a longer run of digits than any record needs costs time and means nothing.
_PAX_LENGTH = re.compile(rb"([1-9][0-9]{0,6}) ")


@dataclass(frozen=True, slots=True)
class TarHeader:
    """What one header says; ``name`` and ``link`` as bytes, ``kind`` is the type flag."""

    name: bytes
    mode: int
    size_bytes: int
    kind: bytes
    link: bytes


def parse_header(block: bytes) -> TarHeader:
    """The header in ``block``, its checksum verified."""
    if _checksum(block) != _octal(block[148:156]):
        raise ArchiveError("tar-header", "A tar header's checksum is wrong: what follows cannot be read.")
    magic = block[257:265]
    name, prefix = _text(block[:100]), b""
    if magic == _USTAR:
        prefix = _text(block[345:500])
    elif magic not in {_GNU, _V7}:
        raise ArchiveError("tar-header", f"A tar header is of an unknown format ({magic!r}).")
    elif block[345:500].strip(b"\0"):
        # Some readers would take these bytes for the beginning of the name.
        raise ArchiveError("tar-header", "A tar header holds bytes where only another format keeps a name.")
    return TarHeader(
        b"/".join(filter(None, (prefix, name))),
        _octal(block[100:108]),
        _number(block[124:136]),
        block[156:157],
        _text(block[157:257]),
    )


def is_tar_header(block: bytes) -> bool:
    """True when a tar reader would accept ``block`` as the first of a tar."""
    try:
        return len(block) == BLOCK_BYTES and any(block) and bool(parse_header(block))
    except ArchiveError:
        return False


def parse_pax(data: bytes) -> dict[str, bytes]:
    """The records of a pax extended header, each keyword once."""
    records: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        length = _PAX_LENGTH.match(data, at)
        if not length:
            raise ArchiveError("tar-pax", "A pax record has no proper length.")
        end = at + int(length[1])
        keyword, equals, value = data[length.end() : end].partition(b"=")
        if end > len(data) or not equals or not keyword or not value.endswith(b"\n"):
            raise ArchiveError("tar-pax", "A pax record is not 'keyword=value' of the length it claims.")
        key = keyword.decode("utf-8", "backslashreplace")
        if key in records:
            raise ArchiveError("tar-pax", f"The pax record {key[:40]!r} is given twice.")
        records[key] = value[:-1]
        at = end
    return records


def parse_long_name(data: bytes) -> bytes:
    """The name in a GNU long-name record: one string and the NUL that ends it."""
    if not data.endswith(b"\0") or b"\0" in data[:-1]:
        raise ArchiveError(
            "tar-long-name", "A GNU long name holds a NUL inside: readers would see different names."
        )
    return data[:-1]


def _checksum(block: bytes) -> int:
    return sum(block[:148]) + 8 * ord(" ") + sum(block[156:])


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _number(field: bytes) -> int:
    """A number in octal, or in base 256 where it needs the room."""
    if field[0] == _NEGATIVE:
        raise ArchiveError("tar-header", "A tar header holds a negative number (a reader may loop for ever).")
    if field[0] & _BASE_256:
        return int.from_bytes(bytes((field[0] & ~_BASE_256, *field[1:])), "big")
    return _octal(field)


def _octal(field: bytes) -> int:
    octal = _OCTAL.fullmatch(field)
    if not octal:
        raise ArchiveError("tar-header", f"A tar header holds {field!r} where a number belongs.")
    return int(octal[1] or b"0", 8)
