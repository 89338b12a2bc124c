"""Release files built by code, byte for byte: good ones, and every lie an archive can tell.

``make_wheel`` and ``make_sdist`` give good files; their parts (:class:`ZipPart`, :class:`TarPart`) carry one
override for each field that a hostile file may set.
"""

import base64
import gzip
import hashlib
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

STORED, DEFLATED = 0, 8
UTF8_FLAG = 0x0800
REGULAR_FILE = 0o100644 << 16


@dataclass(frozen=True)
class ZipPart:
    """One ZIP entry; what is ``None`` is told truthfully."""

    name: str | bytes
    data: bytes = b""
    method: int = DEFLATED
    flags: int | None = None
    attributes: int = REGULAR_FILE
    packed: bytes | None = None
    crc: int | None = None
    size: int | None = None
    packed_size: int | None = None
    extra: bytes = b""
    comment: bytes = b""
    disk: int = 0
    version: int = 20
    offset: int | None = None
    local: Mapping[str, Any] = field(default_factory=dict)
    descriptor: bytes = b""
    gap: bytes = b""
    is_listed: bool = True
    is_local: bool = True

    def raw_name(self) -> bytes:
        """The name as bytes."""
        return self.name if isinstance(self.name, bytes) else self.name.encode()

    def filled(self) -> "ZipPart":
        """The same part with every ``None`` replaced by the truth."""
        packed = _packed(self.data, self.method) if self.packed is None else self.packed
        default_flags = 0 if self.raw_name().isascii() else UTF8_FLAG
        return replace(
            self,
            packed=packed,
            flags=default_flags if self.flags is None else self.flags,
            crc=zlib.crc32(self.data) if self.crc is None else self.crc,
            size=len(self.data) if self.size is None else self.size,
            packed_size=len(packed) if self.packed_size is None else self.packed_size,
        )


def make_zip(
    parts: Iterable[ZipPart],
    *,
    prefix: bytes = b"",
    before_directory: bytes = b"",
    comment: bytes = b"",
    suffix: bytes = b"",
    zip64: bytes = b"",
    end: Mapping[str, int] | None = None,
) -> bytes:
    """A ZIP of ``parts``; ``end`` overrides fields of the end record (disk, count, size, offset)."""
    body, central, listed = prefix, b"", 0
    for part in (part.filled() for part in parts):
        offset = len(body) if part.offset is None else part.offset
        if part.is_local:
            told = replace(part, **part.local)
            body += local_header(told) + (part.packed or b"") + part.descriptor + part.gap
        if part.is_listed:
            central += central_header(part, offset)
            listed += 1
    body += before_directory
    told_end = {
        "disk": 0,
        "first_disk": 0,
        "here": listed,
        "count": listed,
        "size": len(central),
        "offset": len(body),
    }
    told_end |= end or {}
    record = struct.pack("<4s4H2LH", b"PK\x05\x06", *told_end.values(), len(comment))
    return body + central + zip64 + record + comment + suffix


def local_header(part: ZipPart) -> bytes:
    """The local header of a filled part."""
    name = part.raw_name()
    return (
        struct.pack(
            "<4s5H3L2H", b"PK\x03\x04", 20, part.flags, part.method, 0, 33,
            part.crc, part.packed_size, part.size, len(name), len(part.extra),
        )
        + name
        + part.extra
    )  # fmt: skip


def central_header(part: ZipPart, offset: int) -> bytes:
    """The central entry of a filled part."""
    name = part.raw_name()
    return (
        struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 0x0314, part.version, part.flags, part.method, 0, 33, part.crc, part.packed_size,
            part.size, len(name), len(part.extra), len(part.comment), part.disk, 0, part.attributes, offset,
        )
        + name
        + part.extra
        + part.comment
    )  # fmt: skip


def extra_field(kind: int, body: bytes) -> bytes:
    """One extra field of a ZIP entry."""
    return struct.pack("<2H", kind, len(body)) + body


def _packed(data: bytes, method: int) -> bytes:
    if method != DEFLATED:
        return data
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def metadata_bytes(
    name: str,
    version: str,
    *,
    metadata_version: str = "2.1",
    fields: Sequence[tuple[str, str]] = (),
    body: str = "",
) -> bytes:
    """A METADATA or PKG-INFO file."""
    given = [("Metadata-Version", metadata_version), ("Name", name), ("Version", version), *fields]
    lines = "".join(f"{key}: {value}\n" for key, value in given)
    return (lines + (f"\n{body}" if body else "")).encode()


def record_line(path: str, data: bytes, algorithm: str = "sha256") -> str:
    """One line of RECORD, as it should be."""
    digest = base64.urlsafe_b64encode(hashlib.new(algorithm, data).digest()).rstrip(b"=").decode()
    quoted = f'"{path}"' if "," in path else path
    return f"{quoted},{algorithm}={digest},{len(data)}\n"


