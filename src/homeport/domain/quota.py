"""How much may be stored: the bounds of a file, of a project, of a user's uploads, of the index, and of the disk.

1. An administrator may give a project, or a user, a quota of its own; otherwise the index's default holds.
2. A quota bounds what is there: what was removed counts no more (I-17).
3. A part of the disk stays free, so that what must be written can be: the database, and whoever repairs it (T-39).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from homeport.domain.errors import Conflict, Invalid, Refusal, TooLarge

_UNITS = {
    "": 1,
    "b": 1,
    **{f"{letter}b": 1000 ** (power + 1) for power, letter in enumerate("kmgt")},
    **{f"{letter}ib": 1024 ** (power + 1) for power, letter in enumerate("kmgt")},
}
_SIZE = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,3}))? ?([a-z]*)", re.ASCII | re.IGNORECASE)
_PERCENT = re.compile(r"([0-9]{1,2})%")
# A database holds no greater number.
_LARGEST = 2**62
GIB = 1024**3


def parse_size(text: str) -> int:
    """The bytes that ``10GiB``, ``500 MB``, ``1.5gb`` or ``1024`` are, or ``Invalid``; units are read in any case."""
    match = _SIZE.fullmatch(text.strip())
    unit = _UNITS.get(match[3].lower()) if match else None
    if match is None or unit is None:
        raise Invalid(
            f"{text[:40]!r} is not a size: write for example 500MB, 10GiB or a number of bytes.",
            code="size-invalid",
        )
    fraction = match[2] or "0"
    size_bytes: int = int(match[1]) * unit + int(fraction) * unit // 10 ** len(fraction)
    if size_bytes > _LARGEST:
        raise Invalid(f"{text[:40]!r} is more than any disk holds.", code="size-invalid")
    return size_bytes


def parse_quota(text: str) -> int | None:
    """A size, or ``None`` for ``default``."""
    return None if text == "default" else parse_size(text)


def told_size(size_bytes: int) -> str:
    """A size as people are told it everywhere, in binary units."""
    amount, unit = float(size_bytes), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:  # noqa: PLR2004 - the step between binary units
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.1f}".removesuffix(".0") + f" {unit}"


@dataclass(frozen=True, slots=True)
class Quotas:
    """The index's own bounds; ``None`` is no bound."""

    project_bytes: int | None = 10 * GIB
    user_bytes: int | None = None
    index_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What is there of a project or a user, and the quota of its own that it was given, if any."""

    used_bytes: int
    own_quota_bytes: int | None = None

    def quota(self, default_bytes: int | None) -> int | None:
        """The quota that holds; ``None`` when there is none."""
        return default_bytes if self.own_quota_bytes is None else self.own_quota_bytes

    def with_more(self, size_bytes: int) -> "Usage":
        """The same with so many bytes more."""
        return replace(self, used_bytes=self.used_bytes + size_bytes)


@dataclass(frozen=True, slots=True)
class Room:
    """How many bytes may still come, and what who sends more is told."""

    left_bytes: int
    refusal: Refusal

    def require(self, size_bytes: int) -> None:
        """The refusal, raised, when ``size_bytes`` are too many."""
        if size_bytes > self.left_bytes:
            raise self.refusal


def tightest(rooms: Iterable[Room | None]) -> Room:
    """The room with the fewest bytes left; there is one at least."""
    return min((room for room in rooms if room is not None), key=lambda room: room.left_bytes)


def file_room(max_bytes: int) -> Room:
    """What one file may have."""
    sentence = f"The file is larger than the limit of {told_size(max_bytes)} that this index allows."
    return Room(max_bytes, TooLarge(sentence, code="file-too-large"))


def project_room(name: str, usage: Usage, quotas: Quotas) -> Room | None:
    """What the project may still take; one that is yet to come has no ``name``."""
    return _room(
        f"The project {name}".strip(),
        usage.used_bytes,
        usage.quota(quotas.project_bytes),
        "Remove files that nobody needs, or ask an administrator for a larger quota.",
        "project-quota",
    )


def user_room(name: str, usage: Usage, quotas: Quotas) -> Room | None:
    """What the user may still upload."""
    return _room(
        f"What {name} uploaded",
        usage.used_bytes,
        usage.quota(quotas.user_bytes),
        "Remove files that nobody needs, or ask an administrator for a larger quota.",
        "user-quota",
    )


def index_room(used_bytes: int, quotas: Quotas) -> Room | None:
    """What the whole index may still take."""
    advice = "Only an administrator can make room."
    return _room("This index", used_bytes, quotas.index_bytes, advice, "index-quota")


def _room(what: str, used_bytes: int, quota_bytes: int | None, advice: str, code: str) -> Room | None:
    if quota_bytes is None:
        return None
    # A quota may be made smaller than what is there: nothing goes, and nothing more comes.
    left_bytes = max(0, quota_bytes - used_bytes)
    sentence = f"{what} has {told_size(used_bytes)} of a quota of {told_size(quota_bytes)}, and the file needs more. {advice}"
    return Room(left_bytes, Conflict(sentence, code=code))


@dataclass(frozen=True, slots=True)
class Reserve:
    """What stays free of a disk: bytes, or a part of it in percent."""

    size_bytes: int = 0
    percent: int = 0

    @classmethod
    def parse(cls, text: str) -> "Reserve":
        """``5%`` or a size, or ``Invalid``."""
        match = _PERCENT.fullmatch(text.strip())
        return cls(percent=int(match[1])) if match else cls(parse_size(text))

    def left(self, free_bytes: int, disk_bytes: int) -> int:
        """How much of what is free may be used; never negative."""
        return max(0, free_bytes - max(self.size_bytes, disk_bytes * self.percent // 100))
