"""``HotReads`` over dictionaries, and files in a folder of the test."""

import gzip
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from homeport.formats.accept import Form
from homeport.ports.reads import StoredFile, StoredPage

PUBLISHED = "Wed, 04 Mar 2026 05:06:07 GMT"


def stored(body: bytes, serial: int) -> StoredPage:
    """A page as rendering stores it."""
    return StoredPage(body, gzip.compress(body, mtime=0), hashlib.sha256(body).hexdigest()[:32], serial)


@dataclass
class DictReads:
    """The read port without a database."""

    pages: dict[tuple[str, Form], StoredPage] = field(default_factory=dict)
    files: dict[tuple[str, str], StoredFile] = field(default_factory=dict)
    metadata: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def page(self, normalized: str, form: Form) -> StoredPage | None:
        """See the port."""
        return self.pages.get((normalized, form))

    def project_list(self, form: Form) -> StoredPage:
        """See the port."""
        return self.pages["", form]

    def file(self, sha256: str, filename: str) -> StoredFile | None:
        """See the port."""
        return self.files.get((sha256, filename))

    def metadata_file(self, sha256: str, filename: str) -> bytes | None:
        """See the port."""
        return self.metadata.get((sha256, filename))

    def add_project(self, name: str, json: bytes, html: bytes, serial: int = 1) -> None:
        """Show a project's pages, or with ``""`` the list."""
        self.pages[name, "json"] = stored(json, serial)
        self.pages[name, "html"] = stored(html, serial)

    def add_file(self, path: Path, filename: str) -> str:
        """List the file at ``path`` under ``filename``; its sha256 is returned."""
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        self.files[sha256, filename] = StoredFile(path, len(content), PUBLISHED)
        return sha256
