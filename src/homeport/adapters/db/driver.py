"""The SQLite driver itself: which one, which file, and the little that is asked before anything large is imported.

SQLite 3.51.3 or newer is wanted: older ones can corrupt a write-ahead log when two connections reset it at once.
The standard library's driver is used where it is new enough, else ``pysqlite3``, which brings its own.
"""

import os
import sqlite3
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from homeport.adapters.db import moments
from homeport.domain.errors import Invalid, Unavailable

OLDEST_SQLITE = (3, 51, 3)
BUSY_SECONDS = 30
# The newest migration; a database at this revision needs nothing before it is used.
HEAD = "0016"
# The fact by which a copy that somebody plays with is known (``copy``).
REHEARSAL = "rehearsal"
_URL = "sqlite:///"


def sqlite_driver() -> ModuleType:
    """The first SQLite driver that is new enough, or ``Unavailable`` with the versions found."""
    found = [("the standard library's sqlite3", sqlite3)]
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        pass
    else:
        found.append(("pysqlite3", dbapi2))
    for _, driver in found:
        if driver.sqlite_version_info >= OLDEST_SQLITE:
            return driver
    versions = ", ".join(f"{name} has {driver.sqlite_version}" for name, driver in found)
    wanted = ".".join(map(str, OLDEST_SQLITE))
    raise Unavailable(
        f"SQLite {wanted} or newer is needed, because older ones can corrupt a write-ahead log; {versions}. "
        "Install pysqlite3 0.6 or newer into this environment.",
        code="sqlite-too-old",
    )


def sqlite_file(url: str) -> Path:
    """The file an ``sqlite:///…`` URL names, or ``Invalid``."""
    path = url.removeprefix(_URL)
    if path == url or not path or path.startswith(":") or "?" in path:
        shown = url.partition("@")[2] or url
        raise Invalid(
            f"HOMEPORT_DATABASE_URL is {shown[:80]!r}: this version keeps its data in an SQLite file; "
            "write sqlite:///path/to/homeport.db.",
            code="database-url",
        )
    return Path(path)


def connect_raw(file: Path) -> Any:
    """A read-only connection of the plain driver, for the hot look-ups."""
    connection = sqlite_driver().connect(
        f"{file.absolute().as_uri()}?mode=ro",
        uri=True,
        check_same_thread=False,
        isolation_level=None,
        cached_statements=64,
    )
    connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    # As much as SQLite was built to map: what is mapped is read without a call, however large the database is.
    connection.execute(f"PRAGMA mmap_size={1 << 40}")
    return connection


def ensure_file(file: Path) -> None:
    """Make an empty database where there is none, which nobody but its user reads (T-29).

    It will hold the secrets of second factors, and digests of passwords and tokens. Its log, which SQLite makes beside it, is
    readable by the same.
    """
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise _unusable(file, error) from error


def current_revision(file: Path) -> str | None:
    """The revision the database is at, ``None`` when there is none yet."""
    if not file.exists():
        return None
    return _ask(file, "SELECT version_num FROM alembic_version")


def current_rendering(file: Path) -> int:
    """The version by which every stored page was rendered; 0 when there is none."""
    return int(_ask(file, "SELECT value FROM facts WHERE name = 'rendering'") or 0)


def is_rehearsal(file: Path) -> bool:
    """True for a copy in which something was rehearsed, whose days may be days to come."""
    return file.exists() and _ask(file, f"SELECT value FROM facts WHERE name = '{REHEARSAL}'") is not None  # noqa: S608 - our own word


def newest_moment(file: Path) -> datetime | None:
    """When the newest entry of the ledger was written, ``None`` before there is any."""
    if not file.exists():
        return None
    at = _ask(file, "SELECT json_extract(CAST(body AS TEXT), '$.at') FROM ledger ORDER BY seq DESC LIMIT 1")
    return moments.from_text(at) if at else None


def has_administrator(file: Path) -> bool:
    """True when somebody administers the index."""
    return _ask(file, "SELECT name FROM users WHERE is_admin LIMIT 1") is not None


def _ask(file: Path, query: str) -> str | None:
    driver = sqlite_driver()
    try:
        connection = connect_raw(file)
        try:
            row = connection.execute(query).fetchone()
        finally:
            connection.close()
    except driver.OperationalError as error:
        if "no such table" in str(error):
            return None
        raise _unusable(file, error) from error
    except driver.DatabaseError as error:
        raise _unusable(file, error) from error
    return None if row is None or row[0] is None else str(row[0])


def _unusable(file: Path, error: Exception) -> Unavailable:
    return Unavailable(
        f"The database {file} cannot be used ({error}). Check HOMEPORT_HOME or HOMEPORT_DATABASE_URL, and the "
        "permissions of the folder.",
        code="database-unavailable",
    )
