"""What the hot paths ask: pages and files, ready to be sent, and who may read the private ones.

Every answer but the project list's is one indexed look-up that takes microseconds: they are asked on the event loop itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from homeport.domain.account import Caller
from homeport.domain.hosting_policy import FrozenStatus
from homeport.domain.project import Role
from homeport.formats.accept import Form
from homeport.formats.codings import Coding


class StoredPage(NamedTuple):
    """A page as it was rendered when its project last changed; a tuple, because one is made for every request.

    ``body`` is in the coding that was asked for. ``etag`` names the page in its form, whatever the coding:
    printable ASCII without quotes and commas. ``serial`` is the ledger entry of the change.
    """

    body: bytes
    etag: str
    serial: int
    is_private: bool


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A hosted file that may be downloaded now. ``published_at_http`` is its time as ``Last-Modified`` has it.

    ``path`` is where its bytes lie in the local folder, ``None`` when they lie in a bucket. ``project`` is the
    PEP 503 form of the project's name.
    """

    path: Path | None
    size_bytes: int
    published_at_http: str
    project: str
    is_private: bool


class StoredMetadata(NamedTuple):
    """The core metadata beside a file, and whose they are."""

    body: bytes
    project: str
    is_private: bool


class StoredFrozen(NamedTuple):
    """Why a file is not served, how the policy has that answered, and whose file it is."""

    reason: str
    status: FrozenStatus
    project: str
    is_private: bool


class StoredList(Protocol):
    """The whole list of projects as it was at ``serial``; it lies outside of memory."""

    @property
    def serial(self) -> int:
        """The newest ledger entry when the list was put together."""
        ...

    def length(self, coding: Coding) -> int:
        """How many bytes ``chunks`` will give."""
        ...

    def chunks(self, coding: Coding) -> Iterator[bytes]:
        """The list in pieces of bounded size; ``identity`` or ``gzip``."""
        ...


class HotReads(Protocol):
    """The look-ups behind ``/simple/`` and ``/files/``; ``None`` means there is nothing to show."""

    def stamp(self) -> object:
        """Equal to an earlier one only when nothing was committed in between; asking costs next to nothing."""
        ...

    def page(self, normalized: str, form: Form, coding: Coding) -> StoredPage | None:
        """The page of the project whose PEP 503 name is ``normalized``."""
        ...

    def serial(self) -> int:
        """The newest ledger entry, which is what the list of projects says of itself."""
        ...

    def project_list(self, form: Form) -> StoredList:
        """The list of projects as it is now; call it in a thread, it is put together after a change."""
        ...

    def file(self, sha256: str, filename: str) -> StoredFile | None:
        """The hosted file of that digest and name, unless it is frozen or its project is quarantined."""
        ...

    def metadata_file(self, sha256: str, filename: str) -> StoredMetadata | None:
        """The core metadata served beside that file (PEP 658), under the same condition."""
        ...

    def origin_record(self, sha256: str, filename: str) -> StoredMetadata | None:
        """The newest origin record of that file, under the same condition."""
        ...

    def frozen(self, sha256: str, filename: str) -> StoredFrozen | None:
        """Why the file of that digest and name is frozen; asked for only when there is nothing else to show."""
        ...

    def caller(self, token_sha256: str, at: datetime) -> Caller | None:
        """Who a token stands for, unless it has ended ``at`` this time."""
        ...

    def role(self, user_id: int, normalized: str) -> Role | None:
        """The user's role in the project."""
        ...
