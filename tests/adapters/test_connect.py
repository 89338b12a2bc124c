"""Connections to SQLite: which driver, which file, how they are set up, and what is asked before anything else."""

import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError
from tests.support.world import add_person, real_world

from homeport.adapters.db.connect import open_engine, open_engine_for_dbos
from homeport.adapters.db.driver import (
    HEAD,
    OLDEST_SQLITE,
    connect_raw,
    current_revision,
    has_administrator,
    sqlite_driver,
    sqlite_file,
)
from homeport.domain.errors import Invalid, Unavailable

NEW, OLD = OLDEST_SQLITE, (3, 51, 2)


def have(monkeypatch: pytest.MonkeyPatch, standard: tuple[int, ...], own: tuple[int, ...]) -> None:
    """Let the standard library's driver and pysqlite3 be of these versions."""
    for driver, version in ((sqlite3, standard), (dbapi2, own)):
        monkeypatch.setattr(driver, "sqlite_version_info", version)
        monkeypatch.setattr(driver, "sqlite_version", ".".join(map(str, version)))


def test_a_new_standard_driver_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The standard library's driver is taken where its SQLite is new enough."""
    have(monkeypatch, NEW, NEW)
    assert sqlite_driver() is sqlite3


def test_pysqlite3_takes_the_place_of_an_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the standard library's SQLite is too old, pysqlite3 is taken."""
    have(monkeypatch, OLD, NEW)
    assert sqlite_driver() is dbapi2


def test_old_drivers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """When every driver is too old the refusal names what was found, what is wanted and what to do."""
    have(monkeypatch, OLD, (3, 40, 1))
    with pytest.raises(Unavailable) as refused:
        sqlite_driver()
    assert refused.value.code == "sqlite-too-old"
    assert refused.value.sentence == (
        "SQLite 3.51.3 or newer is needed, because older ones can corrupt a write-ahead log; the standard library's "
        "sqlite3 has 3.51.2, pysqlite3 has 3.40.1. Install pysqlite3 0.6 or newer into this environment."
    )


