"""Engines over SQLite, set up so that what was acknowledged survives.

WAL, ``synchronous=FULL``, foreign keys on, one writer: a write transaction takes the lock when it begins, so it never
fails half-way for want of it. What was said to be written lightly (``homeport_writes``) is ``NORMAL``.
"""

from typing import Any

from sqlalchemy import Engine, create_engine, event

from homeport.adapters.db.driver import BUSY_SECONDS, sqlite_driver, sqlite_file

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}")


def open_engine(url: str, *, is_copy: bool = False) -> Engine:
    """An engine for our own tables; transactions begin as ``BEGIN`` or, for writers, ``BEGIN IMMEDIATE``.

    A copy that is made anew after a crash waits for no disk.
    """
    engine = _engine(url, isolation_level=None)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # The driver's own transaction control is off (isolation_level None): the lock is taken here.
        synchronous = connection.get_execution_options().get("homeport_writes")
        if synchronous is None:
            connection.exec_driver_sql("BEGIN")
            return
        # In WAL mode NORMAL commits without waiting for the disk; the next FULL commit makes it durable, too.
        connection.exec_driver_sql(f"PRAGMA synchronous={'OFF' if is_copy else synchronous}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def open_engine_for_dbos(url: str) -> Engine:
    """An engine as DBOS sets up its own for SQLite: the driver begins IMMEDIATE transactions by itself."""
    return _engine(url, isolation_level="IMMEDIATE")


def _engine(url: str, *, isolation_level: str | None) -> Engine:
    engine = create_engine(
        f"sqlite:///{sqlite_file(url)}",
        module=sqlite_driver(),
        # The text of an error is logged; what a row says of people, and of their secrets, is not (T-29).
        hide_parameters=True,
        pool_size=16,
        max_overflow=16,
        pool_timeout=BUSY_SECONDS,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.isolation_level = isolation_level

    return engine
