"""Files that ask for much time or memory; they are looked at in a child that can be killed."""

import bz2
import struct
import zlib

from tests.support.archives import (
    TarPart,
    ZipPart,
    central_header,
    local_header,
    make_gzip,
    make_sdist,
    make_tar,
    make_wheel,
    make_zip,
    sdist_parts,
    wheel_parts,
)
from tests.support.hostile.case import SDIST_NAME, WHEEL_NAME, Hostile, Verdict

_MIB = 1 << 20


def repeated_gzip(piece: bytes, times: int) -> bytes:
    """One gzip member of ``piece`` so many times, compressed only once."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    for _ in range(times):
        crc = zlib.crc32(piece, crc)
    size = len(piece) * times & 0xFFFFFFFF
    trailer = crc.to_bytes(4, "little") + size.to_bytes(4, "little")
    return b"\x1f\x8b\x08" + bytes(7) + block * times + b"\x03\x00" + trailer


def one_member_of_a_gibibyte() -> bytes:
    """A tar in gzip whose only member is 1 GiB of zeros."""
    header = TarPart("demo-1.0/zeros", size=b"10000000000\0").to_bytes()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(header) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08" + bytes(7) + first + repeated_gzip(bytes(_MIB), 1024)[10:]


def many_empty_members() -> bytes:
    """A tar in gzip of 300,000 members."""
    return repeated_gzip(TarPart("demo-1.0/empty").to_bytes() * 2000, 150)


def many_empty_entries() -> bytes:
    """A ZIP of 70,000 entries, which needs ZIP64 to count them."""
    parts = [ZipPart(f"demo/{number:05}", method=0).filled() for number in range(70_000)]
    step = len(local_header(parts[0]))
    body = b"".join(local_header(part) for part in parts)
    directory = b"".join(central_header(part, number * step) for number, part in enumerate(parts))
    wide = (len(parts), len(parts), len(directory), len(body))
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, *wide)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(body) + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), len(body), 0)
    return body + directory + record + locator + end


def small_claim() -> bytes:
    """An entry that claims 10 bytes and inflates to 64 MiB."""
    return make_zip([*wheel_parts(), ZipPart("demo/b.bin", bytes(64 * _MIB), size=10, crc=0)])


def _nested(count: int) -> dict[str, bytes]:
    return {f"demo/{n}.zip": make_zip([ZipPart("z", bytes(_MIB))]) for n in range(count)}


# fmt: off
LARGE = (
    Hostile("Z49", "70,000 empty entries", "archive-too-many-members", "readers take minutes",
        many_empty_entries, WHEEL_NAME, is_large=True),
    Hostile("Z13", "10 bytes that inflate to 64 MiB", "zip-size-mismatch", "fills the disk of who believes the claim",
        small_claim, WHEEL_NAME, is_large=True),
    Hostile("Z11 T-19", "nested zips", "nested-bomb", "unpacked by whoever unpacks what is inside",
        lambda: make_wheel(files=_nested(16)), WHEEL_NAME, verdict=Verdict.HOLD, is_large=True),
    Hostile("Z11", "gzip in gzip", "nested-bomb", "unpacked by whoever unpacks what is inside",
        lambda: make_wheel(files={"demo/a.gz": make_gzip(make_gzip(bytes(16 * _MIB)))}), WHEEL_NAME,
        verdict=Verdict.HOLD, is_large=True),
    Hostile("Z11", "gzip in an sdist", "nested-bomb", "unpacked by whoever unpacks what is inside",
        lambda: make_sdist(files={"data.gz": make_gzip(bytes(16 * _MIB))}), SDIST_NAME,
        verdict=Verdict.HOLD, is_large=True),
    Hostile("V30", "more than 64 MiB, more than fifty times", "archive-bomb", "a compression bomb",
        lambda: make_wheel(files={"demo/zeros.bin": bytes(65 * _MIB)}), WHEEL_NAME, is_large=True),
    Hostile("V30 V55", "zip sdist", "archive-bomb", "a compression bomb",
        lambda: make_zip([ZipPart("demo-1.0/zeros.bin", bytes(65 * _MIB))]), "demo-1.0.zip", is_large=True),
    Hostile("T08 V55", "1 GiB of zeros as one member", "archive-bomb", "a compression bomb",
        one_member_of_a_gibibyte, SDIST_NAME, is_large=True),
    Hostile("T08 V55", "bzip2", "archive-bomb", "a compression bomb, a thousand times denser",
        lambda: bz2.compress(make_tar([*sdist_parts(), TarPart("demo-1.0/z", bytes(70 * _MIB))])), "demo-1.0.tar.bz2",
        is_large=True),
    Hostile("T32", "300,000 empty members", "archive-too-many-members", "readers take minutes",
        many_empty_members, SDIST_NAME, is_large=True),
)
# fmt: on
