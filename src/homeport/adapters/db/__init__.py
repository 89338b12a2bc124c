"""The database: SQLAlchemy Core tables and hand-written repositories."""
