"""The schema: made and brought up to date by Alembic, and DBOS's own tables beside it in the same database.

What is imported here is large: a start-up that has nothing to migrate does not import this module.
"""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from dbos import DBOSClient
from sqlalchemy import Engine

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, dbos_engine: Engine) -> None:
    """Bring both schemas up to date; nothing happens when they are."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["engine"] = engine
    command.upgrade(config, "head")
    _upgrade_dbos(dbos_engine)


def _upgrade_dbos(engine: Engine) -> None:
    logging.getLogger("dbos").setLevel(logging.WARNING)
    client = DBOSClient(system_database_engine=engine, lazy=True)
    # The client has no public call that migrates an engine it was given; the worker's launch does the same.
    client._sys_db.run_migrations()  # noqa: SLF001
    client.destroy()
