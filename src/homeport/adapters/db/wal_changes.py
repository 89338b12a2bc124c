"""Whether anything was committed since: read from the index of the write-ahead log, which every commit rewrites.

SQLite keeps that index in a file that all processes map into their memory ("The WAL-Index File Format" in its
documentation). Its first 48 bytes are a header with a counter, the length of the log and its checksum, in two copies of
which a commit writes this one last. To compare them costs a tenth of a microsecond; ``PRAGMA data_version``, which
asks the same, costs as much as reading a page.

1. The header differs from an earlier one as soon as a commit can be seen, and before it is acknowledged.
2. A header that is read while it is written is like no other: it costs one look-up, and tells nothing wrong.
3. The file stays the same file for as long as a connection is open that has read in WAL mode.
4. A descriptor of this file is never closed before the process ends: POSIX drops all of a process's locks on a file
   with any descriptor of it, SQLite's too ("How To Corrupt An SQLite Database File" §2.2). The next process to open the
   database would take the index for abandoned, and cut it off under those who use it.
"""

import mmap
import os
from pathlib import Path
from typing import Any

_HEADER_BYTES = 48
# A map has a descriptor of its own beside the one it was made from: neither may go (rule 4).
_never_closed: list[tuple[int, mmap.mmap]] = []


class WalChanges:
    """The stamp of the last commit; ``connection`` keeps the index in place and must stay open."""

    def __init__(self, connection: Any, database: Path) -> None:
        self._connection = connection
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        # The first read makes the index, or joins those who use it.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if mode != "wal":
            raise AssertionError(f"{database} is in {mode} mode, not in WAL mode")
        file = os.open(f"{database}-shm", os.O_RDONLY | os.O_CLOEXEC)
        self._index = mmap.mmap(file, _HEADER_BYTES, prot=mmap.PROT_READ)
        _never_closed.append((file, self._index))

    def stamp(self) -> bytes:
        """Equal to an earlier one only when nothing was committed in between."""
        return self._index[:]
