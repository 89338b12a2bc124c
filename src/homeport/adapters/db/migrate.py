"""The schema: made and brought up to date by Alembic, and DBOS's own tables beside it in the same database."""

import logging
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError

from homeport.domain.errors import Unavailable

HEAD = "0001"
_SCRIPTS = Path(__file__).parent / "migrations"


def current_revision(engine: Engine) -> str | None:
    """The revision the database is at, ``None`` for an empty one."""
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except OperationalError as error:
        raise Unavailable(
            f"The database {engine.url.database} cannot be opened ({error.orig}). Check HOMEPORT_HOME or "
            "HOMEPORT_DATABASE_URL and the folder's permissions.",
            code="database-unavailable",
        ) from error


def is_current(engine: Engine) -> bool:
    """True when the schema is the one this version was written for."""
    return current_revision(engine) == HEAD


def upgrade(engine: Engine, dbos_engine: Engine) -> None:
    """Bring both schemas up to date; nothing happens when they are."""
    # Alembic is imported late: a start-up that has nothing to migrate does not pay for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["engine"] = engine
    command.upgrade(config, "head")
    _upgrade_dbos(dbos_engine)


def _upgrade_dbos(engine: Engine) -> None:
    from dbos import DBOSClient

    logging.getLogger("dbos").setLevel(logging.WARNING)
    client = DBOSClient(system_database_engine=engine, lazy=True)
    # The client has no public call that migrates an engine it was given; the worker's launch does the same.
    client._sys_db.run_migrations()  # noqa: SLF001
    client.destroy()
