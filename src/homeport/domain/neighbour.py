"""Neighbours: files beside release files that speak about them, known by their names.

1. A list of checksums (``SHA256SUMS``) speaks about every file that it names; any other neighbour about one file, whose
   name its own begins with, or, for PEP 740, whose name is the last but one part of its path.
2. A list speaks only about files that lie in its folder, or that the page which names the list names too: one place
   must not speak about another's files (T-09).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

from homeport.domain.errors import Invalid
from homeport.domain.urls import Url


class NeighbourKind(StrEnum):
    """What a neighbour holds."""

    CHECKSUMS = "checksums"
    OPENPGP = "openpgp"  # a detached signature
    SIGSTORE = "sigstore"  # a bundle
    PROVENANCE = "provenance"  # attestations of PEP 740, alone or as a provenance object

    @property
    def is_signature(self) -> bool:
        """True when it is verified against a key or an identity, not compared."""
        return self is not NeighbourKind.CHECKSUMS


_ENDINGS: Final = (
    (".sigstore.json", NeighbourKind.SIGSTORE),
    (".sigstore", NeighbourKind.SIGSTORE),
    (".publish.attestation", NeighbourKind.PROVENANCE),
    (".slsa.attestation", NeighbourKind.PROVENANCE),
    (".attestation", NeighbourKind.PROVENANCE),
    (".provenance", NeighbourKind.PROVENANCE),
    (".asc", NeighbourKind.OPENPGP),
    (".sig", NeighbourKind.OPENPGP),
    (".sha256sum", NeighbourKind.CHECKSUMS),
    (".sha384sum", NeighbourKind.CHECKSUMS),
    (".sha512sum", NeighbourKind.CHECKSUMS),
    (".sha256", NeighbourKind.CHECKSUMS),
    (".sha384", NeighbourKind.CHECKSUMS),
    (".sha512", NeighbourKind.CHECKSUMS),
)
_LIST: Final = re.compile(
    r"(?:[A-Za-z0-9._+-]{1,100}[._-])?(?:SHA-?(?:256|384|512)(?:SUMS?)?|CHECKSUMS?)(?:\.txt)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One file that speaks about others. ``about`` is the file it speaks about, empty for a list.

    ``page`` is where it was found; ``is_tls``: that page came over verified TLS, and so did what led there.
    """

    kind: NeighbourKind
    url: str
    about: str
    page: str = ""
    is_tls: bool = False

    def to_json(self) -> list[str | bool]:
        """The neighbour, for storing."""
        return [self.kind.value, self.url, self.about, self.page, self.is_tls]

    @classmethod
    def from_json(cls, stored: list[str | bool]) -> "Neighbour":
        """What :meth:`to_json` made."""
        kind, url, about, page, is_tls = stored
        return cls(NeighbourKind(str(kind)), str(url), str(about), str(page), bool(is_tls))


def neighbour_at(url: str, page: str = "", *, is_tls: bool = False) -> Neighbour | None:
    """The neighbour that lies at ``url``, by its name; ``None`` for anything else."""
    try:
        path = Url.parse(url).target.partition("?")[0]
    except Invalid:
        return None
    name = unquote(path.rpartition("/")[2])
    if name == "provenance":
        about = unquote(path.rpartition("/")[0].rpartition("/")[2])
        return Neighbour(NeighbourKind.PROVENANCE, url, about, page, is_tls) if about else None
    for ending, kind in _ENDINGS:
        about = name[: -len(ending)]
        if about and name.lower().endswith(ending) and not _LIST.fullmatch(about):
            return Neighbour(kind, url, about, page, is_tls)
    if _LIST.fullmatch(name):
        return Neighbour(NeighbourKind.CHECKSUMS, url, "", page, is_tls)
    return None


def may_speak(neighbour: Neighbour, filename: str, file_url: str, pages: frozenset[str]) -> bool:
    """True when ``neighbour`` may speak about the file at ``file_url`` that ``pages`` name."""
    if neighbour.about and neighbour.about != filename:
        return False
    return neighbour.page in pages or _folder(neighbour.url) == _folder(file_url)


def _folder(url: str) -> str:
    return url.partition("#")[0].partition("?")[0].rpartition("/")[0]
