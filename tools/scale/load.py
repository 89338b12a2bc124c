"""Millions of rows into a database that the product made: fast, because nobody else is there and nothing is promised.

1. The schema, its triggers and its constraints stay as they are. Indexes that are no constraints are dropped, and made
   again at the end by the words of the schema itself.
2. While it goes on nothing survives a crash: a database that was not finished is thrown away.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.scale.rows import (
    FILE_COLUMNS,
    LEDGER_COLUMNS,
    PROJECT_COLUMNS,
    RELEASE_COLUMNS,
    ROLE_COLUMNS,
    USER_COLUMNS,
    Numbering,
    Row,
    Rows,
)
from tools.scale.shapes import SHAPES

from homeport.adapters.db.driver import sqlite_driver
from homeport.formats.accept import Form
from homeport.formats.codings import Coding

PAGE_COLUMNS = ("normalized", "form", "coding", "etag", "serial", "is_private", "body")
Model = Sequence[tuple[Form, Coding, str, bytes]]
# Told of a step: its name, and how many rows of how many are written.
Told = Callable[[str, int, int], None]

_CACHE_KIB = 3_000_000
_TELL_EVERY = 20_000
_PRAGMAS = (
    "locking_mode=EXCLUSIVE",
    "journal_mode=OFF",
    "synchronous=OFF",
    "foreign_keys=OFF",
    f"cache_size=-{_CACHE_KIB}",
)


@contextmanager
def loading(database: Path) -> Iterator[Any]:
    """The only connection to ``database``, without its secondary indexes; afterwards it is as it was, and fuller."""
    connection = sqlite_driver().connect(database, isolation_level=None)
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        made = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        )
        indexes = made.fetchall()
        connection.execute("BEGIN")
        for name, _ in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        yield connection
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute("COMMIT")
        connection.execute("PRAGMA locking_mode=NORMAL").fetchall()
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
    finally:
        connection.close()


def numbering(connection: Any) -> Numbering:
    """Where the rows of the database end now."""
    (user,) = connection.execute("SELECT coalesce(max(id), 0) FROM users").fetchone()
    seq, previous = connection.execute(
        "SELECT seq, chain_hash FROM ledger ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    return Numbering(user + 1, seq + 1, previous)


def load_rows(connection: Any, rows: Rows, told: Told) -> None:
    """Everything but the pages."""
    projects = len(rows.names)
    steps: tuple[tuple[str, Sequence[str], Iterable[Row], int], ...] = (
        ("users", USER_COLUMNS, rows.user_rows(), rows.users),
        ("projects", PROJECT_COLUMNS, rows.project_rows(), projects),
        ("roles", ROLE_COLUMNS, rows.role_rows(), projects),
        ("ledger", LEDGER_COLUMNS, rows.ledger_rows(), rows.users + 3 * projects),
        ("releases", RELEASE_COLUMNS, rows.release_rows(), rows.releases),
        ("files", FILE_COLUMNS, rows.file_rows(), rows.files),
    )
    for table, columns, made, count in steps:
        insert(connection, table, columns, _telling(made, table, count, told))
    connection.execute(
        "UPDATE facts SET value = (SELECT sum(size_bytes) FROM projects) WHERE name = 'files_bytes'"
    )


def load_pages(connection: Any, rows: Rows, models: Sequence[Model], told: Told) -> None:
    """The pages of the model of every project's shape, under the project's name."""
    pages = (
        (name.normalized, form, coding, etag, serial, 0, body)
        for number, (name, serial) in enumerate(zip(rows.names, rows.serials(), strict=True))
        for form, coding, etag, body in models[number % SHAPES]
    )
    insert(
        connection, "pages", PAGE_COLUMNS, _telling(pages, "pages", len(rows.names) * len(models[0]), told)
    )


def read_models(database: Path, rows: Rows) -> Sequence[Model]:
    """The pages of a small index, by shape: the product rendered them."""
    connection = sqlite_driver().connect(database)
    try:
        wanted = "SELECT form, coding, etag, body FROM pages WHERE normalized = ?"
        return [connection.execute(wanted, (name.normalized,)).fetchall() for name in rows.names[:SHAPES]]
    finally:
        connection.close()


def insert(connection: Any, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows of these columns."""
    places = ", ".join("?" * len(columns))
    # Names of ours, no text from outside.
    connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)  # noqa: S608


def _telling(rows: Iterable[Row], step: str, count: int, told: Told) -> Iterator[Row]:
    done = 0
    for done, row in enumerate(rows, 1):
        if done % _TELL_EVERY == 0:
            told(step, done, count)
        yield row
    told(step, done, count)
