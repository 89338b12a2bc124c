"""What is counted once and kept for the dashboard."""

from sqlalchemy import Column, Date, Integer, String, Table

from homeport.adapters.db.schema import metadata

mode_days = Table(
    "mode_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("mode", String(16), primary_key=True),
    Column("projects", Integer, nullable=False),
)