def wheel_parts(
    name: str = "demo",
    version: str = "1.0",
    *,
    tag: str = "py3-none-any",
    files: Mapping[str, bytes] | None = None,
    metadata: bytes | None = None,
    wheel: bytes | None = None,
    record: bytes | None = None,
    build: str = "",
) -> list[ZipPart]:
    """The entries of a good wheel, RECORD last; a given file replaces or joins the usual ones."""
    info = f"{name}-{version}.dist-info"
    interpreters, abi, platform = tag.split("-")
    tags = "".join(f"Tag: {interpreter}-{abi}-{platform}\n" for interpreter in interpreters.split("."))
    built = f"Build: {build}\n" if build else ""
    contents = {
        f"{name}/__init__.py": f"version = {version!r}\n".encode(),
        f"{info}/METADATA": metadata_bytes(name, version) if metadata is None else metadata,
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\n{tags}{built}".encode()
        if wheel is None
        else wheel,
    } | dict(files or {})
    lines = "".join(record_line(path, data) for path, data in contents.items() if not path.endswith("/"))
    contents[f"{info}/RECORD"] = f"{lines}{info}/RECORD,,\n".encode() if record is None else record
    return [ZipPart(path, data) for path, data in contents.items()]


def make_wheel(
    name: str = "demo",
    version: str = "1.0",
    *,
    tag: str = "py3-none-any",
    files: Mapping[str, bytes] | None = None,
    metadata: bytes | None = None,
    build: str = "",
) -> bytes:
    """A good wheel, called ``{name}-{version}-{tag}.whl``, or with the number of its ``build`` before the tag."""
    return make_zip(wheel_parts(name, version, tag=tag, files=files, metadata=metadata, build=build))


@dataclass(frozen=True)
class TarPart:
    """One tar member; ``records`` is written in front of it, ``size`` claims another size than the data have."""

    name: str | bytes
    data: bytes = b""
    kind: bytes = b"0"
    link: str | bytes = b""
    mode: bytes = b"0000644\0"
    size: bytes | None = None
    prefix: bytes = b""
    magic: bytes = b"ustar\x0000"
    checksum: bytes | None = None
    records: bytes = b""

    def to_bytes(self) -> bytes:
        """Header, data and padding."""
        name = self.name if isinstance(self.name, bytes) else self.name.encode()
        link = self.link if isinstance(self.link, bytes) else self.link.encode()
        size = b"%011o\0" % len(self.data) if self.size is None else self.size
        numbers = self.mode + b"0000000\0" * 2 + size + b"00000000000\0"
        tail = self.magic + bytes(64 + 16) + self.prefix.ljust(155, b"\0") + bytes(12)
        front, back = name.ljust(100, b"\0") + numbers, self.kind + link.ljust(100, b"\0") + tail
        checksum = b"%06o\0 " % (sum(front) + sum(back) + 8 * 32) if self.checksum is None else self.checksum
        padding = bytes(-len(self.data) % 512)
        return self.records + front + checksum + back + self.data + padding


def pax_records(*records: tuple[str, str | bytes], kind: bytes = b"x") -> bytes:
    """A pax extended header as a member of its own."""
    return TarPart(
        "PaxHeader", b"".join(pax_record(key, value) for key, value in records), kind=kind
    ).to_bytes()


def pax_record(key: str, value: str | bytes) -> bytes:
    """One pax record with its true length."""
    rest = f" {key}=".encode() + (value if isinstance(value, bytes) else value.encode()) + b"\n"
    length = len(rest)
    while length != len(rest) + len(str(length)):
        length = len(rest) + len(str(length))
    return str(length).encode() + rest


def gnu_long(name: bytes, kind: bytes = b"L") -> bytes:
    """A GNU long-name (or long-link) record; give the ending NUL with the name."""
    return TarPart("././@LongLink", name, kind=kind, magic=b"ustar  \0").to_bytes()


def make_tar(parts: Iterable[TarPart], *, end: bytes = bytes(1024)) -> bytes:
    """A tar of ``parts``."""
    return b"".join(part.to_bytes() for part in parts) + end


def make_gzip(data: bytes) -> bytes:
    """One plain gzip member."""
    return gzip.compress(data, mtime=0)


def sdist_parts(
    name: str = "demo",
    version: str = "1.0",
    *,
    files: Mapping[str, bytes] | None = None,
    metadata: bytes | None = None,
) -> list[TarPart]:
    """The members of a good sdist."""
    top = f"{name}-{version}"
    contents = {
        "PKG-INFO": metadata_bytes(name, version, metadata_version="2.2") if metadata is None else metadata,
        "pyproject.toml": b'[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n',
        f"{name}.py": b"answer = 42\n",
    } | dict(files or {})
    return [TarPart(f"{top}/{path}", data) for path, data in contents.items()]


def make_sdist(
    name: str = "demo",
    version: str = "1.0",
    *,
    files: Mapping[str, bytes] | None = None,
    metadata: bytes | None = None,
) -> bytes:
    """A good sdist, called ``{name}-{version}.tar.gz``."""
    return make_gzip(make_tar(sdist_parts(name, version, files=files, metadata=metadata)))
