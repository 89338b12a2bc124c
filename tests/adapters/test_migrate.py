"""The schema: made from nothing, the one the tables say, and append-only where it must be."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError
from tests.support.world import real_world

from homeport.adapters.db import migrate, schema
from homeport.adapters.db.connect import open_engine, open_engine_for_dbos
from homeport.adapters.db.driver import HEAD, current_revision
from homeport.adapters.db.jobs import DbosJobs
from homeport.adapters.db.migrate import upgrade
from homeport.adapters.db.store import SqlStore
from homeport.domain.errors import Unavailable
from homeport.domain.ledger import Kind

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine over an empty file."""
    engine = open_engine(f"sqlite:///{tmp_path / 'homeport.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Engine]:
    """An engine for DBOS's tables, in a file of their own, so that ours can be looked at alone."""
    engine = open_engine_for_dbos(f"sqlite:///{tmp_path / 'dbos.db'}")
    yield engine
    engine.dispose()


def test_from_nothing_to_the_newest(engine: Engine, beside: Engine, tmp_path: Path) -> None:
    """An empty database is at no revision; after the upgrade it is at the newest, and DBOS's tables are there too."""
    assert current_revision(tmp_path / "homeport.db") is None
    upgrade(engine, beside)
    assert current_revision(tmp_path / "homeport.db") == HEAD
    assert inspect(beside).has_table("workflow_status")


def is_of_the_search(name: str | None) -> bool:
    """True for the tables in which SQLite keeps its full-text index; only it knows what they should be."""
    return (name or "").startswith("project_names")


def test_the_newest_revision_is_what_the_tables_say(engine: Engine, beside: Engine) -> None:
    """Between the migrated schema and the tables in code there is no difference, types included."""
    upgrade(engine, beside)
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": lambda name, *_: not is_of_the_search(name)}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, schema.metadata) == []


def test_head_is_the_last_script() -> None:
    """``HEAD`` names the newest migration there is, and there is one line of them."""
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert scripts.get_heads() == [HEAD]


def test_twice_is_once(engine: Engine, beside: Engine) -> None:
    """An upgrade of what is up to date changes neither schema nor rows."""
    upgrade(engine, beside)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO setup_links VALUES ('a', '2026-03-04T05:06:07.891011Z')"))
        before = connection.execute(text("SELECT sql FROM sqlite_master ORDER BY name")).all()
    upgrade(engine, beside)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT sql FROM sqlite_master ORDER BY name")).all() == before
        assert connection.execute(text("SELECT count(*) FROM setup_links")).scalar() == 1


def test_one_database_holds_both(tmp_path: Path) -> None:
    """Our tables and DBOS's live side by side in one file."""
    with real_world(tmp_path) as real:
        engine = open_engine(real.database)
        names = set(inspect(engine).get_table_names())
        engine.dispose()
    assert set(schema.metadata.tables) | {"workflow_status"} <= names


@pytest.mark.parametrize("statement", ["UPDATE ledger SET body = 'x'", "DELETE FROM ledger"])
def test_the_database_itself_keeps_the_ledger(tmp_path: Path, statement: str) -> None:
    """Nobody changes or removes an entry, not even by hand: the database refuses (I-03)."""
    with real_world(tmp_path) as real:
        with real.store.write() as tx:
            tx.ledger.append(Kind.USER_ADDED, at=NOW, actor="ada", project="", details={})
        engine = open_engine(real.database)
        with pytest.raises(IntegrityError, match="the ledger is append-only"), engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()
        with real.store.read() as tx:
            assert len(list(tx.ledger.entries())) == 1


def test_a_store_without_its_schema_is_unavailable(engine: Engine, beside: Engine) -> None:
    """A store over an empty file refuses, and says what the database says."""
    store = SqlStore(engine, DbosJobs(lambda: beside))
    with pytest.raises(Unavailable, match="no such table") as refused, store.read() as tx:
        tx.users.count()
    assert refused.value.code == "database-unavailable"
