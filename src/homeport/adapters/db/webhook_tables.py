"""Webhooks, what they are told, and the receivers by which forges tell us."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
    true,
)

from homeport.adapters.db.schema import Utc, metadata, project_key

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed", String(8), nullable=False, index=True),
    Column("project_id", ForeignKey("projects.id"), index=True),
    Column("user_id", ForeignKey("users.id"), index=True),
    Column("url", Text, nullable=False),
    Column("events", JSON, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", Utc, nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    # The secret before it, and until when that one counts, too.
    Column("old_sealed_secret", LargeBinary),
    Column("both_until", Utc),
    Column("cursor", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Utc),
    Column("rests_until", Utc),
    Column("disabled_at", Utc),
    Column("disabled_why", Text, nullable=False),
    # By an administrator, which its owners cannot undo.
    Column("stopped_at", Utc),
    Column("stopped_by", String(64)),
    Column("stopped_why", Text),
    Index(None, "both_until", sqlite_where=text("both_until IS NOT NULL")),
)
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("webhook_id", ForeignKey("webhooks.id"), nullable=False),
    Column("event", String(40), nullable=False),
    Column("serial", Integer, nullable=False),
    Column("at", Utc, nullable=False, index=True),
    Column("due_at", Utc),
    Column("tries", Integer, nullable=False),
    Column("first_tried_at", Utc),
    Column("tried_at", Utc),
    Column("taken_at", Utc),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("problem", Text, nullable=False),
    Column("took_ms", Integer, nullable=False),
    # Of older rows nobody knows where they went: they count as inner.
    Column("is_inner", Boolean, nullable=False, server_default=true()),
    Index(None, "webhook_id", "id"),
    Index(None, "webhook_id", "due_at"),
    Index(
        "uq_webhook_deliveries_serial", "webhook_id", "serial", unique=True, sqlite_where=text("serial > 0")
    ),
)
receivers = Table(
    "receivers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(32), nullable=False, unique=True),
    project_key(),
    Column("forge", String(8), nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", Utc, nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("old_sealed_secret", LargeBinary),
    Column("both_until", Utc),
    Column("stopped_at", Utc),
    Column("stopped_by", String(64)),
    Column("stopped_why", Text),
    Index(None, "project_id"),
    Index(None, "both_until", sqlite_where=text("both_until IS NOT NULL")),
)
receptions = Table(
    "receptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("receiver_id", ForeignKey("receivers.id"), nullable=False),
    Column("event", String(40), nullable=False),
    Column("at", Utc, nullable=False, index=True),
    Column("status", Integer, nullable=False),
    Column("said", Text, nullable=False),
    Column("rehost_id", Integer),
    Index(None, "receiver_id", "id"),
)
# What was acted upon: the digests of a delivery's id and of its body.
reception_marks = Table(
    "reception_marks",
    metadata,
    Column("receiver_id", ForeignKey("receivers.id"), primary_key=True),
    Column("mark", String(64), primary_key=True),
    Column("at", Utc, nullable=False, index=True),
)
