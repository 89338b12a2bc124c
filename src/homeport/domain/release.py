"""Files: hosted ones, and external links that are only listed.

1. A hosted file's name and bytes never change (I-04); a hosted file is never replaced by a link (I-06).
2. An external link appears in JSON only when its size and sha256 are known (design §2).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from homeport.domain.digests import Digests, Sha256
from homeport.domain.names import FileKind, ReleaseVersion


class Origin(StrEnum):
    """How a hosted file came to us."""

    UPLOAD = "upload"
    REHOST = "rehost"


@dataclass(frozen=True)
class HostedFile:
    """A release file whose bytes this index holds. ``project`` is in PEP 503 form, times are UTC.

    ``metadata_sha256`` is set when the file's core metadata is served beside it (PEP 658).
    ``yanked`` is ``None``, or the reason, which may be empty (PEP 592). A frozen one is told of to nobody who installs.
    """

    project: str
    version: ReleaseVersion
    filename: str
    kind: FileKind
    size_bytes: int
    digests: Digests
    published_at: datetime
    origin: Origin
    requires_python: str = ""
    metadata_sha256: Sha256 | None = None
    yanked: str | None = None
    is_legacy: bool = False
    is_frozen: bool = False


@dataclass(frozen=True)
class ExternalLink:
    """A release file known by URL only. ``found_on`` is the page that named it."""

    project: str
    version: ReleaseVersion
    filename: str
    url: str
    found_on: str
    size_bytes: int | None = None
    sha256: Sha256 | None = None
    requires_python: str = ""
