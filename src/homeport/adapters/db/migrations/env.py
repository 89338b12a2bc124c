"""How Alembic reaches our database: always through an engine that was handed to it."""

from alembic import context

from homeport.adapters.db import outside_tables, staging_tables, tables, webhook_tables  # noqa: F401 - they fill the collection below
from homeport.adapters.db.schema import metadata

engine = context.config.attributes["engine"]
with engine.execution_options(homeport_writes="FULL").connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
