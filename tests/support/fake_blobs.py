"""Blobs in memory; a folder is used only to show an inspector the bytes as a file."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from homeport.domain.digests import Digests, Sha256, digests_of
from homeport.domain.errors import TooLarge, Unavailable


class FakeIncoming:
    """``ports.blobs.Incoming`` in memory."""

    def __init__(self, kept: dict[Sha256, bytes], file: Path, max_bytes: int) -> None:
        self._kept = kept
        self._file = file
        self._max_bytes = max_bytes
        self._data = bytearray()

    @property
    def path(self) -> Path:
        """See the port."""
        self._file.write_bytes(self._data)
        return self._file

    @property
    def size_bytes(self) -> int:
        """See the port."""
        return len(self._data)

    def write(self, data: bytes) -> None:
        """See the port."""
        if len(self._data) + len(data) > self._max_bytes:
            raise TooLarge(f"More than {self._max_bytes} bytes.", code="file-too-large")
        self._data += data

    def digests(self) -> Digests:
        """See the port."""
        return digests_of([bytes(self._data)])

    def keep(self) -> Sha256:
        """See the port."""
        sha256 = self.digests().sha256
        # What is there already is the same, unless somebody damaged it.
        self._kept[sha256] = bytes(self._data)
        return sha256


class FakeBlobs:
    """``ports.blobs.Blobs``; ``folder`` shows the bytes as files. ``kept`` is everything there is, ``free`` what may still come."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._received = 0
        self.free = 2**40
        self.kept: dict[Sha256, bytes] = {}
        self.kept_at: datetime | None = None

    def free_bytes(self) -> int:
        """See the port."""
        return self.free

    @contextmanager
    def receive(self, max_bytes: int) -> Iterator[FakeIncoming]:
        """See the port."""
        if not self.free:
            raise Unavailable("The disk is almost full.", code="disk-full")
        self._received += 1
        file = self._folder / f"incoming-{self._received}"
        try:
            yield FakeIncoming(self.kept, file, max_bytes)
        finally:
            file.unlink(missing_ok=True)

    def path(self, sha256: Sha256) -> Path | None:
        """See the port."""
        if sha256 not in self.kept:
            return None
        file = self._folder / sha256.hex
        file.write_bytes(self.kept[sha256])
        return file

    def forget(self, sha256: Sha256, *, kept_before: datetime) -> bool:
        """See the port; nothing was kept lately, unless ``kept_at`` says so."""
        if self.kept_at is not None and self.kept_at >= kept_before:
            return sha256 not in self.kept
        self.kept.pop(sha256, None)
        return True

    def open(self, sha256: Sha256) -> BinaryIO:
        """See the port."""
        if sha256 not in self.kept:
            raise Unavailable(f"The bytes of {sha256} are not here.", code="blob-missing")
        return io.BytesIO(self.kept[sha256])
