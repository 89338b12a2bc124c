"""Digests: what bytes are known by."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from homeport.domain.errors import Invalid

#: How many hexadecimal digits a digest of each algorithm has that old and new pages claim, the strongest in use first.
HEX_DIGITS: Final = MappingProxyType(
    {"sha256": 64, "sha384": 96, "sha512": 128, "sha224": 56, "sha1": 40, "md5": 32}
)
_HEX64 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class Sha256:
    """A SHA-256 digest as 64 lower-case hex digits; the key of a blob."""

    hex: str

    @classmethod
    def parse(cls, text: str) -> "Sha256":
        """A digest from 64 hex digits in either case, or ``Invalid``."""
        lowered = text.strip().lower()
        if not _HEX64.fullmatch(lowered):
            raise Invalid(
                f"{text[:80]!r} is not a SHA-256 digest: 64 hexadecimal digits are wanted.",
                code="digest-invalid",
            )
        return cls(lowered)

    @classmethod
    def of(cls, data: bytes) -> "Sha256":
        """The digest of ``data``."""
        return cls(hashlib.sha256(data).hexdigest())

    def __str__(self) -> str:
        return self.hex


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests the index computes of every file it holds; ``blake2b_256`` is PyPI's, 64 hex digits."""

    sha256: Sha256
    blake2b_256: str
    md5: str


class Digester:
    """Computes :class:`Digests` and the size of bytes that pass by."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._blake2b = hashlib.blake2b(digest_size=32)
        # md5 is compared when a client or an old page claims one; it is never relied upon.
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.size_bytes = 0

    def update(self, data: bytes) -> None:
        """Take ``data`` into account."""
        self._sha256.update(data)
        self._blake2b.update(data)
        self._md5.update(data)
        self.size_bytes += len(data)

    def digests(self) -> Digests:
        """The digests of everything seen so far."""
        return Digests(Sha256(self._sha256.hexdigest()), self._blake2b.hexdigest(), self._md5.hexdigest())


def digests_of(chunks: Iterable[bytes]) -> Digests:
    """The digests of ``chunks`` put together."""
    digester = Digester()
    for chunk in chunks:
        digester.update(chunk)
    return digester.digests()


def hex_digests(chunks: Iterable[bytes], names: Iterable[str]) -> dict[str, str]:
    """The digests of ``chunks`` by hashlib's ``names``; an old page may claim any that easy_install knew."""
    hashes = {name: hashlib.new(name, usedforsecurity=False) for name in names}
    for chunk in chunks:
        for one in hashes.values():
            one.update(chunk)
    return {name: one.hexdigest() for name, one in hashes.items()}
