"""Stages: releases that are put together before any of their files is public (PEP 694)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)
from sqlalchemy.types import JSON

from homeport.adapters.db.schema import Utc, metadata, user_key

stages = Table(
    "stages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(32), nullable=False, unique=True),
    # As it is: it opens nothing but what it names, and its holders are told it again and again.
    Column("secret", String(64), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("normalized", String(128), nullable=False),
    Column("version", String(128), nullable=False),
    user_key(),
    Column("state", String(16), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("problems", JSON, nullable=False),
    Column("publisher_id", ForeignKey("users.id")),
    Column("publisher_token_id", Integer),
    Index("ix_stages_normalized_state", "normalized", "state"),
    Index("ix_stages_state_expires_at", "state", "expires_at"),
)
staged_files = Table(
    "staged_files",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("stage_id", ForeignKey("stages.id"), nullable=False, index=True),
    Column("filename", String(255), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("hashes", JSON, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("changed_at", Utc, nullable=False),
    Column("sha256", String(64), index=True),
    Column("blake2b_256", String(64)),
    Column("md5", String(32)),
    Column("is_own", Boolean, nullable=False),
    Column("attestations", Text, nullable=False),
    Column("notices", JSON, nullable=False),
    # What inspection read out of it: set when it is completed.
    Column("metadata", JSON),
    Column("findings", JSON),
    Column("metadata_file", LargeBinary),
    Column("description_html", Text),
)
