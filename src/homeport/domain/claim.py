"""Claims: what places say the digest of a file is, and whether the bytes have it.

1. A claim is an algorithm and a digest, and where it was said. Any place that names a file may claim something of it.
2. Every claim is compared, wherever it comes from. One that does not hold rejects the file: nobody can say who is right.
3. Only a claim read over verified TLS at every step proves anything, and only by an algorithm in which nobody makes two
   files of one digest: SHA-2 of 256 bits and more. ``md5``, ``sha1`` and ``sha224`` are compared and prove nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

STRONG: Final = frozenset({"sha256", "sha384", "sha512"})


class ClaimKind(StrEnum):
    """How a place says it."""

    LINK = "link"  # the fragment of a link on a page
    SOURCE = "source"  # the fragment of the URL that a maintainer gave, of this file or of one of its name
    LISTING = "listing"  # an index or a forge tells it beside the file
    CHECKSUMS = "checksums"  # a line of a checksum file


_SAID: Final[Mapping[ClaimKind, str]] = {
    ClaimKind.LINK: "The link on {place} claims",
    ClaimKind.SOURCE: "The source's own URL claims",
    ClaimKind.LISTING: "The listing {place} claims",
    ClaimKind.CHECKSUMS: "The checksum file {place} claims",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One digest that a place claims. ``value`` is in lower case, ``said_at`` the place's URL (empty for the file's own source).

    ``is_tls``: nobody on the way could have changed it, nor what led there. ``holds`` is known once the bytes are here.
    """

    kind: ClaimKind
    algorithm: str
    value: str
    said_at: str = ""
    is_tls: bool = False
    holds: bool | None = None

    @property
    def proves(self) -> bool:
        """True when it holds, came over verified TLS, and its algorithm is strong."""
        return bool(self.holds) and self.is_tls and self.algorithm in STRONG

    @property
    def sentence(self) -> str:
        """Who claims it, for a sentence that goes on with the digest."""
        if self.kind is ClaimKind.SOURCE and self.said_at:
            return f"The source {self.said_at} claims"
        return _SAID[self.kind].format(place=self.said_at or "a place that is not remembered")

    def to_json(self) -> dict[str, Any]:
        """The claim, for storing and for people's scripts."""
        return {
            "kind": self.kind.value,
            "algorithm": self.algorithm,
            "value": self.value,
            "said_at": self.said_at,
            "tls": self.is_tls,
            "holds": self.holds,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Claim":
        """What :meth:`to_json` made."""
        return cls(
            ClaimKind(stored["kind"]),
            stored["algorithm"],
            stored["value"],
            stored["said_at"],
            stored["tls"],
            stored["holds"],
        )


def compared(claims: Iterable[Claim], have: Mapping[str, str]) -> tuple[Claim, ...]:
    """``claims`` with what the bytes say of each; ``have`` holds a hex digest for every algorithm claimed."""
    return tuple(replace(claim, holds=claim.value.lower() == have[claim.algorithm]) for claim in claims)


def broken(claims: Iterable[Claim], have: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for every claim that does not hold."""
    return tuple(
        f"{claim.sentence} {claim.algorithm} {claim.value}, but the bytes have {have[claim.algorithm]}."
        for claim in compared(claims, have)
        if not claim.holds
    )
