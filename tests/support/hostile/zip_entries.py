"""ZIP entries that lie: two headers, two names, two sizes, other bytes."""

import struct
import zlib
from dataclasses import replace
from typing import Any

from tests.support.archives import STORED, ZipPart, extra_field, make_wheel, make_zip, wheel_parts
from tests.support.hostile.case import Hostile, in_wheel

FULL = 0xFFFFFFFF


def with_part(part: ZipPart) -> bytes:
    """A good wheel that lists and holds one more entry, told as ``part`` tells it."""
    files = {part.raw_name().decode("latin-1"): part.data} if part.raw_name().isascii() else {}
    parts = [known for known in wheel_parts(files=files) if known.raw_name() != part.raw_name()]
    return make_zip([*parts, part])


def first_part(**changes: Any) -> bytes:
    """A good wheel whose first entry is told with ``changes``."""
    first, *rest = wheel_parts()
    return make_zip([replace(first, **changes), *rest])


def deflate_tail() -> bytes:
    """An entry whose compressed bytes go on after the final block."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"x = 1\n"
    packed = packer.compress(data) + packer.flush()
    return with_part(ZipPart("demo/tail.py", data, packed=packed + b"second payload"))


def deflated() -> bytes:
    """Six bytes of Python, deflated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(b"x = 1\n") + packer.flush()


