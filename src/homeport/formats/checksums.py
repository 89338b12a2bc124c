"""Checksum files: ``SHA256SUMS`` and its like, as GNU coreutils, BSD ``digest`` and people write them.

1. A line is ``<digest>  <name>`` (``*<name>`` for binary), ``SHA256 (<name>) = <digest>``, or, in a file that is named
   after the file it speaks about, the digest alone. A digest tells its algorithm by its length: 64, 96 or 128 digits.
2. Anything else is no claim: comments, signatures around the lines, names with a folder that leads upwards.
3. Names that GNU escapes (a line that begins with a backslash) are no names of release files.
4. One name with two digests of one algorithm is a file that contradicts itself: none of its lines is believed.
"""

import re
from typing import Final

from homeport.domain.digests import HEX_DIGITS
from homeport.domain.known_hashes import Unread
from homeport.domain.offer import Offer, Offers

MAX_LINES: Final = 20_000
MAX_LINE_CHARACTERS: Final = 1_024
_ALGORITHMS: Final = {HEX_DIGITS[name]: name for name in ("sha256", "sha384", "sha512")}
_GNU: Final = re.compile(r"([0-9a-fA-F]{64,128})[ \t]+\*?(\S.*)")
_BSD: Final = re.compile(r"SHA-?(256|384|512)[ \t]?\((.+)\)[ \t]?=[ \t]?([0-9a-fA-F]{64,128})")
_MOST_UNREAD: Final = 3
_MOST_SHOWN: Final = 80
_ARMOUR: Final = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----\s*\n(?:Hash: .*\n)?|^-----BEGIN PGP SIGNATURE-----(?s:.*)",
    re.MULTILINE,
)
_ALONE: Final = re.compile(r"[0-9a-fA-F]{64,128}")


def read_checksums(page: bytes, about: str = "") -> Offers:
    """What a checksum file claims, as offers without URLs. ``about`` is the file that its own name speaks about."""
    text = page.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = text.splitlines()
    claims: dict[tuple[str, str], set[str]] = {}
    for line in lines[:MAX_LINES]:
        if len(line) <= MAX_LINE_CHARACTERS and (read := _read(line.strip(), about)):
            name, algorithm, digest = read
            claims.setdefault((name, algorithm), set()).add(digest)
    if contradicted := sorted({name for (name, _), digests in claims.items() if len(digests) > 1}):
        return Offers(
            problem=f"It has two digests for {contradicted[0][:200]!r}: none of its lines is believed."
        )
    by_name: dict[str, list[tuple[str, str]]] = {}
    for (name, algorithm), digests in claims.items():
        by_name.setdefault(name, []).extend((algorithm, digest) for digest in digests)
    problem = (
        f"It has more than {MAX_LINES:,} lines: the rest was not read." if len(lines) > MAX_LINES else ""
    )
    offers = tuple(Offer("", tuple(sorted(pairs)), name) for name, pairs in by_name.items())
    return Offers(offers, problem=problem)


def unread_lines(page: bytes) -> Unread:
    """The lines that claim nothing although they are neither empty nor comments, nor those around an OpenPGP signature."""
    text = page.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = [line.strip() for line in _ARMOUR.sub("", text).splitlines()[:MAX_LINES]]
    unread = [line for line in lines if line and not line.startswith(("#", ";")) and not _is_read(line)]
    return Unread(tuple(line[:_MOST_SHOWN] for line in unread[:_MOST_UNREAD]), len(unread))


def _is_read(line: str) -> bool:
    return len(line) <= MAX_LINE_CHARACTERS and _read(line, "") is not None


def _read(line: str, about: str) -> tuple[str, str, str] | None:
    if about and _ALONE.fullmatch(line):
        return _told(about, line)
    if bsd := _BSD.fullmatch(line):
        bits, name, digest = bsd.groups()
        return _told(name, digest) if len(digest) * 4 == int(bits) else None
    gnu = _GNU.fullmatch(line)
    return _told(gnu[2], gnu[1]) if gnu else None


def _told(name: str, digest: str) -> tuple[str, str, str] | None:
    # People run sha256sum in the folder above, so that names have dist/ or ./ before them.
    folders, _, plain = name.rpartition("/")
    algorithm = _ALGORITHMS.get(len(digest))
    if algorithm is None or not plain or ".." in folders.split("/"):
        return None
    return plain, algorithm, digest.lower()
