"""Accepted files, changed by chance: bytes anywhere, and fields of single members told otherwise."""

import bz2
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.support.archives import (
    DEFLATED,
    STORED,
    TarPart,
    ZipPart,
    extra_field,
    gnu_long,
    make_gzip,
    make_tar,
    make_zip,
    pax_record,
    sdist_parts,
    wheel_parts,
)

from homeport.domain.inspection import Expectation

_MOSTLY, _NEARLY_ALWAYS = 0.7, 0.9
_NASTY_NAMES: Final = (
    b"demo-1.0/a", b"demo-1.0/a/", b"demo-1.0//a", b"demo-1.0/./a", b"demo-1.0/a\0b", b"demo-1.0/a ", b"./demo-1.0/a",
    b"demo-1.0", b"demo-1.0/", b"/demo-1.0/a", b"demo-1.0\\a", b"demo-1.0/\xc3\xa9", b"demo-1.0/\xe9", b"demo-1.0/e\xcc\x81",
    b"", b"/", b".", b"demo-1.0/" + b"n" * 91, b"demo-1.0/" + b"n" * 92, b"demo-1.0/" + b"d/" * 45 + b"x", b"demo-1.0/\r",
    b"demo-1.0/demo.py", b"demo-1.0/DEMO.py", b"demo-1.0/PKG-INFO", b"PaxHeader/a", b"demo-1.0/..", b"demo-1.0/.", b"a:b",
)  # fmt: skip
_NUMBERS: Final = (
    b"00000000003\0", b"3          \0", b"          3\0", b"00000000003 ", b"\0" * 12, b" " * 12, b"\x80" + bytes(10) + b"\x03",
    b"77777777777\0", b"000000000003", b"-0000000003\0", b"0x000000003\0", b"00000000003\x00"[:11] + b"\0", b"3\0000000000\0",
)  # fmt: skip
_MAGICS: Final = (
    b"ustar\x0000",
    b"ustar  \0",
    bytes(8),
    b"ustar\x00\x00\x00",
    b"ustar   ",
    b"USTAR\x0000",
    b"ustar\x0001",
)
_PAX_KEYS: Final = (
    "path", "linkpath", "size", "mtime", "uid", "comment", "hdrcharset", "GNU.sparse.major", "GNU.sparse.size",
    "SCHILY.xattr.user.a", "SCHILY.realsize", "LIBARCHIVE.xattr.a", "atime", "uname", "charset", "SCHILY.dev",
)  # fmt: skip


@dataclass(frozen=True)
class Mutated:
    """A changed file, and what is expected of it."""

    data: bytes
    expectation: Expectation


def mutate(seed: int) -> Mutated:
    """The file of this number; the same number always gives the same file."""
    chance = random.Random(seed)  # noqa: S311 - chosen by chance, and to be chosen again
    return chance.choice((_wheel, _wheel, _zip_sdist, _zip_sdist, _tar, _tar, _tar, _tar_stream))(chance)


def _wheel(chance: random.Random) -> Mutated:
    parts = wheel_parts(files={"demo/a.py": b"a = 1\n" * 40, "demo/empty": b""})
    data = make_zip(_told_otherwise(parts, chance), **_end(chance))
    return Mutated(_bytes_changed(data, chance), Expectation("demo-1.0-py3-none-any.whl", is_legacy=True))


def _zip_sdist(chance: random.Random) -> Mutated:
    parts = [ZipPart(str(part.name), part.data, chance.choice((STORED, DEFLATED))) for part in sdist_parts()]
    parts.append(ZipPart(f"demo-1.0/n{chance.randrange(1000)}", chance.choice((b"", b"abc")), STORED))
    data = make_zip(_told_otherwise(parts, chance), **_end(chance))
    return Mutated(_bytes_changed(data, chance), Expectation("demo-1.0.zip", is_legacy=True))


def _tar(chance: random.Random) -> Mutated:
    parts = [*sdist_parts(), _tar_part(chance), _tar_part(chance)]
    chance.shuffle(parts)
    end = chance.choice((*[bytes(1024)] * 7, *[bytes(10240)] * 7, bytes(512), b""))
    return _packed_tar(_bytes_changed(make_tar(parts, end=end), chance), chance)


def _tar_stream(chance: random.Random) -> Mutated:
    data = make_gzip(make_tar(sdist_parts()))
    return Mutated(_bytes_changed(data, chance, always=True), Expectation("demo-1.0.tar.gz", is_legacy=True))


def _packed_tar(tar: bytes, chance: random.Random) -> Mutated:
    pack: Callable[[bytes], bytes]
    suffix, pack = chance.choice(
        ((".tar.gz", make_gzip), (".tgz", make_gzip), (".tar.bz2", bz2.compress), (".tar", bytes))
    )
    return Mutated(pack(tar), Expectation(f"demo-1.0{suffix}", is_legacy=True))


