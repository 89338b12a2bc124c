"""The look-ups behind ``/simple/`` and ``/files/``: one prepared statement each, on a connection of their own.

SQLAlchemy costs several times the look-up itself, so these ask the driver (measured by ``make bench``).
Every statement is its own read transaction: what was committed before the request began is seen by it.
"""

import json
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from homeport.adapters.blobs.filesystem import blob_path
from homeport.adapters.db.driver import connect_raw
from homeport.adapters.db.held_roles import HELD_ROLES, IS_ABLE, RANK, role_of_rank
from homeport.adapters.db.moments import from_text, to_text
from homeport.adapters.db.project_lists import ProjectLists
from homeport.adapters.db.wal_changes import WalChanges
from homeport.domain.account import Caller, Scope, Token, User
from homeport.domain.hosting_policy import FrozenStatus
from homeport.domain.project import Role
from homeport.formats.accept import Form
from homeport.formats.codings import Coding
from homeport.ports.reads import StoredFile, StoredFrozen, StoredList, StoredMetadata, StoredPage

_PAGE = "SELECT body, etag, serial, is_private FROM pages WHERE normalized = ? AND form = ? AND coding = ?"
_SERIAL = "SELECT max(seq) FROM ledger"
_FILE = (
    "SELECT f.size_bytes, f.published_at, p.normalized, p.is_private FROM files f JOIN projects p ON p.id = f.project_id "
    "WHERE f.sha256 = ? AND f.filename = ? AND p.status != 'quarantined' AND f.freeze_id IS NULL ORDER BY p.is_private"
)
_METADATA = (
    "SELECT f.metadata_file, p.normalized, p.is_private FROM files f JOIN projects p ON p.id = f.project_id "
    "WHERE f.sha256 = ? AND f.filename = ? AND p.status != 'quarantined' AND f.freeze_id IS NULL AND f.metadata_file IS NOT NULL "
    "ORDER BY p.is_private"
)
_ORIGIN = (
    "SELECT o.record, p.normalized, p.is_private FROM files f JOIN projects p ON p.id = f.project_id "
    "JOIN origins o ON o.project_id = f.project_id AND o.filename = f.filename AND o.sha256 = f.sha256 "
    "WHERE f.sha256 = ? AND f.filename = ? AND p.status != 'quarantined' AND f.freeze_id IS NULL ORDER BY p.is_private, o.id DESC"
)
_FROZEN = (
    "SELECT p.normalized, p.is_private, z.reason, "
    "(SELECT json_extract(fields, '$.frozen_status') FROM policies ORDER BY revision DESC LIMIT 1) "
    "FROM files f JOIN projects p ON p.id = f.project_id JOIN freezes z ON z.id = f.freeze_id "
    "WHERE f.sha256 = ? AND f.filename = ? AND p.status != 'quarantined' ORDER BY p.is_private"
)
_HOLDER = (
    "SELECT t.id, t.scopes, t.projects, t.created_at, t.expires_at, t.label, t.last_used_at, "
    "u.id, u.name, u.email, u.is_admin, u.email_verified_at IS NOT NULL FROM tokens t JOIN users u ON u.id = t.user_id "
    "WHERE t.text_sha256 = ? AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?) "
    "AND u.disabled_at IS NULL"
)
_ROLE = (
    f"SELECT min({RANK}) FROM ({HELD_ROLES}) AS held "  # noqa: S608 - all parts are our own text
    f"WHERE user_id = ? AND project_id = (SELECT id FROM projects WHERE normalized = ?) AND {IS_ABLE}"
)


class SqliteHotReads:
    """``ports.reads.HotReads`` over one read-only connection; use it from one thread."""

    def __init__(self, database: Path, blobs: Path) -> None:
        self._connection: Any = connect_raw(database)
        self._lists = ProjectLists(database)
        self._changes = WalChanges(self._connection, database)
        self._blobs = blobs

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()
        self._lists.close()

    def stamp(self) -> object:
        """See the port."""
        return self._changes.stamp()

    def page(self, normalized: str, form: Form, coding: Coding) -> StoredPage | None:
        """See the port."""
        row = self._connection.execute(_PAGE, (normalized, form, coding)).fetchone()
        if row is None:
            return None
        body, etag, serial, is_private = row
        return StoredPage(body, etag, serial, bool(is_private))

    def serial(self) -> int:
        """See the port."""
        return self._connection.execute(_SERIAL).fetchone()[0] or 0

    def project_list(self, form: Form) -> StoredList:
        """See the port."""
        return self._lists.newest(form)

    def file(self, sha256: str, filename: str) -> StoredFile | None:
        """See the port."""
        row = self._connection.execute(_FILE, (sha256, filename)).fetchone()
        if row is None:
            return None
        size_bytes, published_at, project, is_private = row
        date = _http_date(from_text(published_at))
        return StoredFile(blob_path(self._blobs, sha256), size_bytes, date, project, bool(is_private))

    def metadata_file(self, sha256: str, filename: str) -> StoredMetadata | None:
        """See the port."""
        row = self._connection.execute(_METADATA, (sha256, filename)).fetchone()
        if row is None:
            return None
        body, project, is_private = row
        return StoredMetadata(body, project, bool(is_private))

    def origin_record(self, sha256: str, filename: str) -> StoredMetadata | None:
        """See the port."""
        row = self._connection.execute(_ORIGIN, (sha256, filename)).fetchone()
        if row is None:
            return None
        body, project, is_private = row
        return StoredMetadata(bytes(body), project, bool(is_private))

    def frozen(self, sha256: str, filename: str) -> StoredFrozen | None:
        """See the port."""
        row = self._connection.execute(_FROZEN, (sha256, filename)).fetchone()
        if row is None:
            return None
        project, is_private, reason, status = row
        return StoredFrozen(
            reason, FrozenStatus(int(status or FrozenStatus.NOT_FOUND)), project, bool(is_private)
        )

    def caller(self, token_sha256: str, at: datetime) -> Caller | None:
        """See the port."""
        row = self._connection.execute(_HOLDER, (token_sha256, to_text(at))).fetchone()
        if row is None:
            return None
        token_id, scopes, projects, created_at, expires_at, label, last_used_at, *person = row
        user_id, name, email, is_admin, is_verified = person
        token = Token(
            token_id,
            name,
            frozenset(map(Scope, json.loads(scopes))),
            frozenset(json.loads(projects)),
            from_text(created_at),
            from_text(expires_at) if expires_at else None,
            label,
            from_text(last_used_at) if last_used_at else None,
        )
        return Caller(User(user_id, name, email, bool(is_admin), bool(is_verified)), token)

    def role(self, user_id: int, normalized: str) -> Role | None:
        """See the port."""
        return role_of_rank(self._connection.execute(_ROLE, (user_id, normalized)).fetchone()[0])


def _http_date(moment: datetime) -> str:
    return format_datetime(moment.replace(microsecond=0), usegmt=True)
