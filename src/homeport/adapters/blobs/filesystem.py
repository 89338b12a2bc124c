"""Blobs in a folder: ``<root>/ab/cd/<sha256>``, received in ``<root>/incoming``.

1. A blob's name is the hex digest and nothing else; no outside text ever becomes a path.
2. temp → write → ``fsync(file)`` → hash again from what was stored → ``link`` into place, which never replaces →
   ``fsync`` of every folder that got a new entry. Only then does ``keep`` return (threats §3.1).
3. A temporary file is locked (flock) while somebody writes it: a sweep removes only what nobody holds.
4. A part of the disk stays free, because a full one stops more than uploads (T-39): it is asked before bytes are
   received, and again with every ``_ASK_AGAIN`` of them, for others write too.
5. What nobody names may be forgotten, but not what was kept lately: who keeps what is there already says so in its
   ctime, under a lock of the folder that who forgets it needs, too.
6. A failed ``fsync`` is never tried again: the kernel may have dropped the pages (fsyncgate, A-16).
"""

import errno
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from homeport.domain.digests import Digester, Digests, Sha256
from homeport.domain.errors import TooLarge, Unavailable
from homeport.domain.quota import Reserve

_CHUNK = 1024 * 1024
_BUFFER = 256 * 1024
_ASK_AGAIN = 4 * 1024 * 1024


def blob_path(root: Path, sha256_hex: str) -> Path:
    """Where the blob of that digest lies. ``sha256_hex`` must be 64 hex digits; rows hold nothing else."""
    return root / sha256_hex[:2] / sha256_hex[2:4] / sha256_hex


class FolderIncoming:
    """``ports.blobs.Incoming`` in a temporary file."""

    def __init__(
        self, root: Path, path: Path, file: BinaryIO, max_bytes: int, require_room: Callable[[], None]
    ) -> None:
        self._root = root
        self._path = path
        self._file = file
        self._max_bytes = max_bytes
        self._require_room = require_room
        self._asked_at = 0
        self._digester = Digester()

    @property
    def path(self) -> Path:
        """See the port."""
        return self._path

    @property
    def size_bytes(self) -> int:
        """See the port."""
        return self._digester.size_bytes

    def write(self, data: bytes) -> None:
        """See the port."""
        size_bytes = self._digester.size_bytes + len(data)
        if size_bytes > self._max_bytes:
            raise TooLarge(
                f"The file is larger than the limit of {self._max_bytes:,} bytes that this index allows.",
                code="file-too-large",
            )
        if size_bytes - self._asked_at >= _ASK_AGAIN:
            self._asked_at = size_bytes
            self._require_room()
        self._digester.update(data)
        with _disk_errors():
            self._file.write(data)

    def digests(self) -> Digests:
        """See the port."""
        with _disk_errors():
            self._file.flush()
        return self._digester.digests()

    def keep(self) -> Sha256:
        """See the port."""
        sha256 = self.digests().sha256
        with _disk_errors():
            os.fsync(self._file.fileno())
            stored = _hash_file(self._path)
            if stored != sha256:
                raise Unavailable(
                    f"The disk gave back other bytes than were written ({stored} instead of {sha256}).",
                    code="disk-lies",
                )
            target = blob_path(self._root, sha256.hex)
            target.parent.mkdir(parents=True, exist_ok=True)
            _link_into_place(self._path, target, sha256)
            # Whoever made the folders may have died before syncing them: all three are synced by everyone.
            for folder in (target.parent, target.parent.parent, self._root):
                _fsync_folder(folder)
        return sha256


class FolderBlobs:
    """``ports.blobs.Blobs`` in a folder; ``reserve`` of its disk stays free."""

    def __init__(self, root: Path, reserve: Reserve = Reserve()) -> None:  # noqa: B008 - it is frozen
        self._root = root
        self._reserve = reserve
        self._incoming = root / "incoming"

    def set_up(self) -> None:
        """Make the folders, and sweep what a crash left in ``incoming``; other processes may be receiving."""
        with _disk_errors():
            self._incoming.mkdir(parents=True, exist_ok=True)
            for folder in (self._root, self._root.parent):
                _fsync_folder(folder)
            for left in self._incoming.iterdir():
                with suppress(FileNotFoundError), left.open("rb") as file:
                    if _lock(file):
                        left.unlink()

    def free_bytes(self) -> int:
        """See the port."""
        with _disk_errors():
            disk = os.statvfs(self._incoming)
        return self._reserve.left(disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize)

    def _require_room(self) -> None:
        if not self.free_bytes():
            raise Unavailable("The disk is almost full. Nothing was stored.", code="disk-full")

    @contextmanager
    def receive(self, max_bytes: int) -> Iterator[FolderIncoming]:
        """See the port."""
        self._require_room()
        with _disk_errors():
            path, file = self._new_file()
        try:
            yield FolderIncoming(self._root, path, file, max_bytes, self._require_room)
        finally:
            # Closing writes what is buffered: on a full disk that fails again, and what counts was said already.
            with suppress(OSError):
                file.close()
            path.unlink(missing_ok=True)

    def _new_file(self) -> tuple[Path, BinaryIO]:
        while True:
            descriptor, name = tempfile.mkstemp(dir=self._incoming)
            file = os.fdopen(descriptor, "wb", buffering=_BUFFER)
            # A sweep may have come between the making and the locking; then the file has no name any more.
            if _lock(file) and os.fstat(descriptor).st_nlink:
                return Path(name), file
            file.close()

    def path(self, sha256: Sha256) -> Path | None:
        """See the port."""
        path = blob_path(self._root, sha256.hex)
        return path if path.is_file() else None

    def forget(self, sha256: Sha256, *, kept_before: datetime) -> bool:
        """See the port."""
        path = blob_path(self._root, sha256.hex)
        try:
            with _locked(path.parent, fcntl.LOCK_EX):
                is_old = path.stat().st_ctime < kept_before.timestamp()
                if is_old:
                    path.unlink()
                return is_old
        except FileNotFoundError:
            return True

    def open(self, sha256: Sha256) -> BinaryIO:
        """See the port."""
        try:
            return blob_path(self._root, sha256.hex).open("rb")
        except OSError as error:
            raise Unavailable(
                f"The bytes of {sha256} cannot be read ({error.strerror}).", code="blob-missing"
            ) from error


def _link_into_place(path: Path, target: Path, sha256: Sha256) -> None:
    """Give the bytes their name; bytes that are there already stay, unless the disk has damaged them."""
    while True:
        try:
            target.hardlink_to(path)
        except FileExistsError:
            if not _keep_again(target):
                continue
            if _hash_file(target) != sha256:
                mended = path.with_suffix(".mended")
                mended.hardlink_to(path)
                mended.replace(target)
        return


def _keep_again(target: Path) -> bool:
    """Say that the bytes at ``target`` are wanted (rule 5); False when they were forgotten just now."""
    try:
        with _locked(target.parent, fcntl.LOCK_SH):
            found = target.stat()
            # The times that are set are those that are there: what changes is the ctime.
            os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _locked(folder: Path, operation: int) -> Iterator[None]:
    # The folder, because a blob is the same file as what its writer has locked (rule 3).
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, operation)
        yield
    finally:
        os.close(descriptor)


def _lock(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _hash_file(path: Path) -> Sha256:
    digester = Digester()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digester.update(chunk)
    return digester.digests().sha256


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        what = "The disk is full" if full else f"The file store cannot be written ({error.strerror})"
        raise Unavailable(
            f"{what}. Nothing was stored.", code="disk-full" if full else "disk-error"
        ) from error
