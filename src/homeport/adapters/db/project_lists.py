"""The whole list of projects, put together from its segments into a file when it is asked for after a change.

1. The file is written within one read transaction, so it is the list as it was at one serial; a slow reader of the
   file holds no transaction open.
2. It is read by as many as ask, and goes with the last of them; nothing of it stays in memory.
"""

import os
import tempfile
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from homeport.adapters.db.driver import connect_raw
from homeport.formats.accept import Form
from homeport.formats.codings import Coding
from homeport.formats.deflate_segments import GzipStream, gunzipped
from homeport.formats.simple_list import list_pieces

_CHUNK_BYTES = 256 * 1024
_SERIAL = "SELECT coalesce(max(seq), 0) FROM ledger"
_SEGMENTS = "SELECT deflated FROM list_segments WHERE form = ? ORDER BY first"


class ListFile:
    """``ports.reads.StoredList`` over a file without a name, which ends with this object."""

    def __init__(self, file: BinaryIO, serial: int, gzipped_bytes: int, plain_bytes: int) -> None:
        self._file = file
        weakref.finalize(self, file.close)
        self._lengths = {"gzip": gzipped_bytes, "identity": plain_bytes}
        self.serial = serial

    def length(self, coding: Coding) -> int:
        """See the port."""
        return self._lengths[coding]

    def chunks(self, coding: Coding) -> Iterator[bytes]:
        """See the port."""
        return self._gzipped() if coding == "gzip" else gunzipped(self._gzipped(), most=_CHUNK_BYTES)

    def _gzipped(self) -> Iterator[bytes]:
        # Many read at once, each at a place of its own.
        at = 0
        while chunk := os.pread(self._file.fileno(), _CHUNK_BYTES, at):
            at += len(chunk)
            yield chunk


class ProjectLists:
    """The newest list in either form; use it from any thread."""

    def __init__(self, database: Path) -> None:
        self._connection: Any = connect_raw(database)
        self._newest: dict[Form, ListFile] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()
        self._newest.clear()

    def newest(self, form: Form) -> ListFile:
        """The list as it is now."""
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                (serial,) = self._connection.execute(_SERIAL).fetchone()
                there = self._newest.get(form)
                if there is None or there.serial != serial:
                    there = self._newest[form] = self._written(form, serial)
            finally:
                self._connection.execute("COMMIT")
            return there

    def _written(self, form: Form, serial: int) -> ListFile:
        segments = (row[0] for row in self._connection.execute(_SEGMENTS, (form,)))
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as its readers
        stream = GzipStream(list_pieces(segments, form, serial))
        for chunk in stream:
            file.write(chunk)
        file.flush()
        return ListFile(file, serial, file.tell(), stream.plain_bytes)
