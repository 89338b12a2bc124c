"""The look-ups behind ``/simple/`` and ``/files/``: one prepared statement each, on a connection of their own.

SQLAlchemy costs several times the look-up itself, so these four ask the driver (measured by ``make bench``).
Every statement is its own read transaction: what was committed before the request began is seen by it.
"""

from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from homeport.adapters.blobs.filesystem import blob_path
from homeport.adapters.db.driver import connect_raw
from homeport.adapters.db.moments import from_text
from homeport.formats.accept import Form
from homeport.ports.reads import StoredFile, StoredPage

_PAGE = "SELECT body, gzipped, etag, serial FROM pages WHERE normalized = ? AND form = ?"
_FILE = (
    "SELECT f.size_bytes, f.published_at FROM files f JOIN projects p ON p.id = f.project_id "
    "WHERE f.sha256 = ? AND f.filename = ? AND p.status != 'quarantined'"
)
_METADATA = (
    "SELECT f.metadata_file FROM files f JOIN projects p ON p.id = f.project_id "
    "WHERE f.sha256 = ? AND f.filename = ? AND p.status != 'quarantined'"
)


class SqliteHotReads:
    """``ports.reads.HotReads`` over one read-only connection; use it from one thread."""

    def __init__(self, database: Path, blobs: Path) -> None:
        self._connection: Any = connect_raw(database)
        self._blobs = blobs

    def page(self, normalized: str, form: Form) -> StoredPage | None:
        """See the port."""
        row = self._connection.execute(_PAGE, (normalized, form)).fetchone()
        return StoredPage(*row) if row else None

    def project_list(self, form: Form) -> StoredPage:
        """See the port."""
        page = self.page("", form)
        if page is None:
            raise AssertionError("the project list is rendered when the database is made")
        return page

    def file(self, sha256: str, filename: str) -> StoredFile | None:
        """See the port."""
        row = self._connection.execute(_FILE, (sha256, filename)).fetchone()
        if row is None:
            return None
        return StoredFile(blob_path(self._blobs, sha256), row[0], _http_date(from_text(row[1])))

    def metadata_file(self, sha256: str, filename: str) -> bytes | None:
        """See the port."""
        row = self._connection.execute(_METADATA, (sha256, filename)).fetchone()
        return row[0] if row else None


def _http_date(moment: datetime) -> str:
    return format_datetime(moment.replace(microsecond=0), usegmt=True)
