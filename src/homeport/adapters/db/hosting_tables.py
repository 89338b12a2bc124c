"""Moves between hosting modes: exemptions, and the lines of the hosting log."""

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text, text

from homeport.adapters.db.schema import Utc, metadata, project_key

exemptions = Table(
    "exemptions",
    metadata,
    Column("id", Integer, primary_key=True),
    project_key(),
    Column("reason", Text, nullable=False),
    # Empty when it is older than the rule that there must be an end.
    Column("until", Date),
    Column("by", String(64), nullable=False),
    Column("at", Utc, nullable=False),
    Column("reminded", Integer),
    # ``Exemption.due_on``: what the clock asks for is one look-up, and mostly finds nothing.
    Column("due_on", Date, index=True),
    Column("ended_at", Utc),
    Column("ended_by", String(8)),
    Index("uq_exemptions_live", "project_id", unique=True, sqlite_where=text("ended_at IS NULL")),
    Index(None, "project_id", "id"),
    # Those that hold, by their end.
    Index("ix_exemptions_live_until", "until", "project_id", sqlite_where=text("ended_at IS NULL")),
)
# What the ledger tells of hosting, kept beside it, for nobody reads millions of entries to find a few.
hosting_log = Table(
    "hosting_log",
    metadata,
    Column("serial", Integer, primary_key=True, autoincrement=False),
    project_key(),
    Column("at", Utc, nullable=False),
    Column("event", String(24), nullable=False),
    Column("source", String(16), nullable=False),
    Column("target", String(16), nullable=False),
    Column("mover", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", Date),
    Index(None, "project_id", "serial"),
    Index(None, "at"),
)
