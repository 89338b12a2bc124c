"""What an archive holds, as values, and how much of it we are willing to look at (G-15)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

MAX_MEMBERS = 50_000
MAX_INFLATED_BYTES = 2 * 1024**3
# Real wheels reach high ratios while they are small; above this size a high ratio is a bomb.
BOMB_FLOOR_BYTES = 64 * 1024**2
BOMB_RATIO = 50
CHUNK_BYTES = 128 * 1024


class ArchiveError(Exception):
    """The archive cannot be read on; ``code`` and ``message`` become a finding."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class EntryKind(StrEnum):
    """What one member is; ``LINK`` is a symbolic link."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    HARD_LINK = "hard link"


@dataclass(frozen=True, slots=True)
class Entry:
    """One member: its path as written (a folder's without the final slash), and what it is."""

    path: str
    kind: EntryKind
    size_bytes: int
    target: str = ""


class Budget:
    """Counts inflated bytes and members, and refuses when one file asks for too much of us."""

    def __init__(self, compressed_bytes: int) -> None:
        self._compressed_bytes = compressed_bytes
        self._inflated_bytes = 0
        self._members = 0

    def take_bytes(self, count: int) -> None:
        """Count ``count`` inflated bytes, claimed or seen."""
        self._inflated_bytes += count
        if self._inflated_bytes > MAX_INFLATED_BYTES:
            raise ArchiveError(
                "archive-too-large",
                f"The archive unpacks to more than {MAX_INFLATED_BYTES >> 20} MiB, which is the limit.",
            )
        if self._inflated_bytes > max(BOMB_FLOOR_BYTES, BOMB_RATIO * self._compressed_bytes):
            raise ArchiveError(
                "archive-bomb",
                f"The archive unpacks to more than {BOMB_RATIO} times its own size: it is a compression bomb.",
            )

    def take_member(self) -> None:
        """Count one member."""
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise ArchiveError(
                "archive-too-many-members",
                f"The archive holds more than {MAX_MEMBERS} members, which is the limit.",
            )


def read_exactly(file: BinaryIO, count: int) -> bytes:
    """The next ``count`` bytes, or ``ArchiveError`` when the file ends before."""
    data = file.read(count)
    if len(data) < count:
        raise ArchiveError(
            "archive-truncated", "The archive ends before its contents do: the upload or download broke off."
        )
    return data


def size_of(file: BinaryIO) -> int:
    """How many bytes ``file`` holds; it is left at its beginning."""
    size = file.seek(0, 2)
    file.seek(0)
    return size
