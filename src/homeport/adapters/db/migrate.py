"""The schema: made and brought up to date by Alembic, and DBOS's own tables beside it in the same database.

What is imported here is large: a start-up that has nothing to migrate does not import this module.
"""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from dbos import DBOSClient
from sqlalchemy import Engine

from homeport.domain.errors import Unavailable

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, dbos_engine: Engine) -> None:
    """Bring both schemas up to date, or ``Unavailable`` when the database is one of a later version, or of another program."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["engine"] = engine
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Unavailable(
            f"The database {engine.url.database} has a schema that this version does not know ({error}). Use the version "
            "of homeport that made it, or another HOMEPORT_HOME.",
            code="database-unknown",
        ) from error
    _upgrade_dbos(dbos_engine)


def _upgrade_dbos(engine: Engine) -> None:
    logging.getLogger("dbos").setLevel(logging.WARNING)
    client = DBOSClient(system_database_engine=engine, lazy=True)
    # The client has no public call that migrates an engine it was given; the worker's launch does the same.
    client._sys_db.run_migrations()  # noqa: SLF001
    client.destroy()
