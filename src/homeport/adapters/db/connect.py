"""Connections to SQLite, set up so that what was acknowledged survives.

1. SQLite 3.51.3 or newer: older ones can corrupt a write-ahead log when two connections reset it at once.
   The standard library's driver is used where it is new enough, else ``pysqlite3``, which brings its own.
2. WAL, ``synchronous=FULL``, foreign keys on, one writer: a write transaction takes the lock when it begins,
   so it never fails half-way for want of it.
"""

import sqlite3
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from homeport.domain.errors import Invalid, Unavailable

OLDEST_SQLITE = (3, 51, 3)
BUSY_SECONDS = 30


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
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Invalid(
            f"HOMEPORT_DATABASE_URL is {url[:80]!r}: write sqlite:///path/to/homeport.db.",
            code="database-url",
        ) from None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise Invalid(
            f"HOMEPORT_DATABASE_URL is {parsed.render_as_string(hide_password=True)!r}: this version keeps its data in an "
            "SQLite file; write sqlite:///path/to/homeport.db.",
            code="database-url",
        )
    return Path(parsed.database)


def open_engine(url: str) -> Engine:
    """An engine for our own tables; transactions begin as ``BEGIN`` or, for writers, ``BEGIN IMMEDIATE``."""
    engine = _engine(url, isolation_level=None)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # The driver's own transaction control is off (isolation_level None): the lock is taken here.
        writes = connection.get_execution_options().get("homeport_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def open_engine_for_dbos(url: str) -> Engine:
    """An engine as DBOS sets up its own for SQLite: the driver begins IMMEDIATE transactions by itself."""
    return _engine(url, isolation_level="IMMEDIATE")


def connect_raw(file: Path) -> Any:
    """A read-only connection of the plain driver, for the hot look-ups."""
    connection = sqlite_driver().connect(
        f"file:{file}?mode=ro", uri=True, check_same_thread=False, isolation_level=None, cached_statements=64
    )
    connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA mmap_size=268435456")
    return connection


def _engine(url: str, *, isolation_level: str | None) -> Engine:
    file = sqlite_file(url)
    driver = sqlite_driver()
    engine = create_engine(
        f"sqlite:///{file}",
        module=driver,
        pool_size=16,
        max_overflow=16,
        pool_timeout=BUSY_SECONDS,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.isolation_level = isolation_level

    return engine
