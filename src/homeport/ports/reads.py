"""What the hot paths ask: pages and files, ready to be sent.

Every answer is one indexed look-up that takes microseconds: they are asked on the event loop itself.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from homeport.formats.accept import Form


class StoredPage(NamedTuple):
    """A page as it was rendered when its project last changed; a tuple, because one is made for every request.

    ``etag`` names these bytes in their form: printable ASCII without quotes and commas. ``gzipped`` is ``body``
    compressed. ``serial`` is the ledger entry of the change.
    """

    body: bytes
    gzipped: bytes
    etag: str
    serial: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A hosted file that may be downloaded now. ``published_at_http`` is its time as ``Last-Modified`` has it.

    ``path`` is where its bytes lie in the local folder, ``None`` when they lie in a bucket.
    """

    path: Path | None
    size_bytes: int
    published_at_http: str


class HotReads(Protocol):
    """The look-ups behind ``/simple/`` and ``/files/``; ``None`` means there is nothing to show."""

    def page(self, normalized: str, form: Form) -> StoredPage | None:
        """The page of the project whose PEP 503 name is ``normalized``."""
        ...

    def project_list(self, form: Form) -> StoredPage:
        """The list of projects; there always is one."""
        ...

    def file(self, sha256: str, filename: str) -> StoredFile | None:
        """The hosted file of that digest and name, unless its project is quarantined."""
        ...

    def metadata_file(self, sha256: str, filename: str) -> bytes | None:
        """The core metadata served beside that file (PEP 658), under the same condition."""
        ...
