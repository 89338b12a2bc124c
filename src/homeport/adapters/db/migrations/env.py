"""How Alembic reaches our database: always through an engine that was handed to it."""

from alembic import context

from homeport.adapters.db.tables import metadata

engine = context.config.attributes["engine"]
with engine.execution_options(homeport_writes=True).connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
