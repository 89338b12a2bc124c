"""The same file, read again by the standard library's ``zipfile`` or ``tarfile`` (G-18).

1. Our reader goes first, so the second one sees only files without a reject: bounded, and strictly written.
2. Both must see the same members: paths, kinds, sizes, link targets, and the bytes of the first
   ``MAX_COMPARED_BYTES``. In a ZIP whose directory was agreed upon, the rest cannot differ.
3. A disagreement, or an error of the second reader, is a finding that shows both views.
"""

import hashlib
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, BinaryIO

from homeport.formats.archive.entries import CHUNK_BYTES, Entry, EntryKind
from homeport.formats.archive.report import Report

MAX_COMPARED_BYTES = 64 * 1024**2

# What the two modules are known to raise, documented or not.
_READER_ERRORS = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error,
    OSError, EOFError, ValueError, OverflowError, NotImplementedError, RuntimeError,
)  # fmt: skip
_TAR_KINDS = {
    tarfile.REGTYPE: EntryKind.FILE,
    tarfile.AREGTYPE: EntryKind.FILE,
    tarfile.DIRTYPE: EntryKind.FOLDER,
    tarfile.SYMTYPE: EntryKind.LINK,
    tarfile.LNKTYPE: EntryKind.HARD_LINK,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One member as one reader saw it; ``digest`` is empty where the bytes were not looked at."""

    kind: str
    size_bytes: int
    target: str = ""
    digest: str = ""

    def __str__(self) -> str:
        return f"a {self.kind} of {self.size_bytes} bytes" + (
            f", sha256 {self.digest}" if self.digest else ""
        )


class Witness:
    """Remembers what our reader saw."""

    def __init__(self) -> None:
        self.seen: dict[str, Seen] = {}
        self._room = MAX_COMPARED_BYTES

    def watch(self, entry: Entry, content: Iterator[bytes]) -> Iterator[bytes]:
        """``content`` itself; it is digested on its way when there is room for it."""
        is_compared = entry.kind is EntryKind.FILE and entry.size_bytes <= self._room
        digest = hashlib.sha256()
        if is_compared:
            self._room -= entry.size_bytes
        for chunk in content:
            if is_compared:
                digest.update(chunk)
            yield chunk
        shown = digest.hexdigest() if is_compared else ""
        self.seen[entry.path] = Seen(entry.kind, entry.size_bytes, entry.target, shown)


def ask_second_reader(file: BinaryIO, filename: str, witness: Witness, report: Report) -> None:
    """Have the standard library read ``file``, and tell where it sees something else."""
    file.seek(0)
    read = _read_zip if filename.lower().endswith((".whl", ".zip")) else _read_tar
    ours, theirs = witness.seen, dict[str, Seen]()
    try:
        for path, seen in read(file, filename, ours):
            if path in theirs or seen != ours.get(path):
                _tell(path, ours.get(path), seen, report)
                return
            theirs[path] = seen
    except _READER_ERRORS as error:
        problem = f"{type(error).__name__}: {error}"[:200]
        report.add("readers-disagree", f"Python's own reader cannot read what we can ({problem!r}).")
        return
    for path in ours.keys() - theirs.keys():
        _tell(path, ours[path], None, report)
        return


def _tell(path: str, ours: Seen | None, theirs: Seen | None, report: Report) -> None:
    report.add(
        "readers-disagree",
        f"Readers disagree about {path[:120]!r}: we see {ours or 'nothing'}, Python's own reader sees {theirs or 'nothing'}.",
    )


def _read_zip(file: BinaryIO, _: str, ours: Mapping[str, Seen]) -> Iterator[tuple[str, Seen]]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            path = info.filename.removesuffix("/")
            kind = EntryKind.FOLDER if info.is_dir() else EntryKind.FILE
            with archive.open(info) as content:  # reads the local header, and compares it
                yield path, Seen(kind, info.file_size, "", _digest(path, content, ours))


def _read_tar(file: BinaryIO, filename: str, ours: Mapping[str, Seen]) -> Iterator[tuple[str, Seen]]:
    mode = "r:bz2" if filename.endswith(".bz2") else "r:" if filename.endswith(".tar") else "r:gz"
    open_tar: Callable[..., tarfile.TarFile] = tarfile.open
    with open_tar(fileobj=file, mode=mode, encoding="utf-8", errors="surrogateescape") as archive:
        for info in archive:
            kind = _TAR_KINDS.get(info.type, repr(info.type))
            content = archive.extractfile(info) if kind == EntryKind.FILE else None
            digest = _digest(info.name, content, ours) if content else ""
            yield info.name, Seen(kind, info.size, info.linkname, digest)


def _digest(path: str, content: IO[bytes], ours: Mapping[str, Seen]) -> str:
    if path not in ours or not ours[path].digest:
        return ""
    digest = hashlib.sha256()
    while chunk := content.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
