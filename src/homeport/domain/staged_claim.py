"""What is claimed of a staged file before its bytes come: name, size and hashes; and whether the bytes are that.

1. At least one hash must be a secure one; every hash that is given counts (PEP 694).
2. A hash is known by hashlib's name for it; those that have no length of their own are not taken.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeport.domain.digests import Digests
from homeport.domain.errors import Invalid, together
from homeport.domain.names import (
    ParsedFilename,
    ProjectName,
    ReleaseVersion,
    parse_filename,
    same_version,
)

HTTP_POST_BYTES = "http-post-bytes"
MECHANISM_UNKNOWN = "mechanism-unknown"

_ALGORITHMS = frozenset(name for name in hashlib.algorithms_guaranteed if not name.startswith("shake_"))
_BROKEN = frozenset({"md5", "sha1"})
_HEX = re.compile(r"[0-9a-f]*")
# A database holds no greater number.
_LARGEST = 2**62


@dataclass(frozen=True)
class Claim:
    """A file's name, its size, and its hashes by hashlib's names, in lower case."""

    file: ParsedFilename
    size_bytes: int
    hashes: tuple[tuple[str, str], ...]


def read_claim(name: ProjectName, version: ReleaseVersion, values: Mapping[str, Any]) -> Claim:
    """The claim in a request to add a file to the release, or ``Invalid`` with everything that is wrong."""
    mechanism = values.get("mechanism")
    if mechanism != HTTP_POST_BYTES:
        raise Invalid(
            f"mechanism is {str(mechanism)[:40]!r}: this index knows {HTTP_POST_BYTES}.",
            code=MECHANISM_UNKNOWN,
        )
    problems: list[str] = []
    file = _file(name, version, values.get("filename"), problems)
    size_bytes = values.get("size")
    if type(size_bytes) is not int or not 0 < size_bytes < _LARGEST:
        problems.append(f"size is {str(size_bytes)[:40]!r}: the number of bytes is wanted.")
        size_bytes = 0
    hashes = _hashes(values.get("hashes"), problems)
    if file is None or problems:
        raise together("The file", problems, code="staged-file-invalid")
    return Claim(file, size_bytes, tuple(sorted(hashes.items())))


def _file(
    name: ProjectName, version: ReleaseVersion, filename: object, problems: list[str]
) -> ParsedFilename | None:
    if not isinstance(filename, str):
        problems.append("filename is missing: the name of a wheel or an sdist is wanted.")
        return None
    try:
        file = parse_filename(filename)
    except Invalid as refusal:
        problems.append(refusal.sentence)
        return None
    if file.project != name.normalized:
        problems.append(f"{filename} is a file of {file.project}, but the session is for {name}.")
    if not same_version(file.version.text, version.text):
        problems.append(f"{filename} is version {file.version}, but the session is for {version}.")
    return file


def _hashes(given: object, problems: list[str]) -> dict[str, str]:
    if not isinstance(given, Mapping) or len(given) > len(_ALGORITHMS):
        problems.append("hashes is missing: an object of hash names and hexadecimal digests is wanted.")
        return {}
    hashes: dict[str, str] = {}
    for name, value in given.items():
        if name not in _ALGORITHMS:
            problems.append(f"The hash {name[:40]!r} is not known here: use sha256.")
            continue
        length = hashlib.new(name, usedforsecurity=False).digest_size * 2
        digest = value.lower() if isinstance(value, str) else ""
        if len(digest) != length or not _HEX.fullmatch(digest):
            problems.append(f"{name} is {str(value)[:80]!r}: {length} hexadecimal digits are wanted.")
        hashes[name] = digest
    if not hashes.keys() - _BROKEN:
        problems.append("No secure hash of the file is given: send sha256.")
    return hashes


class Hashing:
    """Hashes bytes that pass by with whatever was claimed and the store does not compute by itself."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._hashes = {
            name: hashlib.new(name, usedforsecurity=False)
            for name, _ in claim.hashes
            if name not in {"sha256", "md5"}
        }

    def update(self, data: bytes) -> None:
        """Take ``data`` into account."""
        for one in self._hashes.values():
            one.update(data)

    def problems(self, size_bytes: int, digests: Digests) -> list[str]:
        """Everything in which the bytes that came are not those that were claimed."""
        have = {name: one.hexdigest() for name, one in self._hashes.items()}
        have |= {"sha256": digests.sha256.hex, "md5": digests.md5}
        found = [
            f"{name} was to be {value}, and the bytes that came have {have[name]}."
            for name, value in self._claim.hashes
            if have[name] != value
        ]
        if size_bytes != self._claim.size_bytes:
            found.insert(0, f"{self._claim.size_bytes:,} bytes were announced, and {size_bytes:,} came.")
        return found
