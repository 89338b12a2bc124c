"""An index of an older schema, as its people left it, and the next start of it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import ColumnClause, Connection, column, text
from sqlalchemy import insert as sql_insert
from sqlalchemy import table as sql_table
from sqlalchemy.types import JSON

from homeport.adapters.db import migrate
from homeport.adapters.db.connect import open_engine
from homeport.domain.ledger import Entry
from homeport.ports.store import Transaction
from homeport.settings import Settings, read_settings
from homeport.wiring import open_world, prepare


def settings_in(folder: Path) -> Settings:
    """Settings of an index below ``folder``."""
    return read_settings({"HOMEPORT_HOME": str(folder)}, folder)


@contextmanager
def old_index(settings: Settings, revision: str) -> Iterator[Connection]:
    """A new database of the schema ``revision``, to write rows into."""
    engine = open_engine(settings.store.database_url)
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    config.attributes["engine"] = engine
    command.upgrade(config, revision)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def insert(connection: Connection, table: str, *rows: dict[str, Any]) -> None:
    """Write rows as the old schema had them, of which no code knows any more; a list is written as JSON."""
    for row in rows:
        columns: list[ColumnClause[Any]] = [
            column(name, JSON) if isinstance(value, list) else column(name) for name, value in row.items()
        ]
        connection.execute(sql_insert(sql_table(table, *columns)).values(row))


def insert_entries(connection: Connection, entries: Iterable[Entry]) -> None:
    """Write these into the ledger; nobody counts its links."""
    for entry in entries:
        connection.execute(
            text("INSERT INTO ledger VALUES (:seq, :body, 'a', 'b')"),
            {"seq": entry.seq, "body": entry.to_bytes()},
        )


@contextmanager
def next_start(settings: Settings) -> Iterator[Transaction]:
    """The index after its next start."""
    prepare(settings)
    with open_world(settings).store.write() as tx:
        yield tx