# fmt: off
ZIP_ENTRIES = (
    in_wheel("Z45", "future version", "zip-version", "readers give up on it", lambda: first_part(version=84)),
    in_wheel("Z43", "entry on a disk", "zip-disks", "this one is on another disk",
        lambda: first_part(disk=2)),
    in_wheel("Z07 V34", "local name differs", "zip-headers-differ", "two names",
        lambda: first_part(local={"name": "demo/other.py"})),
    in_wheel("Z44", "local method differs", "zip-headers-differ", "two readings",
        lambda: first_part(local={"method": STORED})),
    in_wheel("V34", "local size differs", "zip-headers-differ", "two readings",
        lambda: first_part(local={"size": 3})),
    in_wheel("Z15", "local crc differs", "zip-headers-differ", "two readings",
        lambda: first_part(local={"crc": 3})),
    in_wheel("Z44", "local flags differ", "zip-headers-differ", "two readings",
        lambda: first_part(local={"flags": 2})),
    in_wheel("V35", "descriptor only locally", "zip-headers-differ", "only streaming readers would look for it",
        lambda: first_part(local={"flags": 8})),
    in_wheel("V35", "data descriptor", "zip-data-descriptor", "sizes come after the data",
        lambda: first_part(flags=8, local={"size": 0, "packed_size": 0, "crc": 0}, descriptor=b"PK\x07\x08" + bytes(12))),
    in_wheel("Z53 V37", "entry comment", "zip-comment", "bytes nobody reads",
        lambda: first_part(comment=b"hidden")),
    in_wheel("Z14", "crc mismatch", "checksum-mismatch", "the bytes are not the claimed ones",
        lambda: first_part(crc=1)),
    in_wheel("Z13", "size too small", "zip-size-mismatch", "inflates to more than claimed",
        lambda: first_part(size=3)),
    in_wheel("Z13", "size too large", "zip-size-mismatch", "inflates to less than claimed",
        lambda: first_part(size=999)),
    in_wheel("Z13", "small claim, large bytes", "zip-size-mismatch", "10 bytes that inflate to 4 MiB",
        lambda: with_part(ZipPart("demo/b.bin", bytes(1 << 22), size=10, crc=0))),
    in_wheel("Z48 V34", "stored with two sizes", "zip-size-mismatch", "a stored entry has one size",
        lambda: with_part(ZipPart("demo/a.py", b"abc", STORED, size=2))),
    in_wheel("Z48", "deflate damaged", "deflate-damaged", "not a deflate stream",
        lambda: first_part(packed=b"\xff" * 20)),
    in_wheel("Z48", "deflate cut", "archive-truncated", "no final block", lambda: first_part(packed=b"K")),
    in_wheel("Z47", "deflate tail", "deflate-trailing", "a second payload after the final block",
        deflate_tail),
    in_wheel("Z41 V31", "encrypted", "zip-encrypted", "nobody can check it", lambda: first_part(flags=1)),
    in_wheel("Z42 V31", "strong encryption", "zip-flags", "nobody can check it",
        lambda: first_part(flags=64)),
    in_wheel("Z42 V31", "aes extra", "zip-encrypted", "nobody can check it",
        lambda: first_part(extra=extra_field(39169, bytes(7)))),
    in_wheel("Z45 V31", "bzip2 method", "zip-method", "pip reads it, others do not",
        lambda: first_part(method=12)),
    in_wheel("Z19", "unicode path", "zip-unicode-extra", "two names",
        lambda: first_part(extra=extra_field(28789, b"\x01aaaaevil"))),
    in_wheel("Z19", "unicode comment", "zip-unicode-extra", "hidden bytes",
        lambda: first_part(extra=extra_field(25461, b"x"))),
    in_wheel("Z21 V39", "extra malformed", "zip-extra", "readers stop at other places",
        lambda: first_part(extra=b"\x99\x99\xff\x00x")),
    in_wheel("Z21 V39", "extra cut", "zip-extra", "readers stop at other places",
        lambda: first_part(extra=b"\x99\x99\xff")),
    in_wheel("Z21 V39", "zip64 twice", "zip64", "readers take the first or the last",
        lambda: first_part(extra=extra_field(1, b"") * 2)),
    in_wheel("Z18 V39", "zip64 unneeded", "zip64", "some readers believe it",
        lambda: first_part(extra=extra_field(1, bytes(16)))),
    in_wheel("Z18", "zip64 missing", "zip64", "the size is nowhere", lambda: first_part(size=FULL)),
    in_wheel("Z39 V32", "duplicate", "path-duplicate", "the first or the last wins",
        lambda: make_zip([*wheel_parts(), wheel_parts()[0]])),
    in_wheel("Z39 V32", "duplicate folder", "path-duplicate", "entries are told once",
        lambda: make_zip([*wheel_parts(), *[ZipPart("demo/", method=STORED, attributes=0)] * 2])),
    in_wheel("Z24 V38", "name not utf-8", "path-not-utf8", "every reader guesses",
        lambda: with_part(ZipPart(b"demo/\xff.py", b""))),
    in_wheel("Z24 V38", "utf-8 flagged, not utf-8", "path-not-utf8", "every reader guesses",
        lambda: with_part(ZipPart(b"demo/\xff.py", b"", flags=2048))),
    in_wheel("Z24 V38", "utf-8 not flagged", "path-not-utf8", "readers take it for code page 437",
        lambda: with_part(ZipPart("demo/é.py", b"", flags=0))),
    in_wheel("Z32", "symlink", "zip-symlink", "leads out",
        lambda: with_part(ZipPart("demo/l", b"/etc/passwd", attributes=41471 << 16))),
    in_wheel("Z34", "fifo", "zip-special-file", "blocks a reader",
        lambda: with_part(ZipPart("demo/p", b"", attributes=4516 << 16))),
    in_wheel("Z34", "device", "zip-special-file", "a device",
        lambda: with_part(ZipPart("demo/d", b"", attributes=8612 << 16))),
    in_wheel("Z34", "dos folder", "zip-special-file", "a file or a folder?",
        lambda: with_part(ZipPart("demo/d", b"", attributes=16))),
    in_wheel("Z35", "setuid", "mode-setuid", "runs as its owner",
        lambda: with_part(ZipPart("demo/s", b"", attributes=35309 << 16))),
    in_wheel("Z33", "folder with bytes", "zip-folder-with-bytes", "hidden bytes",
        lambda: with_part(ZipPart("demo/sub/", b"x", STORED, attributes=0))),
    in_wheel("Z12 V30", "bomb by claim", "archive-bomb", "more than 64 MiB and 50 times its size",
        lambda: with_part(ZipPart("demo/b", b"", size=65 << 20))),
    in_wheel("Z12 V30", "4 GiB by claim", "archive-too-large", "more than any file we look at",
        lambda: with_part(ZipPart("demo/b", b"", size=FULL - 1))),
    in_wheel("Z07 V34", "local name differs in case", "zip-headers-differ", "streaming readers write another file",
        lambda: first_part(local={"name": "demo/__INIT__.py"})),
    in_wheel("Z07 V34", "local name is longer", "zip-headers-differ", "streaming readers write another file",
        lambda: first_part(local={"name": "demo/__init__.py.exe"})),
    in_wheel("Z16 V35", "descriptor without signature", "zip-data-descriptor", "readers guess where it ends",
        lambda: first_part(flags=8, local={"size": 0, "packed_size": 0, "crc": 0}, descriptor=bytes(12))),
    in_wheel("V35", "descriptor although the sizes are known", "zip-data-descriptor", "the descriptor may differ",
        lambda: first_part(flags=8, descriptor=b"PK\x07\x08" + bytes(12))),
    in_wheel("Z20 V39", "two unicode paths", "zip-unicode-extra", "readers take the first or the last",
        lambda: first_part(extra=extra_field(0x7075, b"\x01aaaaone") + extra_field(0x7075, b"\x01aaaatwo"))),
    in_wheel("Z21 V39", "zip64 of odd length", "zip64", "readers stop at other places",
        lambda: first_part(extra=extra_field(1, bytes(5)))),
    in_wheel("Z21 V39", "zip64 with other sizes", "zip64", "readers that believe it read on",
        lambda: first_part(local={"extra": extra_field(1, struct.pack("<2Q", 99, 99))})),
    in_wheel("Z33", "symlink called a folder", "zip-symlink", "what is unpacked later goes where it leads",
        lambda: with_part(ZipPart("demo/l/", b"", STORED, attributes=0o120777 << 16))),
    in_wheel("Z34", "socket", "zip-special-file", "no file",
        lambda: with_part(ZipPart("demo/s", b"", attributes=0o140644 << 16))),
    in_wheel("Z34", "block device", "zip-special-file", "a disk",
        lambda: with_part(ZipPart("demo/d", b"", attributes=0o060644 << 16))),
    in_wheel("Z34", "file called a folder", "zip-special-file", "a file or a folder?",
        lambda: with_part(ZipPart("demo/sub/", b"", STORED, attributes=0o100644 << 16))),
    in_wheel("Z34", "folder called a file", "zip-special-file", "a file or a folder?",
        lambda: with_part(ZipPart("demo/sub", b"", attributes=0o040755 << 16))),
    in_wheel("Z35", "setgid", "mode-setuid", "runs as its group",
        lambda: with_part(ZipPart("demo/s", b"", attributes=0o102755 << 16))),
    in_wheel("Z42 V31", "masked headers", "zip-flags", "the directory is encrypted", lambda: first_part(flags=0x2000)),
    in_wheel("Z42 V31", "certificate extra", "zip-encrypted", "nobody can check it",
        lambda: first_part(extra=extra_field(0x0017, bytes(8)))),
    in_wheel("Z45", "patch data", "zip-flags", "the bytes are a difference to something else",
        lambda: first_part(flags=0x20)),
    in_wheel("Z45", "reserved flag", "zip-flags", "readers guess", lambda: first_part(flags=0x8000)),
    in_wheel("Z45", "future version by the local header", "zip-version", "streaming readers give up on it",
        lambda: make_wheel()[:4] + b"\x54" + make_wheel()[5:]),
    in_wheel("Z12 V30", "2 GiB by many claims", "archive-too-large", "each claim is modest, the sum is not",
        lambda: make_zip([*wheel_parts(), *[ZipPart(f"demo/{n}", b"", size=1 << 20) for n in range(2049)],
                          ZipPart("demo/noise", bytes(44 << 20), STORED)])),
    in_wheel("Z14", "crc left out", "checksum-mismatch", "some readers do not look when it is zero",
        lambda: first_part(crc=0)),
    in_wheel("Z44", "stored for one, deflated for the other", "zip-headers-differ", "two readings, both whole",
        lambda: first_part(method=STORED, packed=deflated(), size=len(deflated()), crc=zlib.crc32(deflated()),
                           local={"method": 8, "size": 6, "crc": zlib.crc32(b"x = 1\n")})),
    in_wheel("Z47", "two deflate streams", "deflate-trailing", "a second payload",
        lambda: with_part(ZipPart("demo/two.py", b"x = 1\n", packed=deflated() * 2))),
    in_wheel("Z47", "zeros after the final block", "deflate-trailing", "bytes nobody reads",
        lambda: with_part(ZipPart("demo/z.py", b"x = 1\n", packed=deflated() + bytes(4)))),
    in_wheel("Z48", "stored bytes said to be deflated", "deflate-damaged", "no deflate stream",
        lambda: first_part(packed=b"x = 1\n" * 20)),
    in_wheel("Z24 V38", "overlong slash", "path-not-utf8", "lax decoders read a '/'",
        lambda: with_part(ZipPart(b"demo/..\xc0\xafevil", b"", flags=0x0800))),
    in_wheel("Z24 V38", "surrogate", "path-not-utf8", "cannot be written",
        lambda: with_part(ZipPart(b"demo/\xed\xa0\x80", b"", flags=0x0800))),
    in_wheel("Z39 V32", "METADATA twice", "path-duplicate", "the index serves one, the installer takes the other",
        lambda: make_zip([*wheel_parts(), ZipPart("demo-1.0.dist-info/METADATA", b"Name: evil\n")])),
    *(Hostile("Z45 V31", f"method {method}", "zip-method", "not every installer reads it",
              lambda method=method: first_part(method=method), "demo-1.0-py3-none-any.whl")  # type: ignore[misc]
      for method in (1, 6, 9, 14, 20, 93, 95, 98, 99, 255)),
)
# fmt: on
