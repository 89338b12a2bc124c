"""The stamp of the last commit: it changes with every one of any process, and takes nothing from SQLite."""

import fcntl
import gc
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from homeport.adapters.db.driver import connect_raw, sqlite_driver
from homeport.adapters.db.wal_changes import WalChanges

# SQLite locks this byte of the index for as long as it uses it ("dead man's switch", os_unix.c).
_IN_USE_BYTE = 128
_LOCK = "hhqqi4x"
_ELSEWHERE = """
import sys
from homeport.adapters.db.driver import sqlite_driver
connection = sqlite_driver().connect(sys.argv[1], isolation_level=None, timeout=10)
for query in sys.argv[2:]:
    print(connection.execute(query).fetchone())
"""
_IS_IN_USE = f"""
import fcntl, os, struct, sys
wanted = struct.pack({_LOCK!r}, fcntl.F_WRLCK, os.SEEK_SET, {_IN_USE_BYTE}, 1, 0)
with open(sys.argv[1] + "-shm", "r+b") as index:
    found = struct.unpack({_LOCK!r}, fcntl.fcntl(index, fcntl.F_GETLK, wanted))
print(found[0] != fcntl.F_UNLCK)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with a table."""
    file = tmp_path / "some.db"
    connection = sqlite_driver().connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("CREATE TABLE numbers (number INTEGER)")
    connection.close()
    return file


@pytest.fixture
def writer(database: Path) -> Iterator[Any]:
    """A connection of this process that writes."""
    connection = sqlite_driver().connect(database, isolation_level=None)
    yield connection
    connection.close()


@pytest.fixture
def changes(database: Path, writer: Any) -> Iterator[WalChanges]:
    """The stamps of the database."""
    connection = connect_raw(database)
    yield WalChanges(connection, database)
    connection.close()


def elsewhere(database: Path, *queries: str) -> list[str]:
    """What another process is answered."""
    return _run(_ELSEWHERE, str(database), *queries).splitlines()


def _run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def is_in_use(database: Path) -> bool:
    """True when other processes see that this one uses the index."""
    return _run(_IS_IN_USE, str(database)) == "True\n"


def test_every_commit_changes_the_stamp(changes: WalChanges, writer: Any) -> None:
    """No two of many commits have the same stamp, also while the log is written back and begun anew."""
    stamps = [changes.stamp()]
    for number in range(50):
        writer.execute("INSERT INTO numbers VALUES (?)", (number,))
        stamps.append(changes.stamp())
        if number % 20 == 19:
            writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert len(set(stamps)) == len(stamps)


def test_what_commits_nothing_changes_nothing(changes: WalChanges, writer: Any) -> None:
    """Reads, and writes that are taken back, leave the stamp as it was."""
    writer.execute("INSERT INTO numbers VALUES (1)")
    before = changes.stamp()
    writer.execute("SELECT count(*) FROM numbers").fetchone()
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO numbers VALUES (2)")
    assert changes.stamp() == before
    writer.execute("ROLLBACK")
    assert changes.stamp() == before


def test_a_commit_of_another_process_is_seen(database: Path, changes: WalChanges) -> None:
    """What another process committed has changed the stamp when that process is told so."""
    before = changes.stamp()
    assert elsewhere(database, "SELECT count(*) FROM numbers") == ["(0,)"]
    assert changes.stamp() == before
    elsewhere(database, "INSERT INTO numbers VALUES (1)")
    assert changes.stamp() != before


def test_sqlite_keeps_its_locks(database: Path, writer: Any) -> None:
    """Neither making nor dropping stamps takes a lock from SQLite's connections: others see the index in use."""
    connection = connect_raw(database)
    connection.execute("SELECT count(*) FROM numbers").fetchone()
    assert is_in_use(database)
    changes = WalChanges(connection, database)
    assert is_in_use(database)
    del changes
    gc.collect()
    assert is_in_use(database)
    connection.close()


def test_a_process_that_comes_leaves_the_index_to_those_who_use_it(
    database: Path, changes: WalChanges, writer: Any
) -> None:
    """While a write is under way another process opens the database: it reads what was, and the write goes on."""
    for number in range(200):
        writer.execute("INSERT INTO numbers VALUES (?)", (number,))
    size, before = Path(f"{database}-shm").stat().st_size, changes.stamp()
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO numbers VALUES (1000)")
    assert elsewhere(database, "SELECT count(*) FROM numbers") == ["(200,)"]
    assert Path(f"{database}-shm").stat().st_size == size
    assert changes.stamp() == before
    writer.execute("COMMIT")
    assert changes.stamp() != before
    asked = ("SELECT count(*) FROM numbers", "PRAGMA integrity_check")
    assert elsewhere(database, *asked) == ["(201,)", "('ok',)"]


def test_another_journal_has_no_stamps(tmp_path: Path) -> None:
    """A database without a write-ahead log is not one of ours."""
    file = tmp_path / "other.db"
    connection = sqlite_driver().connect(file, isolation_level=None)
    connection.execute("CREATE TABLE numbers (number INTEGER)")
    with pytest.raises(AssertionError, match="not in WAL mode"):
        WalChanges(connection, file)
    connection.close()


def test_the_probe_sees_no_lock_where_there_is_none(database: Path) -> None:
    """The question these tests ask of the system has two answers."""
    Path(f"{database}-shm").write_bytes(bytes(32768))
    assert not is_in_use(database)
    assert struct.calcsize(_LOCK) >= 24
    assert fcntl.F_WRLCK != fcntl.F_UNLCK