def test_pysqlite3_may_be_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pysqlite3 the refusal speaks of the standard driver alone."""
    have(monkeypatch, OLD, NEW)
    monkeypatch.setitem(sys.modules, "pysqlite3", None)
    with pytest.raises(Unavailable) as refused:
        sqlite_driver()
    assert "sqlite3 has 3.51.2. Install" in refused.value.sentence


@pytest.mark.parametrize(
    ("url", "path"), [("sqlite:///homeport.db", "homeport.db"), ("sqlite:////var/lib/h.db", "/var/lib/h.db")]
)
def test_a_url_names_a_file(url: str, path: str) -> None:
    """Three slashes make a relative path, four an absolute one."""
    assert sqlite_file(url) == Path(path)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "homeport.db",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://u:p4ssword@db.test/h",
        "oracle:///x",
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    """What names no SQLite file is refused with an example, and without a password that stood in it."""
    with pytest.raises(Invalid, match="write sqlite:///path/to/") as refused:
        sqlite_file(url)
    assert refused.value.code == "database-url"
    assert "p4ssword" not in refused.value.sentence


@pytest.mark.parametrize("opener", [open_engine, open_engine_for_dbos])
def test_every_connection_is_set_up_to_last(tmp_path: Path, opener: Callable[[str], Engine]) -> None:
    """WAL, synchronous=FULL (2), foreign keys and a patience of 30 seconds hold on every connection."""
    engine = opener(f"sqlite:///{tmp_path / 'h.db'}")
    asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    for _ in range(2):
        with engine.connect() as connection:
            values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
        assert values == ["wal", 2, 1, 30_000]
        engine.dispose()


def test_a_second_writer_waits_and_sees_the_first(tmp_path: Path) -> None:
    """A write transaction takes the lock when it begins; the next one waits for it, and reads what it wrote."""
    engine = open_engine(f"sqlite:///{tmp_path / 'h.db'}")
    writing = engine.execution_options(homeport_writes=True)
    with writing.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
    order: list[str] = []

    def second() -> None:
        with writing.begin() as connection:
            count = connection.execute(text("SELECT count(*) FROM t")).scalar()
            order.append(f"second sees {count}")

    with writing.begin() as connection:
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.2)
        connection.execute(text("INSERT INTO t VALUES (1)"))
        order.append("first ends")
    thread.join(10)
    engine.dispose()
    assert order == ["first ends", "second sees 1"]


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    """While somebody writes, readers go on with what was committed."""
    engine = open_engine(f"sqlite:///{tmp_path / 'h.db'}")
    writing = engine.execution_options(homeport_writes=True)
    with writing.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
    with writing.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
        with engine.begin() as reader:
            assert reader.execute(text("SELECT count(*) FROM t")).scalar() == 0
    engine.dispose()


def test_the_raw_connection_only_reads(tmp_path: Path) -> None:
    """The connection of the hot look-ups sees what is committed, and cannot write."""
    file = tmp_path / "h.db"
    engine = open_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
    raw = connect_raw(file)
    assert raw.execute("SELECT count(*) FROM t").fetchone() == (0,)
    with pytest.raises(sqlite_driver().OperationalError, match="readonly"):
        raw.execute("INSERT INTO t VALUES (1)")
    raw.close()
    engine.dispose()


def test_foreign_keys_are_kept(tmp_path: Path) -> None:
    """A row that names another one that is not there is refused by the database."""
    engine = open_engine(f"sqlite:///{tmp_path / 'h.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE a (id INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE b (a INTEGER REFERENCES a (id))"))
    with pytest.raises(Exception, match="FOREIGN KEY"), engine.begin() as connection:
        connection.execute(text("INSERT INTO b VALUES (1)"))
    engine.dispose()


@pytest.mark.parametrize("opener", [open_engine, open_engine_for_dbos])
def test_an_error_tells_nothing_of_a_row(tmp_path: Path, opener: Callable[[str], Engine]) -> None:
    """What is logged of a statement that failed is the statement, and not what it was to write."""
    engine = opener(f"sqlite:///{tmp_path / 'h.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE a (email TEXT CHECK (email = ''))"))
    with pytest.raises(IntegrityError, match="INSERT INTO a") as failed, engine.begin() as connection:
        connection.execute(text("INSERT INTO a VALUES (:email)"), {"email": "ada@example.org"})
    engine.dispose()
    assert "ada@" not in str(failed.value)


def test_a_folder_that_is_not_there_is_an_operational_error(tmp_path: Path) -> None:
    """Nothing makes folders behind one's back: the store turns this into a refusal."""
    engine = open_engine(f"sqlite:///{tmp_path / 'absent' / 'h.db'}")
    with pytest.raises(OperationalError), engine.begin():
        pass


def test_a_start_asks_for_revision_and_administrator(tmp_path: Path) -> None:
    """Without a database there is no revision; a migrated one is at the newest, and tells when somebody administers it."""
    assert current_revision(tmp_path / "absent.db") is None
    with real_world(tmp_path) as real:
        file = sqlite_file(real.database)
        assert current_revision(file) == HEAD
        assert not has_administrator(file)
        add_person(real.world, "ada")
        assert not has_administrator(file)
        add_person(real.world, "root", is_admin=True)
        assert has_administrator(file)


def test_a_database_without_tables_has_no_revision(tmp_path: Path) -> None:
    """A file that nobody migrated yet is at no revision."""
    file = tmp_path / "empty.db"
    file.touch()
    assert current_revision(file) is None


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    """A file of other bytes, or a folder, is refused with the settings to look at."""
    other = tmp_path / "other.db"
    other.write_bytes(b"These bytes are no database at all, and there are enough of them. " * 20)
    for place in (other, tmp_path):
        with pytest.raises(Unavailable, match="Check HOMEPORT_HOME or HOMEPORT_DATABASE_URL") as refused:
            current_revision(place)
        assert refused.value.code == "database-unavailable"
