"""What administrators decided: the policy of the index, what waits for a second one of them, and freezes."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, text
from sqlalchemy.types import JSON

from homeport.adapters.db.schema import Utc, metadata, project_key, user_key

policies = Table(
    "policies",
    metadata,
    Column("revision", Integer, primary_key=True),
    # Every field as ``HostingPolicy.to_texts`` writes it.
    Column("fields", JSON, nullable=False),
    Column("by", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Utc, nullable=False),
)
proposals = Table(
    "proposals",
    metadata,
    Column("id", Integer, primary_key=True),
    # ``Deed.to_json``.
    Column("deed", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    user_key(),
    Column("asked_by", String(64), nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("end", String(16)),
    Column("ended_by", String(64)),
    Column("ended_at", Utc),
    Column("answer", Text, nullable=False),
    # What is open is few, however many there were.
    Index("ix_proposals_open", "expires_at", sqlite_where=text('"end" IS NULL')),
)
freezes = Table(
    "freezes",
    metadata,
    Column("id", Integer, primary_key=True),
    project_key(),
    Column("version", String(128), nullable=False),
    Column("version_key", String(128), nullable=False),
    # Empty when the whole release is frozen.
    Column("filename", String(255), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("ended_by", String(64)),
    Index(
        "uq_freezes_live",
        "project_id",
        "version_key",
        "filename",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
    ),
)
