"""Mistakes in the write protocol that are planted to see that they are found (threats G-04): pieces of Python, by name."""

from collections.abc import Mapping

COMMIT_BEFORE_BYTES = """
import threading, time
from homeport.adapters.blobs import filesystem

def keep(self):
    # The row is committed at once, the bytes come later: the order that must never be.
    sha256 = self.digests().sha256
    data, target = self.path.read_bytes(), filesystem.blob_path(self._root, sha256.hex)
    def later():
        time.sleep(0.3)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    threading.Thread(target=later, daemon=True).start()
    return sha256

filesystem.FolderIncoming.keep = keep
"""

IN_PLACE = """
import os
from homeport.adapters.blobs import filesystem

def keep(self):
    # The bytes are written where they are looked for, one after the other.
    sha256 = self.digests().sha256
    target = filesystem.blob_path(self._root, sha256.hex)
    target.parent.mkdir(parents=True, exist_ok=True)
    with self.path.open("rb") as stored, target.open("wb", buffering=0) as file:
        while chunk := stored.read(64 * 1024):
            file.write(chunk)
        os.fsync(file.fileno())
    for folder in (target.parent, target.parent.parent, self._root):
        filesystem._fsync_folder(folder)
    return sha256

filesystem.FolderIncoming.keep = keep
"""

NO_FOLDER_SYNC = """
from homeport.adapters.blobs import filesystem

# The bytes are on the disk, their name may not be.
filesystem._fsync_folder = lambda folder: None
"""

TEMPORARY_FILE_ELSEWHERE = """
import os, tempfile
from pathlib import Path
from homeport.adapters.blobs import filesystem

def new_file(self):
    # As if it were another file system, from where no link leads.
    elsewhere = self._root.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=elsewhere)
    return Path(name), os.fdopen(descriptor, "wb")

def copy_into_place(path, target, sha256):
    if not target.exists():
        with path.open("rb") as stored, target.open("wb", buffering=0) as file:
            while chunk := stored.read(64 * 1024):
                file.write(chunk)
            os.fsync(file.fileno())

filesystem.FolderBlobs._new_file = new_file
filesystem._link_into_place = copy_into_place
"""

_AFTERWARDS = """
from contextlib import contextmanager
from dataclasses import replace
from homeport.adapters.db import store

class Later:
    # A repository one of whose methods is called in a transaction of its own, when the other is over.
    def __init__(self, plain, method):
        self._plain, self._method, self.calls = plain, method, []

    def __getattr__(self, name):
        return self._put_off if name == self._method else getattr(self._plain, name)

    def _put_off(self, *arguments, **named):
        self.calls.append((arguments, named))
        return self._plain.last() + len(self.calls) if self._method == "append" else None

plain_write = store.SqlStore.write

@contextmanager
def write(self):
    with plain_write(self) as tx:
        later = Later(getattr(tx, REPOSITORY), METHOD)
        yield replace(tx, **{REPOSITORY: later})
    if later.calls:
        with plain_write(self) as tx:
            for arguments, named in later.calls:
                getattr(getattr(tx, REPOSITORY), METHOD)(*arguments, **named)

store.SqlStore.write = write
"""

CONSENT_USED_AFTERWARDS = f'REPOSITORY, METHOD = "rehosts", "use_consent"\n{_AFTERWARDS}'

ENTRY_AFTERWARDS = f'REPOSITORY, METHOD = "ledger", "append"\n{_AFTERWARDS}'

MISTAKES: Mapping[str, str] = {
    "the row is committed before the bytes are kept": COMMIT_BEFORE_BYTES,
    "the bytes are written in place": IN_PLACE,
    "no folder is synced": NO_FOLDER_SYNC,
    "a consent is used outside of the transaction": CONSENT_USED_AFTERWARDS,
    "an entry is written outside of the transaction": ENTRY_AFTERWARDS,
    "the temporary file is in another file system": TEMPORARY_FILE_ELSEWHERE,
}

BY_A_KILL: Mapping[str, tuple[str, str]] = {
    "the row is committed before the bytes are kept": ("upload", "is listed and has no bytes"),
    "the bytes are written in place": ("upload", "is the name of other bytes"),
    "a consent is used outside of the transaction": ("publish", "without a use of consent"),
    "an entry is written outside of the transaction": ("upload", "has 0 ledger entries and 1 rows"),
    "the temporary file is in another file system": ("upload", "is the name of other bytes"),
}
"""What is killed, and what the audit then says."""

OUT_OF_ORDER = (
    "the row is committed before the bytes are kept",
    "the bytes are written in place",
    "no folder is synced",
    "an entry is written outside of the transaction",
    "the temporary file is in another file system",
)
"""What is seen without a kill."""
