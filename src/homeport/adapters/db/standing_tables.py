"""Standing consents, and what changed them."""

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from homeport.adapters.db.schema import Utc, metadata, project_key

standing_consents = Table(
    "standing_consents",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("given_by", String(64), nullable=False),
    Column("hosts", JSON, nullable=False),
    Column("patterns", JSON, nullable=False),
    Column("given_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("paths", JSON, nullable=False),
    Column("reminded", Integer),
    Column("withdrawn_at", Utc),
    # ``StandingConsent.due_on``: what the clock asks for is one look-up, and mostly finds nothing.
    Column("due_on", Date, index=True),
)
# What the ledger tells of standing consents, kept beside it, for nobody reads millions of entries to find a few.
standing_lines = Table(
    "standing_lines",
    metadata,
    Column("serial", Integer, primary_key=True, autoincrement=False),
    project_key(),
    Column("at", Utc, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("by", String(64), nullable=False),
    Column("hosts", JSON, nullable=False),
    Column("paths", JSON, nullable=False),
    Column("patterns", JSON, nullable=False),
    Column("until", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Index(None, "project_id", "serial"),
)
