"""Freezes: an administrator takes a file, or a whole release, out of everybody's reach at once, and can give it back.

1. A freeze beats everything: what is frozen is on no page and its address answers that it is frozen; nothing is
   published under a frozen name, or into a frozen release, whoever agreed to it.
2. It takes nothing away: bytes, rows and history stay, and the end of the freeze brings all of it back.
3. Everybody may read the reason: whoever installed the file has to know.
4. A project as a whole is quarantined (PEP 792), a host has its own freezing (``domain/manners``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from homeport.domain.errors import Conflict
from homeport.domain.names import ReleaseVersion, file_key, version_key

FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class Freeze:
    """One freeze. ``filename`` is empty when the whole release is frozen, with what may come to it."""

    id: int
    project: str
    version: str
    filename: str
    reason: str
    by: str
    at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""

    @property
    def is_live(self) -> bool:
        """True until an administrator ends it."""
        return self.ended_at is None

    @property
    def what(self) -> str:
        """What is frozen, in a few words."""
        return self.filename or f"{self.project} {self.version}"


def told_frozen(what: str, reason: str) -> str:
    """What everybody who asks for something frozen is told."""
    return f"{what} is frozen: an administrator of this index keeps it from being served. {reason}".strip()


def objection(freezes: Iterable[Freeze], version: ReleaseVersion, filename: str = "") -> Conflict | None:
    """Why, with these live freezes, nothing is published into the release, or under that name or another spelling of it."""
    for freeze in freezes:
        is_release = not freeze.filename and version_key(freeze.version) == version.key
        is_file = freeze.filename and filename and file_key(freeze.filename) == file_key(filename)
        if is_release or is_file:
            return Conflict(
                f"{told_frozen(freeze.what, freeze.reason)} Nothing is published there until that ends.",
                code=FROZEN,
            )
    return None


def frozen_reason(freezes: Iterable[Freeze], version: ReleaseVersion, filename: str = "") -> str:
    """Why, with these live freezes, just that release, or just that file, is frozen; empty when it is not."""
    its = (one for one in freezes if one.filename == filename and version_key(one.version) == version.key)
    return next((one.reason for one in its), "")