def _told_otherwise(parts: list[ZipPart], chance: random.Random) -> list[ZipPart]:
    if chance.random() > _MOSTLY:
        return parts
    at = chance.randrange(len(parts))
    part = parts[at]
    field, value = chance.choice(
        (
            ("flags", chance.choice((0, 2, 4, 6, 8, 0x800, 0x806, 0x1, 0x20, 0x2000, 0x4000))),
            (
                "attributes",
                chance.choice((0, 0x10, 0o100755 << 16, 0o040755 << 16, 0o040755 << 16 | 0x10, 0o777 << 16)),
            ),
            ("extra", chance.choice(_extras(chance))),
            ("version", chance.choice((0, 10, 20, 45, 63, 64, 0x0314))),
            ("comment", b"hidden"),
            ("size", chance.choice((0, 1, len(part.data) + 1, 0xFFFFFFFF))),
            ("crc", 0),
            ("local", {"name": chance.choice(_NASTY_NAMES)}),
            ("local", {"extra": chance.choice(_extras(chance))}),
            ("local", {"flags": chance.choice((0, 2, 8, 0x800))}),
            ("gap", b"\0"),
            ("name", chance.choice(_NASTY_NAMES)),
            ("disk", 1),
        )
    )
    changes: Mapping[str, Any] = {field: value}
    return [*parts[:at], replace(part, **changes), *parts[at + 1 :]]


def _extras(chance: random.Random) -> tuple[bytes, ...]:
    name = chance.choice(_NASTY_NAMES)
    return (
        b"",
        extra_field(0x5455, bytes(5)),
        extra_field(0x7875, b"\x01\x04" + bytes(4) + b"\x04" + bytes(4)),
        extra_field(0x7075, b"\x01" + bytes(4) + name),
        extra_field(1, bytes(chance.choice((0, 4, 8, 16, 24, 28)))),
        extra_field(0xCAFE, b""),
        extra_field(0xCAFE, b"") + b"\0\0\0",
        bytes(4),
    )


def _end(chance: random.Random) -> dict[str, Any]:
    if chance.random() < _NEARLY_ALWAYS:
        return {}
    return chance.choice(
        (
            {"comment": b"PK"},
            {"suffix": b"\0"},
            {"prefix": b"MZ"},
            {"before_directory": b"\0"},
            {"end": {"count": 3, "here": 3}},
            {"end": {"offset": 0}},
        )
    )


def _tar_part(chance: random.Random) -> TarPart:
    part = TarPart(f"demo-1.0/n{chance.randrange(1000)}", chance.choice((b"", b"abc")))
    for _ in range(chance.choice((0, 1, 1, 2))):
        field, value = chance.choice(
            (
                ("name", chance.choice(_NASTY_NAMES)[:100]),
                ("kind", chance.choice((b"\0", b"5", b"2", b"1", b"7", b"x", b"V", b"S"))),
                ("link", chance.choice((b"demo.py", b"../x", b"demo-1.0/demo.py", b"\xff"))),
                (
                    "mode",
                    chance.choice((b"   644 \0", b"0004755\0", b"0000644 ", bytes(8), b"\x80" + bytes(7))),
                ),
                ("size", chance.choice(_NUMBERS)),
                ("prefix", chance.choice((b"demo-1.0", b"demo-1.0/", b"x/.."))),
                ("magic", chance.choice(_MAGICS)),
                ("records", _records(chance)),
                ("records", _records(chance)),
            )
        )
        changes: Mapping[str, Any] = {field: value}
        part = replace(part, **changes)
    return part


def _records(chance: random.Random) -> bytes:
    if chance.random() > _MOSTLY:
        return gnu_long(
            chance.choice(_NASTY_NAMES) + chance.choice((b"\0", b"\0", b"")), chance.choice((b"L", b"K"))
        )
    values = (*_NASTY_NAMES, b"3", b"0", b"1.5", b"1.5", b"+3", b"3\n")
    records = b"".join(
        pax_record(chance.choice(_PAX_KEYS), chance.choice(values)) for _ in range(chance.randint(1, 2))
    )
    return TarPart("PaxHeader", records, kind=chance.choice((b"x", b"x", b"x", b"g", b"X"))).to_bytes()


def _bytes_changed(data: bytes, chance: random.Random, *, always: bool = False) -> bytes:
    if not always and chance.random() < _MOSTLY:
        return data
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(changed))
        match chance.randrange(4):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                changed[at] ^= 1 << chance.randrange(8)
            case 2:
                del changed[at : at + chance.choice((1, 2, 4, 512))]
            case _:
                changed[at:at] = chance.choice((b"\0", b"PK", bytes(512), changed[at : at + 30]))
        if not changed:
            return b""
    return bytes(changed)
